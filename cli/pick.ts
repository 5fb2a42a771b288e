import type { ArgSpecs, FlagSpecs, Input } from './command.ts';
import type { Io } from './io.ts';
import { printPicks } from './output/picks.ts';
import { checkWaiting, endWaiting, WAITING_FLAGS } from './waiting.ts';

/** What `revert` and `cherry-pick` take. */
export const PICK_ARGS = {
  commits: { description: 'commits', multiple: true, complete: 'revision' },
} as const satisfies ArgSpecs;

export const PICK_FLAGS = {
  mainline: {
    type: 'integer',
    char: 'm',
    min: 1,
    description: 'of a merge: the parent that counts as what was before',
  },
  favor: { type: 'string', char: 'X', options: ['ours', 'theirs'], description: 'side that wins a conflict' },
  ...WAITING_FLAGS,
} as const satisfies FlagSpecs;

/** Runs `revert` or `cherry-pick`; returns the exit code. */
export async function runPick(
  op: 'revert' | 'cherry-pick',
  { args, flags }: Input<typeof PICK_ARGS, typeof PICK_FLAGS>,
  io: Io,
): Promise<number | undefined> {
  checkWaiting(op, flags, args.commits.length > 0, 'commits');
  if (args.commits.length === 0) return endWaiting(io, op, flags);
  const ctx = await io.open();
  const { cherryPick, revert } = await import('../src/porcelain/pick.ts');
  const { mainline, favor, strict: isStrict } = flags;
  const input = { revs: args.commits, mainline, favor, isStrict, reason: io.reason, dryRun: io.dryRun };
  const out = await (op === 'revert' ? revert : cherryPick).run(ctx, input);
  io.result(`cwf.${op}/1`, out, () => printPicks(io, op, out.picks));
  return out.picks.some(({ kind }) => kind === 'conflict') ? 4 : undefined;
}
