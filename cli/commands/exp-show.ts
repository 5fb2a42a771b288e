import { defineCommand } from '../command.ts';
import { printStudy } from '../output/study.ts';

export const command = defineCommand({
  name: 'exp show',
  summary: 'Show a study: its trials, best first, and its front',
  description:
    'The best trials with what they changed; of two objectives the front, too. --json has every trial with its commit and pictures, and the best so far after each.',
  examples: [
    ['By its name', 'cwf exp show portrait-1'],
    ['Every trial as data', 'cwf exp show portrait-1 --json'],
  ],
  paged: true,
  args: { study: { description: 'name of the study', required: true } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { shownStudy } = await import('../../src/porcelain/exp.ts');
    const { studyReport } = await import('../../src/porcelain/study-report.ts');
    const out = await shownStudy(ctx, args.study);
    io.result('cwf.exp.show/1', await studyReport(ctx, out), () => printStudy(io, out));
  },
});
