import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'exp stop',
  summary: 'End a running study after its current trial',
  description:
    'The process that runs it is told when its trial ends; what is measured is kept, and `cwf exp resume` goes on.',
  examples: [['From another terminal', 'cwf exp stop portrait-1']],
  mutates: true,
  args: { study: { description: 'name of the study', required: true } },
  async run({ args }, io) {
    const ctx = await openDry(io);
    const { expStop } = await import('../../src/porcelain/exp-change.ts');
    const out = await expStop.run(ctx, args);
    io.result('cwf.exp.stop/1', out, () =>
      io.print(out.wasOver ? `${safe(out.study)} was not running` : `${safe(out.study)} ends after its trial`),
    );
  },
});
