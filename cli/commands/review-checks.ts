import { defineCommand } from '../command.ts';
import { printChecks } from '../output/review.ts';

export const command = defineCommand({
  name: 'review checks',
  summary: 'Check a proposal, and note what came of it',
  description:
    'validate: faults that its base has not. reach: hosted nodes that cost money, code that ComfyUI does not ship, downloads, programs, addresses in values. The result is noted with a digest of what was judged; a merge never relies on a note, and checks anew. The exit code is 3 where a check fails.',
  examples: [['Of one proposal', 'cwf review checks 3f9a']],
  mutates: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { reviewChecks } = await import('../../src/porcelain/review-say.ts');
    const out = await reviewChecks.run(ctx, { proposal: args.proposal, dryRun: io.dryRun });
    io.result('cwf.review.checks/1', out, () => printChecks(io, out, out.demand));
    return out.results.some(({ state }) => state === 'fail') ? 3 : undefined;
  },
});
