import { defineCommand } from '../command.ts';
import { printPicks } from '../output/picks.ts';

export const command = defineCommand({
  name: 'cherry-pick',
  summary: 'Repeat the edits of a commit here',
  description:
    'Repeats what a commit changed on top of this branch, with its author and message. Where that meets another change of the same value nothing is written and the exit code is 4.',
  examples: [
    ['Bring one edit over', 'cwf cherry-pick trial/flux~1'],
    ['Two commits', 'cwf cherry-pick 1a2b3c4d 5e6f7a8b'],
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
    const { cherryPick } = await import('../../src/porcelain/pick.ts');
    const { mainline, favor } = flags;
    const out = await cherryPick.run(ctx, {
      revs: args.commits,
      mainline,
      favor,
      reason: io.reason,
      dryRun: io.dryRun,
    });
    return printPicks(io, 'cwf.cherry-pick/1', out);
  },
});
