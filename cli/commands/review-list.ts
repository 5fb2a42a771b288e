import { defineCommand } from '../command.ts';
import { printProposals } from '../output/review.ts';

export const command = defineCommand({
  name: 'review list',
  summary: 'List proposals',
  examples: [
    ['Those that are open', 'cwf review list'],
    ['Merged and rejected ones, too', 'cwf review list --all'],
  ],
  paged: true,
  flags: { all: { type: 'boolean', char: 'a', description: 'also those that are over' } },
  async run({ flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { reviewList } = await import('../../src/porcelain/review.ts');
    const out = await reviewList.run(ctx, { all: flags.all });
    io.result('cwf.review.list/1', out, () => printProposals(io, out.proposals, flags.all));
  },
});
