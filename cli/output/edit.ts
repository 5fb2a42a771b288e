import type { RecordedEdit } from '../../src/porcelain/record-edit.ts';
import type { Io } from '../io.ts';
import { printChanges } from './changes.ts';
import { branchName, short } from './commits.ts';
import { safe } from './safe.ts';

/** Prints the commit of an edit, or what it would be, and its changes. */
export function printRecorded(io: Io, out: RecordedEdit): void {
  if (io.mode === 'porcelain') {
    io.print(out.oid ?? '');
    return;
  }
  const { color } = io;
  const name = out.oid === undefined ? 'would commit' : short(out.oid);
  io.print(`${color.yellow(name)} ${color.dim(`on ${safe(branchName(out.branch))}`)}  ${safe(out.subject)}`);
  printChanges(io, [out.file]);
}

/** Says what an edit left to do, and the errors it brought. */
export function noteEdit(
  io: Io,
  { notes = [], brought }: Pick<RecordedEdit, 'brought'> & { notes?: readonly string[] },
): void {
  for (const note of notes) io.note(safe(note));
  for (const { text } of brought) io.note(`warning: this is an error now: ${safe(text)}`);
}
