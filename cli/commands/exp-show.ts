import { defineCommand } from '../command.ts';
import { printStudy, studyJson } from '../output/study.ts';

export const command = defineCommand({
  name: 'exp show',
  summary: 'Show a study: its trials, best first, and its front',
  description:
    'The best trials with what they changed; of two objectives the front, too. --json has every trial with its commit.',
  examples: [
    ['By its name', 'cwf exp show portrait-1'],
    ['Every trial as data', 'cwf exp show portrait-1 --json'],
  ],
  paged: true,
  args: { study: { description: 'name of the study', required: true } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { expShow } = await import('../../src/porcelain/exp.ts');
    const out = await expShow.run(ctx, args);
    io.result('cwf.exp.show/1', studyJson(out), () => printStudy(io, out));
  },
});
