import type { Conflict } from '../../src/porcelain/merge-trees.ts';
import type { Io } from '../io.ts';
import { count } from './commits.ts';
import { clip, safe } from './safe.ts';

/** Prints the decisions a merge leaves open, file by file, and what to do about them. */
export function printConflicts(io: Io, conflicts: readonly Conflict[], next: string): void {
  const { color } = io;
  io.print(color.red(`${count(conflicts.length, 'conflict')}; nothing was changed:`));
  let file = '';
  for (const conflict of conflicts) {
    if (conflict.file !== file) io.print(`  ${color.bold(safe(conflict.file))}`);
    file = conflict.file;
    io.print(`    ${color.red('!')} ${clip(conflict.text, 200)}`);
  }
  io.note(`hint: ${next}`);
}
