import { defineCommand } from '../command.ts';
import { printVerdict } from '../output/review.ts';

export const command = defineCommand({
  name: 'review approve',
  summary: 'Approve a proposal as it is now',
  description:
    'An approval is of the commit that is the head now: a later push makes it stale. Only that of a person counts, and not of their own proposal.',
  examples: [['As it is now', 'cwf review approve 3f9a -m "softer, as asked"']],
  mutates: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  flags: { message: { type: 'string', char: 'm', value: 'text', description: 'a word to it' } },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { reviewApprove } = await import('../../src/porcelain/review-say.ts');
    const text = flags.message ?? io.reason;
    const out = await reviewApprove.run(ctx, { proposal: args.proposal, text, dryRun: io.dryRun });
    io.result('cwf.review.approve/1', out, () => printVerdict(io, out));
  },
});
