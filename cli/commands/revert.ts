import { defineCommand } from '../command.ts';
import { printPicks } from '../output/picks.ts';
import { checkWaiting, endWaiting, WAITING_FLAGS } from '../waiting.ts';

export const command = defineCommand({
  name: 'revert',
  summary: 'Take back the edits of a commit',
  description:
    'Takes back what one past commit changed and keeps what came later. Where a later edit touched the same value no file is changed, the exit code is 4, and it waits until each decision is made with `cwf resolve`.',
  examples: [
    ['Take back one commit', 'cwf revert 1a2b3c4d'],
    ['Take back a merge, keeping the first side', 'cwf revert HEAD -m 1'],
  ],
  mutates: true,
  args: { commits: { description: 'commits', multiple: true, complete: 'revision' } },
  flags: {
    mainline: {
      type: 'integer',
      char: 'm',
      min: 1,
      description: 'of a merge: the parent that counts as what was before',
    },
    favor: { type: 'string', char: 'X', options: ['ours', 'theirs'], description: 'side that wins a conflict' },
    ...WAITING_FLAGS,
  },
  async run({ args, flags }, io) {
    checkWaiting('revert', flags, args.commits.length > 0, 'commits');
    if (args.commits.length === 0) return endWaiting(io, 'revert', flags);
    const ctx = await io.open();
    const { revert } = await import('../../src/porcelain/pick.ts');
    const { mainline, favor, strict: isStrict } = flags;
    const out = await revert.run(ctx, {
      revs: args.commits,
      mainline,
      favor,
      isStrict,
      reason: io.reason,
      dryRun: io.dryRun,
    });
    io.result('cwf.revert/1', out, () => printPicks(io, 'revert', out.picks));
    return out.picks.some(({ kind }) => kind === 'conflict') ? 4 : undefined;
  },
});
