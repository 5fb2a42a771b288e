/**
 * Undo and redo as in an editor, told from the operation log alone: an operation with `undoes` took that one back, one
 * with `redoes` repeated it.
 *
 *      a  b  c  undo(c)  undo(b)  redo(b)  d        applied: a b d; nothing to redo: d came after
 *
 * Every other operation is an edit of its own. Undo takes back the newest edit that stands; redo repeats the edit that
 * was taken back last, unless a newer edit came since. The log is read from its new end, and only as far as needed: what
 * became of an operation stands in newer ones.
 */
import { CwfError, isCwfError } from '../base/errors.ts';
import type { Operation } from '../io/repo/types.ts';

/** Operations, newest first. */
export type Log = AsyncIterable<Operation>;

/** Each operation with whether it is taken back at present. */
export async function* withState(log: Log): AsyncGenerator<{ operation: Operation; undone: boolean }> {
  const settled = new Map<string, boolean>();
  for await (const operation of log) {
    const about = operation.undoes ?? operation.redoes;
    if (about !== undefined && !settled.has(about)) settled.set(about, operation.undoes !== undefined);
    yield { operation, undone: settled.get(operation.id) ?? false };
  }
}

/** The operation that undo takes back next. */
export async function nextUndo(log: Log): Promise<Operation | undefined> {
  for await (const { operation, undone } of withState(log)) if (isEdit(operation) && !undone) return operation;
  return undefined;
}

/** What redo repeats next: the operation, and the undo whose inverse does it. */
export async function nextRedo(log: Log): Promise<{ operation: Operation; undo: Operation } | undefined> {
  const settled = new Set<string>();
  let undo: Operation | undefined;
  for await (const operation of log) {
    if (undo !== undefined) {
      if (operation.id === undo.undoes) return { operation, undo };
      continue;
    }
    if (isEdit(operation)) return undefined;
    const about = operation.undoes ?? operation.redoes!;
    if (!settled.has(about) && operation.undoes !== undefined) undo = operation;
    settled.add(about);
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
