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
import type { AnyTransform, TransformCall } from './transform.ts';
import { connect, type Wire } from './wiring.ts';
import { manyInto } from './writing.ts';

/** What transforms make of a workflow: the workflow as its file would read, the edits that lead there, what to know. */
export interface Transformed {
  readonly after: Workflow;
  readonly edits: readonly Edit[];
  readonly notes: readonly string[];
}

/** What transforms are run with. `isTyped`: values are words of a command line (`transform.ts`, `Given`). */
export interface RunOptions {
  readonly catalog: Catalog;
  readonly source: string;
  readonly isTyped?: boolean;
}

/** A transform by its name; throws TRANSFORM_UNKNOWN. */
export function transformNamed(name: string): AnyTransform {
  if (Object.hasOwn(TRANSFORMS, name)) return TRANSFORMS[name]!;
  throw new CwfError('TRANSFORM_UNKNOWN', {
    transform: name.slice(0, 60),
    known: nearest(name, Object.keys(TRANSFORMS), 3),
  });
}

/**
 * Transforms one after the other, all or none: each finds things in what those before it made. Throws the error of the
 * one that cannot be done; of several as TRANSFORM_FAILED with its number, from 1. [TE-8] [TE-9]
 */
export function runTransforms(workflow: Workflow, calls: readonly TransformCall[], options: RunOptions): Transformed {
  const { catalog, source, isTyped = false } = options;
  const notes: string[] = [];
  let current = workflow;
  for (const [at, { op, args }] of calls.entries()) {
    try {
      const transform = transformNamed(op);
      const read = readArgs(transform, args as JsonObject, { workflow: current, catalog, source, isTyped });
      const planned = transform.plan(current, read, { catalog, source });
      current = planned.after;
      notes.push(...planned.notes);
    } catch (error) {
      if (calls.length === 1 || !isCwfError(error)) throw error;
      const data = {
        index: at + 1,
        transform: op.slice(0, 60),
        code: error.code,
        reason: error.message,
        remedy: error.hint,
      };
      throw new CwfError('TRANSFORM_FAILED', data, { cause: error });
    }
  }
  return { ...asWritten(workflow, current, options), notes };
}

/**
 * Links made one after the other, such as those of a plan (`connect-plan.ts`). They are taken as checked. [TE-20]
 */
export function makeWires(workflow: Workflow, wires: readonly Wire[], options: RunOptions): Omit<Transformed, 'notes'> {
  const { catalog } = options;
  const { workflow: copy, writing } = manyInto(workflow);
  const made = wires.reduce((current, wire) => connect(current, wire, catalog, writing), copy);
  return asWritten(workflow, made, options);
}

/** As the file will be read: ids of links, and what follows from them. */
function asWritten(before: Workflow, made: Workflow, { catalog, source }: RunOptions): Omit<Transformed, 'notes'> {
  const after = readWorkflow(writeWorkflow(made), { catalog, source });
  return { after, edits: diffByIds(before, after) };
}
