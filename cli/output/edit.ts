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

/** Says where a proposed change is, and how to go on with it. */
export function noteProposal(io: Io, { proposal, oid }: { readonly proposal?: string; readonly oid?: string }): void {
  if (proposal !== undefined && (oid !== undefined || !io.dryRun))
    io.note(`Proposed, nothing else changed: cwf review show ${safe(proposal)}`);
}

/** Says what an edit left to do, and the errors it brought. */
export function noteEdit(
  io: Io,
  { notes = [], brought, ...where }: Pick<RecordedEdit, 'brought' | 'proposal' | 'oid'> & { notes?: readonly string[] },
): void {
  noteProposal(io, where);
  for (const note of notes) io.note(safe(note));
  for (const { text } of brought) io.note(`warning: this is an error now: ${safe(text)}`);
}
