import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { branchName, short } from '../output/commits.ts';
import { noteFaults, printConflicts } from '../output/conflicts.ts';
import { safe } from '../output/safe.ts';
import { checkWaiting, endWaiting, WAITING_FLAGS } from '../waiting.ts';

export const command = defineCommand({
  name: 'merge',
  summary: 'Join another branch into this one',
  description:
    'Merges node by node: edits of different values never conflict. With a conflict no file is changed: the open decisions are listed, the exit code is 4, and the merge waits until each is made with `cwf resolve`.',
  examples: [
    ['Take in the main branch', 'cwf merge main'],
    ['Where both changed one value, take theirs', 'cwf merge trial/flux -X theirs'],
    ['After `cwf resolve`', 'cwf merge --continue'],
  ],
  mutates: true,
  args: { rev: { description: 'branch or commit', complete: 'revision' } },
  flags: {
    message: { type: 'string', char: 'm', value: 'text', description: 'message of the merge commit' },
    favor: { type: 'string', char: 'X', options: ['ours', 'theirs'], description: 'side that wins a conflict' },
    'no-ff': { type: 'boolean', description: 'make a merge commit even where the branch could just move forward' },
    'ff-only': { type: 'boolean', description: 'only move forward, never make a merge commit' },
    check: { type: 'boolean', description: 'refuse a result with errors that this branch does not have' },
    ...WAITING_FLAGS,
  },
  async run({ args, flags }, io) {
    if (flags['no-ff'] && flags['ff-only']) {
      throw new CwfError('USAGE', { command: 'merge', reason: '--no-ff and --ff-only exclude each other' });
    }
    checkWaiting('merge', flags, args.rev !== undefined, 'rev');
    if (args.rev === undefined) return endWaiting(io, 'merge', flags, flags);
    const ctx = await io.open();
    const { merge } = await import('../../src/porcelain/merge.ts');
    const out = await merge.run(ctx, {
      rev: args.rev,
      message: flags.message,
      reason: io.reason,
      favor: flags.favor,
      isStrict: flags.strict,
      fastForward: flags['no-ff'] ? 'no' : flags['ff-only'] ? 'only' : undefined,
      check: flags.check,
      dryRun: io.dryRun,
    });
    io.result('cwf.merge/1', out, () => {
      if (out.kind === 'conflict') {
        printConflicts(io, 'merge', out.conflicts);
        return;
      }
      const words = { 'up-to-date': 'Already up to date', 'fast-forward': 'Moved forward to', merged: 'Merged as' };
      const name = out.kind === 'up-to-date' ? '' : ` ${io.color.yellow(out.oid ? short(out.oid) : '(not written)')}`;
      io.print(`${words[out.kind]}${name} ${io.color.dim(`on ${safe(branchName(out.branch))}`)}`);
      printChanges(io, out.files, { most: 8 });
    });
    for (const note of out.notes) io.note(safe(note));
    noteFaults(io, out.faults ?? []);
    return out.kind === 'conflict' ? 4 : undefined;
  },
});
