import { defineCommand } from '../command.ts';
import { printComparison } from '../output/study-list.ts';

export const command = defineCommand({
  name: 'exp compare',
  summary: 'Compare two trials of a study',
  description: 'The values of both, and the parameters that differ. `cwf diff` shows the workflows themselves.',
  examples: [['The base and another one', 'cwf exp compare portrait-1/0 portrait-1/7']],
  args: {
    a: { description: 'trial: <study>/<number>', required: true },
    b: { description: 'another one; its number is enough', required: true },
  },
  async run({ args }, io) {
    const ctx = await io.open();
    const { expCompare } = await import('../../src/porcelain/exp.ts');
    const out = await expCompare.run(ctx, args);
    io.result('cwf.exp.compare/1', out, () => printComparison(io, out));
  },
});
