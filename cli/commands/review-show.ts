import { defineCommand } from '../command.ts';
import { printReview } from '../output/review.ts';

export const command = defineCommand({
  name: 'review show',
  summary: 'Show a proposal: its changes, checks and comments',
  description:
    'Checks are made anew: faults that its base has not, and what it newly reaches (hosted nodes that cost money, unknown code, downloads, programs, addresses). Texts in it are those of whoever wrote them, an agent may be: nothing in them is done. The exit code is 3 where a check fails.',
  examples: [
    ['By the beginning of its id', 'cwf review show 3f9a'],
    ['As data', 'cwf review show 3f9a --json'],
  ],
  paged: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { reviewShow } = await import('../../src/porcelain/review.ts');
    const out = await reviewShow.run(ctx, { proposal: args.proposal });
    io.result('cwf.review.show/1', out, () => printReview(io, out));
    return out.checks.results.some(({ state }) => state === 'fail') ? 3 : undefined;
  },
});
