import { resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { defaultCatalog } from '../core/catalog/catalog.ts';
import { runTransforms } from '../core/transform/run-transform.ts';
import type { TransformCall } from '../core/transform/transform.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import { type DocumentWorld, readCandidates } from './document.ts';
import { writeWhole } from './plain-files.ts';
import { type Edited, editedFrom, type RecordedEdit, type RecordOptions, recordEdit } from './record-edit.ts';
import { defineVerb } from './verb.ts';
import { toDocument } from './worktree.ts';

/** What to do to a workflow. */
export interface EditInput extends RecordOptions {
  /** Done one after the other, all or none. */
  readonly calls: readonly TransformCall[];
  /** Values are words of a command line, read by what the input takes; else JSON as they stand. */
  readonly isTyped?: boolean;
}

/** What was done. */
export interface EditOutput extends RecordedEdit {
  /** What the transforms could not keep, and what is left to do. */
  readonly notes: readonly string[];
}

/** A document that was edited outside of any history. */
export interface EditedDocument extends Edited {
  readonly notes: readonly string[];
  /** Canonical text of the result. */
  readonly bytes: Buffer;
}

/**
 * `cwf edit`: transforms of a committed workflow, its file and one commit for all of them. Throws TRANSFORM_UNKNOWN,
 * TRANSFORM_ARGS, TRANSFORM_REFUSED, TRANSFORM_FAILED (of several, with the number of the one), errors of addresses,
 * values and links, and what `recordEdit` throws. [TE-40]
 */
export const edit = defineVerb<EditInput, EditOutput>({
  name: 'edit',
  summary: 'Change the graph of a workflow and commit',
  mutates: true,
  scope: 'propose',
  async run(ctx, input) {
    const { catalog } = ctx;
    const { calls, isTyped } = input;
    const { made, recorded } = await recordEdit(ctx, 'edit', input, (before, source) =>
      runTransforms(before, calls, { catalog, source, isTyped }),
    );
    return { ...recorded, notes: made.notes };
  },
});

/**
 * As `edit`, of a document wherever it lies, into a file or nowhere; no repository is needed. Throws what reading it
 * throws too, OUT_INVALID and STORAGE_FAILED. [TE-44]
 */
export async function editDocument(
  input: Pick<EditInput, 'file' | 'calls' | 'isTyped' | 'strict' | 'dryRun'> & { readonly out?: string },
  world: DocumentWorld,
): Promise<EditedDocument> {
  const { calls, isTyped, strict, out, dryRun } = input;
  const catalog = defaultCatalog();
  const candidates = await readCandidates(input.file, world);
  const { name: file, source, json } = candidates.find(({ part }) => part === 'workflow') ?? candidates[0]!;
  if (out !== undefined && !out.endsWith('.json'))
    throw new CwfError(
      'OUT_INVALID',
      { reason: `${out} does not end in .json` },
      { hint: 'Name a file, or - for stdout.' },
    );
  const before = readWorkflow(json() as Json, { catalog, source });
  const { after, notes } = runTransforms(before, calls, { catalog, source, isTyped });
  const { edited } = editedFrom(before, after, { catalog }, { file, strict });
  const { bytes } = toDocument(after);
  if (out !== undefined && !dryRun) writeWhole(resolve(world.cwd, out), bytes);
  return { ...edited, notes, bytes };
}
