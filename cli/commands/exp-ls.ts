import { defineCommand } from '../command.ts';
import { printStudies } from '../output/study-list.ts';

export const command = defineCommand({
  name: 'exp ls',
  summary: 'List the studies',
  description: 'The latest first, with how each stands and its best trial. A study whose process died is interrupted.',
  examples: [
    ['All of them', 'cwf exp ls'],
    ['As data', 'cwf exp ls --json'],
  ],
  paged: true,
  async run(_, io) {
    const ctx = await io.open();
    const { expLs } = await import('../../src/porcelain/exp.ts');
    const out = await expLs.run(ctx, {});
    io.result('cwf.exp.ls/1', out, () => printStudies(io, out.studies));
  },
});
