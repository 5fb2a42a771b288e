import type { Json } from '../../src/base/json.ts';
import type { ChangeFault } from '../../src/porcelain/change-faults.ts';
import type { Conflict } from '../../src/porcelain/conflict-list.ts';
import type { NumberedConflict } from '../../src/porcelain/conflicts.ts';
import type { MergeOp } from '../../src/porcelain/merge-state.ts';
import type { Io } from '../io.ts';
import { count } from './commits.ts';
import { clip, safe } from './safe.ts';

/** Prints the decisions a merge leaves open, file by file, with their numbers. */
export function printConflicts(io: Io, op: MergeOp, conflicts: readonly Conflict[]): void {
  const { color } = io;
  io.print(color.red(`${count(conflicts.length, 'conflict')}; no file was changed:`));
  printList(io, numbered(conflicts));
  io.note(
    io.dryRun
      ? `hint: without --dry-run the ${op} would wait for these decisions`
      : `hint: choose with \`cwf resolve <number> --ours|--theirs|--base|--value <json>\`, then \`cwf ${op} --continue\`; or \`cwf ${op} --abort\``,
  );
}

/** Says which errors a merge brings. */
export function noteFaults(io: Io, faults: readonly ChangeFault[]): void {
  for (const { file, severity, text } of faults)
    if (severity === 'error') io.note(`warning: ${safe(file)}: this is an error then: ${safe(text)}`);
}

/** One line per conflict, with what was chosen. */
export function printList(io: Io, conflicts: readonly NumberedConflict[]): void {
  const { color } = io;
  let file = '';
  for (const conflict of conflicts) {
    if (conflict.file !== file) io.print(`  ${color.bold(safe(conflict.file))}`);
    file = conflict.file;
    const { number, resolution, text } = conflict;
    const mark = resolution === undefined ? color.red('!') : color.green('=');
    const choice = resolution === undefined ? '' : color.green(` -> ${choiceText(resolution)}`);
    io.print(`    ${color.dim(String(number).padStart(2))} ${mark} ${clip(text, 200)}${choice}`);
  }
}

function numbered(conflicts: readonly Conflict[]): NumberedConflict[] {
  return conflicts.map((conflict, i) => ({ number: i + 1, ...conflict }));
}

function choiceText(resolution: { take: string } | { value: Json }): string {
  return 'take' in resolution ? resolution.take : clip(JSON.stringify(resolution.value, wide) ?? '', 60);
}

function wide(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
