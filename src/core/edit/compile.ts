import type { Json } from '../../base/json.ts';
import type { Workflow } from '../workflow/types.ts';
import { type Edit, makeEdit } from './edit.ts';
import { applyPatch, type PatchOp } from './patch.ts';
import { joinPointer, splitPointer } from './pointer.ts';
import { isReference, renumberEdit, renumberedIds, renumberOps } from './renumber.ts';

/**
 * Compiles edits to an RFC 6902 patch over the keyed form of `before`, the workflow they are for; every value that goes
 * is tested first. [PT-3] Only renumbering looks at `before`: a new id stands wherever the old one stood.
 */
export function editsToPatch(edits: readonly Edit[], before: Workflow): PatchOp[] {
  const patch: PatchOp[] = [];
  let workflow = before;
  let applied = 0;
  for (const edit of edits) {
    if (edit.kind !== 'renumber') {
      patch.push(...valueOps(edit));
      continue;
    }
    workflow = applyPatch(workflow, patch.slice(applied));
    applied = patch.length;
    patch.push(...renumberOps(edit, workflow));
  }
  return patch;
}

/** Reads a patch that editsToPatch made back as edits; ops of another kind (copy, a test alone) are left out. */
export function patchToEdits(patch: readonly PatchOp[]): Edit[] {
  const edits: Edit[] = [];
  let tested: { path: string; value: Json } | undefined;
  let moved: Moved | undefined;
  for (const op of patch) {
    if (op.op === 'move') {
      const path = splitPointer(op.path).slice(0, -1);
      if (moved === undefined || joinPointer(moved.path) !== joinPointer(path)) {
        if (moved) edits.push(renumberEdit(moved.path, moved.origins()));
        moved = new Moved(path);
      }
      moved.add(splitPointer(op.from).at(-1)!, splitPointer(op.path).at(-1)!);
      continue;
    }
    if (moved) edits.push(renumberEdit(moved.path, moved.origins()));
    moved = undefined;
    if (op.op === 'test') tested = op;
    else if (op.op === 'add' || op.op === 'replace' || op.op === 'remove') {
      const from = tested?.path === op.path && op.op !== 'add' ? tested.value : undefined;
      const path = splitPointer(op.path);
      // A reference that renumbering changed follows from the ids.
      if (!isReference(path)) edits.push(makeEdit(path, from, op.op === 'remove' ? undefined : op.value));
      tested = undefined;
    }
  }
  if (moved) edits.push(renumberEdit(moved.path, moved.origins()));
  return edits;
}

/** The edits that take these back, in reverse order. */
export function invertEdits(edits: readonly Edit[]): Edit[] {
  const invert = (edit: Edit): Edit =>
    edit.kind === 'renumber'
      ? renumberEdit(
          edit.path,
          renumberedIds(edit).map(([from, to]) => [to, from] as const),
        )
      : makeEdit(edit.path, edit.to, edit.from);
  return edits.map(invert).reverse();
}

/** The workflow after the edits; throws PATCH_TEST_FAILED when it does not hold what an edit replaces. */
export function applyEdits(workflow: Workflow, edits: readonly Edit[]): Workflow {
  return applyPatch(workflow, editsToPatch(edits, workflow));
}

function valueOps({ path, from, to }: Edit): PatchOp[] {
  const pointer = joinPointer(path);
  const test: PatchOp[] = from === undefined ? [] : [{ op: 'test', path: pointer, value: from }];
  if (from === undefined) return [{ op: 'add', path: pointer, value: to as Json }];
  if (to === undefined) return [...test, { op: 'remove', path: pointer }];
  return [...test, { op: 'replace', path: pointer, value: to }];
}

/** Moves of keys in one map, put together: a key may go by way of another. */
class Moved {
  readonly path: readonly string[];
  private readonly byKey = new Map<string, string>();

  constructor(path: readonly string[]) {
    this.path = path;
  }

  add(from: string, to: string): void {
    this.byKey.set(to, this.byKey.get(from) ?? from);
    this.byKey.delete(from);
  }

  origins(): [string, string][] {
    return [...this.byKey].map(([key, origin]) => [origin, key]);
  }
}
