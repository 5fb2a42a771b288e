import { CwfError } from '../base/errors.ts';
import { replicaOf } from '../io/repo/operations.ts';
import type { FileChange, Operation, RefChange } from '../io/repo/types.ts';
import { applyInverse } from '../io/repo/undo.ts';
import type { Context } from './context.ts';
import { dryRun } from './dry-run.ts';
import { type Log, retold, withState } from './undo-stack.ts';
import { defineVerb } from './verb.ts';

/** How many operations to list, and from which on. */
export interface OpLogInput {
  readonly limit?: number;
  /** Goes on where another list ended: its `next`. */
  readonly from?: string;
}

/** One operation; `undone` when a later undo took it back, and no redo repeated it. */
export interface LoggedOperation extends Operation {
  readonly undone: boolean;
}

/** Operations, newest first. */
export interface OpLogOutput {
  readonly operations: readonly LoggedOperation[];
  /** Id of the operation after the last one, where `limit` ended the list; what happens meanwhile changes nothing of that. */
  readonly next?: string;
}

/** Which operation: its id or the beginning of it. */
export interface OpInput {
  readonly operation: string;
}

/**
 * `cwf op log`: every change of the repository, of every copy it was fetched from. Throws OPERATION_NOT_FOUND for a `from`
 * that is not there.
 */
export const opLog = defineVerb<OpLogInput, OpLogOutput>({
  name: 'op log',
  summary: 'List every change of the repository',
  mutates: false,
  async run(ctx, { limit = Number.POSITIVE_INFINITY, from }) {
    const operations: LoggedOperation[] = [];
    let isReached = from === undefined;
    // From the newest on always: whether an operation is taken back stands in newer ones.
    for await (const { operation, undone } of withState(ctx.repo.operations())) {
      isReached ||= operation.id === from;
      if (!isReached) continue;
      if (operations.length >= limit) return { operations, next: operation.id };
      operations.push({ ...operation, undone });
    }
    if (!isReached) throw new CwfError('OPERATION_NOT_FOUND', { operation: from! });
    return { operations };
  },
});

/** `cwf op show`: one operation. Throws OPERATION_NOT_FOUND. */
export const opShow = defineVerb<OpInput, LoggedOperation>({
  name: 'op show',
  summary: 'Show one change of the repository',
  mutates: false,
  async run(ctx, input) {
    const { operations } = await opLog.run(ctx, {});
    return findOperation(operations, input.operation);
  },
});

/** What was put back. */
export interface OpRestoreOutput {
  readonly operation: Operation;
  readonly refs: readonly RefChange[];
  readonly files: readonly string[];
}

/**
 * `cwf op restore`: refs, working files and git's index as they were right after an operation of this copy. What came
 * later is taken back in one new operation. Throws OPERATION_NOT_FOUND, REF_STALE, WORKTREE_CHANGED.
 */
export const opRestore = defineVerb<OpInput & { readonly dryRun?: boolean }, OpRestoreOutput>({
  name: 'op restore',
  summary: 'Go back to how everything was after an operation',
  mutates: true,
  async run(ctx, input) {
    const own = await collect(ownOperations(ctx));
    const operation = findOperation(own, input.operation);
    const later = own.slice(0, own.indexOf(operation));
    const joined = join(later, operation);
    const isEmpty = joined.refs.length + joined.files.length === 0;
    const { repo } = input.dryRun ? dryRun(ctx) : ctx;
    if (!isEmpty) await retold(() => applyInverse(repo, joined, { command: 'op restore', actor: ctx.actor }));
    const refs = joined.refs.map(({ ref, old, new: now }) => ({ ref, old: now, new: old }));
    return { operation, refs, files: joined.files.map(({ path }) => path) };
  },
});

/** The operations of this copy, newest first. */
export async function* ownOperations(ctx: Context): AsyncGenerator<Operation> {
  const replica = replicaOf(ctx.repo.cwfDir);
  for await (const operation of ctx.repo.operations()) if (operation.replica === replica) yield operation;
}

/** All of a log as a list. */
export async function collect(log: Log): Promise<Operation[]> {
  const all: Operation[] = [];
  for await (const operation of log) all.push(operation);
  return all;
}

/** The operation with this id, or the one whose id begins with it (4 digits or more). Throws OPERATION_NOT_FOUND. */
export function findOperation<T extends Operation>(operations: readonly T[], id: string): T {
  const found = operations.filter(
    (operation) => operation.id === id || (id.length >= 4 && operation.id.startsWith(id)),
  );
  if (found.length !== 1) throw new CwfError('OPERATION_NOT_FOUND', { operation: id });
  return found[0]!;
}

/** Several operations, newest first, as if they were one: where each ref and file stood before all and after all. */
function join(operations: readonly Operation[], like: Operation): Operation {
  const refs = new Map<string, RefChange>();
  const files = new Map<string, FileChange>();
  for (const operation of operations) {
    for (const { ref, old, new: now } of operation.refs) {
      const known = refs.get(ref);
      refs.set(ref, { ref, old, new: known === undefined ? now : known.new });
    }
    for (const { path, before, after } of operation.files) {
      const known = files.get(path);
      files.set(path, { path, before, after: known === undefined ? after : known.after });
    }
  }
  return {
    ...like,
    refs: [...refs.values()].filter(({ old, new: now }) => old !== now),
    files: [...files.values()].filter(({ before, after }) => before !== after),
  };
}
