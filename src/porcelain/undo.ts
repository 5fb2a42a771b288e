import { CwfError } from '../base/errors.ts';
import type { Operation } from '../io/repo/types.ts';
import { applyInverse } from '../io/repo/undo.ts';
import { dryRun } from './dry-run.ts';
import { collect, findOperation, ownOperations } from './op.ts';
import { nextRedo, nextUndo, retold } from './undo-stack.ts';
import { defineVerb } from './verb.ts';

/** Which operation; the latest that can be taken back when absent. */
export interface UndoInput {
  readonly operation?: string;
  readonly dryRun?: boolean;
}

/** The operation that was taken back or repeated. */
export interface UndoOutput {
  readonly operation: Operation;
}

/**
 * `cwf undo`: takes back the last command that changed the repository: refs, HEAD, working files, git's index. Throws
 * NOTHING_TO_UNDO, OPERATION_NOT_FOUND, REF_STALE, WORKTREE_CHANGED; then nothing is changed.
 */
export const undo = defineVerb<UndoInput, UndoOutput>({
  name: 'undo',
  summary: 'Take back the last command that changed something',
  mutates: true,
  async run(ctx, input) {
    const own = ownOperations(ctx);
    const operation =
      input.operation === undefined ? await nextUndo(own) : findOperation(await collect(own), input.operation);
    if (operation === undefined) throw new CwfError('NOTHING_TO_UNDO', { what: 'undo' });
    // Taking an undo back is a redo, whoever asks for it.
    const redoes = operation.undoes;
    const link = redoes === undefined ? { undoes: operation.redoes ?? operation.id } : { redoes };
    const { repo } = input.dryRun ? dryRun(ctx) : ctx;
    await retold(() => applyInverse(repo, operation, { command: 'undo', actor: ctx.actor, ...link }));
    return { operation };
  },
});

/** `cwf redo`: repeats what the last undo took back. Throws NOTHING_TO_UNDO, REF_STALE, WORKTREE_CHANGED. */
export const redo = defineVerb<Pick<UndoInput, 'dryRun'>, UndoOutput>({
  name: 'redo',
  summary: 'Repeat what undo took back',
  mutates: true,
  async run(ctx, input) {
    const next = await nextRedo(ownOperations(ctx));
    if (next === undefined) throw new CwfError('NOTHING_TO_UNDO', { what: 'redo' });
    const { operation, undo: taken } = next;
    const meta = { command: 'redo', actor: ctx.actor, redoes: operation.id };
    const { repo } = input.dryRun ? dryRun(ctx) : ctx;
    await retold(() => applyInverse(repo, taken, meta));
    return { operation };
  },
});
