import type { MergeOp } from '../../src/porcelain/merge-state.ts';
import type { Pick1 } from '../../src/porcelain/pick.ts';
import type { Io } from '../io.ts';
import { printChanges } from './changes.ts';
import { short } from './commits.ts';
import { printConflicts } from './conflicts.ts';
import { safe } from './safe.ts';

/** Prints what became of each commit that was taken back or repeated. */
export function printPicks(io: Io, op: Exclude<MergeOp, 'merge'>, picks: readonly Pick1[]): void {
  const { color } = io;
  const verb = op === 'revert' ? 'reverts' : 'picks';
  for (const pick of picks) {
    if (pick.kind === 'conflict') {
      io.print(`${color.yellow(short(pick.of))} ${safe(pick.subject)}`);
      printConflicts(io, op, pick.conflicts);
    } else if (pick.kind === 'empty') {
      io.print(`${color.yellow(short(pick.of))} ${safe(pick.subject)}: nothing to do`);
    } else {
      io.print(
        `${color.yellow(pick.oid ? short(pick.oid) : 'would commit')} ${color.dim(verb)} ${short(pick.of)} ${safe(pick.subject)}`,
      );
      printChanges(io, pick.files, { most: 8 });
    }
  }
}
