import { CwfError, isCwfError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { nearest } from '../../base/nearest.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { diffByIds } from '../edit/diff.ts';
import type { Edit } from '../edit/edit.ts';
import { readWorkflow } from '../workflow/read.ts';
import type { Workflow } from '../workflow/types.ts';
import { writeWorkflow } from '../workflow/write.ts';
import { TRANSFORMS } from './kinds/index.ts';
import { readArgs } from './read-args.ts';
import type { AnyTransform, Operation } from './transform.ts';

/** What operations make of a workflow: the workflow as its file would read, the edits that lead there, what to know. */
export interface Transformed {
  readonly after: Workflow;
  readonly edits: readonly Edit[];
  readonly notes: readonly string[];
}

/** What operations are run with. `isTyped`: values are words of a command line (`transform.ts`, `Given`). */
export interface RunOptions {
  readonly catalog: Catalog;
  readonly source: string;
  readonly isTyped?: boolean;
}

/** An operation by its name; throws OPERATION_UNKNOWN. */
export function transformNamed(name: string): AnyTransform {
  if (Object.hasOwn(TRANSFORMS, name)) return TRANSFORMS[name]!;
  throw new CwfError('OPERATION_UNKNOWN', {
    operation: name.slice(0, 60),
    known: nearest(name, Object.keys(TRANSFORMS)),
  });
}

/**
 * Operations one after the other, all or none: each finds things in what those before it made. Throws the error of the
 * one that cannot be done; of several as OPERATION_FAILED with its number, from 1. [TE-8] [TE-9]
 */
export function runTransforms(workflow: Workflow, operations: readonly Operation[], options: RunOptions): Transformed {
  const { catalog, source, isTyped = false } = options;
  const notes: string[] = [];
  let current = workflow;
  for (const [at, { op, args }] of operations.entries()) {
    try {
      const transform = transformNamed(op);
      const read = readArgs(transform, args as JsonObject, { workflow: current, catalog, source, isTyped });
      const planned = transform.plan(current, read, { catalog, source });
      current = planned.after;
      notes.push(...planned.notes);
    } catch (error) {
      if (operations.length === 1 || !isCwfError(error)) throw error;
      const data = {
        index: at + 1,
        operation: op.slice(0, 60),
        code: error.code,
        reason: error.message,
        remedy: error.hint,
      };
      throw new CwfError('OPERATION_FAILED', data, { cause: error });
    }
  }
  // As the file will be read: ids of links, and what follows from them.
  const after = readWorkflow(writeWorkflow(current), { catalog, source });
  return { after, edits: diffByIds(workflow, after), notes };
}
