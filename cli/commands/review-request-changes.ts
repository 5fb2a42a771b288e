import { defineCommand } from '../command.ts';
import { printVerdict } from '../output/review.ts';

export const command = defineCommand({
  name: 'review request-changes',
  summary: 'Ask for changes before a proposal is merged',
  description: 'It is not merged before you approve it. What an agent asks for is advice, and keeps nobody.',
  examples: [['With what is missing', 'cwf review request-changes 3f9a -m "keep the old seed"']],
  mutates: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  flags: { message: { type: 'string', char: 'm', value: 'text', description: 'what is to be changed' } },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { reviewRequestChanges } = await import('../../src/porcelain/review-say.ts');
    const text = flags.message ?? io.reason;
    const out = await reviewRequestChanges.run(ctx, { proposal: args.proposal, text, dryRun: io.dryRun });
    io.result('cwf.review.request-changes/1', out, () => printVerdict(io, out));
  },
});
