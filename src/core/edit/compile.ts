import type { Json } from '../../base/json.ts';
import type { Workflow } from '../workflow/types.ts';
import { type Edit, makeEdit } from './edit.ts';
import { applyPatch, type PatchOp } from './patch.ts';
import { joinPointer, splitPointer } from './pointer.ts';

/** Compiles edits to an RFC 6902 patch over the keyed form; every value that goes is tested first. [PT-3] */
export function editsToPatch(edits: readonly Edit[]): PatchOp[] {
  const patch: PatchOp[] = [];
  for (const { path, from, to } of edits) {
    const pointer = joinPointer(path);
    if (from !== undefined) patch.push({ op: 'test', path: pointer, value: from });
    if (from === undefined) patch.push({ op: 'add', path: pointer, value: to as Json });
    else if (to === undefined) patch.push({ op: 'remove', path: pointer });
    else patch.push({ op: 'replace', path: pointer, value: to });
  }
  return patch;
}

/** Reads a patch that editsToPatch made back as edits; ops of another kind (move, copy, a test alone) are left out. */
export function patchToEdits(patch: readonly PatchOp[]): Edit[] {
  const edits: Edit[] = [];
  let tested: { path: string; value: Json } | undefined;
  for (const op of patch) {
    if (op.op === 'test') tested = op;
    else if (op.op === 'add' || op.op === 'replace' || op.op === 'remove') {
      const from = tested?.path === op.path && op.op !== 'add' ? tested.value : undefined;
      edits.push(makeEdit(splitPointer(op.path), from, op.op === 'remove' ? undefined : op.value));
      tested = undefined;
    }
  }
  return edits;
}

/** The edits that take these back, in reverse order. */
export function invertEdits(edits: readonly Edit[]): Edit[] {
  return edits.map(({ path, from, to }) => makeEdit(path, to, from)).reverse();
}

/** The workflow after the edits; throws PATCH_TEST_FAILED when it does not hold what an edit replaces. */
export function applyEdits(workflow: Workflow, edits: readonly Edit[]): Workflow {
  return applyPatch(workflow, editsToPatch(edits));
}
