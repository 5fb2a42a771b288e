/**
 * Undo and redo as in an editor, told from the operation log alone: an operation with `undoes` took that one back, one
 * with `redoes` repeated it.
 *
 *      a  b  c  undo(c)  undo(b)  redo(b)  d        applied: a b d; nothing to redo: d came after
 *
 * Every other operation is an edit of its own. Undo takes back the newest edit that stands; redo repeats the edit that
 * was taken back last, unless a newer edit came since.
 */
import { CwfError, isCwfError } from '../base/errors.ts';
import type { Operation } from '../io/repo/types.ts';

/** Ids of the operations that are taken back at present. `operations` is the log, newest first. */
export function undoneIn(operations: readonly Operation[]): Set<string> {
  const undone = new Set<string>();
  const settled = new Set<string>();
  for (const { undoes, redoes } of operations) {
    const about = undoes ?? redoes;
    if (about === undefined || settled.has(about)) continue;
    settled.add(about);
    if (undoes !== undefined) undone.add(about);
  }
  return undone;
}

/** The operation that undo takes back next. */
export function nextUndo(operations: readonly Operation[]): Operation | undefined {
  const undone = undoneIn(operations);
  return operations.find((operation) => isEdit(operation) && !undone.has(operation.id));
}

/** What redo repeats next: the operation, and the undo whose inverse does it. */
export function nextRedo(operations: readonly Operation[]): { operation: Operation; undo: Operation } | undefined {
  const undone = undoneIn(operations);
  for (const undo of operations) {
    if (isEdit(undo)) return undefined;
    if (undo.undoes === undefined || !undone.has(undo.undoes)) continue;
    const operation = operations.find(({ id }) => id === undo.undoes);
    return operation && { operation, undo };
  }
  return undefined;
}

/** Runs an inverse; where something moved since, says so in words that fit an undo. */
export async function retold<T>(inverse: () => Promise<T>): Promise<T> {
  try {
    return await inverse();
  } catch (error) {
    if (!isCwfError(error, 'REF_STALE', 'WORKTREE_CHANGED')) throw error;
    const hint =
      'Something changed it since: take back what came later first (`cwf undo`, `cwf op log`), or commit your own change and use `cwf revert`.';
    throw new CwfError(error.code, error.data, { cause: error, hint });
  }
}

function isEdit({ undoes, redoes }: Operation): boolean {
  return undoes === undefined && redoes === undefined;
}
