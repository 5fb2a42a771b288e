import { defineCommand } from '../command.ts';
import { printVerdict } from '../output/review.ts';

export const command = defineCommand({
  name: 'review reject',
  summary: 'Close a proposal without merging it',
  description:
    'Its commits, comments and ref stay, and cwf undo opens it again. An agent may reject its own proposals.',
  examples: [['With the reason', 'cwf review reject 3f9a -m "no longer needed"']],
  mutates: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  flags: { message: { type: 'string', char: 'm', value: 'text', description: 'why' } },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { reviewReject } = await import('../../src/porcelain/review-say.ts');
    const text = flags.message ?? io.reason;
    const out = await reviewReject.run(ctx, { proposal: args.proposal, text, dryRun: io.dryRun });
    io.result('cwf.review.reject/1', out, () => printVerdict(io, out));
  },
});
