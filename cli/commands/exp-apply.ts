import { defineCommand } from '../command.ts';
import { printPicks } from '../output/picks.ts';

export const command = defineCommand({
  name: 'exp apply',
  summary: 'Take the edits of a trial into the current branch',
  description:
    'As `cwf cherry-pick` of its commit: one commit more, and the working file with it. Where the branch has changed the same value since, that is a conflict to be decided.',
  examples: [
    ['The winner', 'cwf exp apply portrait-1/7'],
    ['What would change', 'cwf exp apply portrait-1/7 --dry-run'],
  ],
  mutates: true,
  args: { trial: { description: 'trial: <study>/<number>', required: true } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { expApply } = await import('../../src/porcelain/exp-change.ts');
    const out = await expApply.run(ctx, {
      ...args,
      ...(io.reason === undefined ? {} : { reason: io.reason }),
      dryRun: io.dryRun,
    });
    io.result('cwf.exp.apply/1', out, () => printPicks(io, 'cherry-pick', out.picks));
    return out.picks.some(({ kind }) => kind === 'conflict') ? 4 : undefined;
  },
});
