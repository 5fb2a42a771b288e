import { defineCommand } from '../command.ts';
import { printPicks } from '../output/picks.ts';

export const command = defineCommand({
  name: 'revert',
  summary: 'Take back the edits of a commit',
  description:
    'Takes back what one past commit changed and keeps what came later. Where a later edit touched the same value nothing is written and the exit code is 4.',
  examples: [
    ['Take back one commit', 'cwf revert 1a2b3c4d'],
    ['Take back a merge, keeping the first side', 'cwf revert HEAD -m 1'],
  ],
  mutates: true,
  args: { commits: { description: 'commits', required: true, multiple: true, complete: 'revision' } },
  flags: {
    mainline: {
      type: 'integer',
      char: 'm',
      min: 1,
      description: 'of a merge: the parent that counts as what was before',
    },
    favor: { type: 'string', char: 'X', options: ['ours', 'theirs'], description: 'side that wins a conflict' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { revert } = await import('../../src/porcelain/pick.ts');
    const { mainline, favor } = flags;
    const out = await revert.run(ctx, { revs: args.commits, mainline, favor, reason: io.reason, dryRun: io.dryRun });
    return printPicks(io, 'cwf.revert/1', out);
  },
});
