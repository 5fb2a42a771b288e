import { defineCommand } from '../command.ts';
import { printWhy } from '../output/study-list.ts';

export const command = defineCommand({
  name: 'exp explain',
  summary: 'Explain which changes made the best trial of a study good',
  description:
    'For each objective the changes of its best trial against the base, with the estimated effect of each alone, how sure that is, and what the estimate rests on.',
  examples: [['Why it won', 'cwf exp explain portrait-1']],
  paged: true,
  args: { study: { description: 'name of the study', required: true } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { expExplain } = await import('../../src/porcelain/exp.ts');
    const out = await expExplain.run(ctx, args);
    io.result('cwf.exp.explain/1', out, () => printWhy(io, out));
  },
});
