import { defineCommand } from '../command.ts';
import { printPicks } from '../output/picks.ts';
import { checkWaiting, endWaiting, WAITING_FLAGS } from '../waiting.ts';

export const command = defineCommand({
  name: 'cherry-pick',
  summary: 'Repeat the edits of a commit here',
  description:
    'Repeats what a commit changed on top of this branch, with its author and message. Where that meets another change of the same value no file is changed, the exit code is 4, and it waits until each decision is made with `cwf resolve`.',
  examples: [
    ['Bring one edit over', 'cwf cherry-pick trial/flux~1'],
    ['Two commits', 'cwf cherry-pick 1a2b3c4d 5e6f7a8b'],
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
    checkWaiting('cherry-pick', flags, args.commits.length > 0, 'commits');
    if (args.commits.length === 0) return endWaiting(io, 'cherry-pick', flags);
    const ctx = await io.open();
    const { cherryPick } = await import('../../src/porcelain/pick.ts');
    const { mainline, favor, strict: isStrict } = flags;
    const out = await cherryPick.run(ctx, {
      revs: args.commits,
      mainline,
      favor,
      isStrict,
      reason: io.reason,
      dryRun: io.dryRun,
    });
    io.result('cwf.cherry-pick/1', out, () => printPicks(io, 'cherry-pick', out.picks));
    return out.picks.some(({ kind }) => kind === 'conflict') ? 4 : undefined;
  },
});
