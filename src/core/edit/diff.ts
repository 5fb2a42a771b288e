import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import type { Workflow } from '../workflow/types.ts';
import { align } from './align.ts';
import { type Edit, isPresentationEdit, makeEdit } from './edit.ts';
import { isAtomic, rankOf } from './kinds.ts';
import { type Matching, matchWorkflows } from './match.ts';
import { comparePaths } from './pointer.ts';

/**
 * The edits that lead from `a` to `b`, in a fixed order. Nodes, subgraph definitions and their slots are matched first;
 * the edits speak of them by the ids of `a`, and where `b` has others a renumbering comes last. [PT-6] A node whose class
 * changed is replaced as a whole. applyEdits(a, diffWorkflows(a, b)) equals b. [PT-1]
 */
export function diffWorkflows(a: Workflow, b: Workflow): Edit[] {
  const plain = diffByIds(a, b);
  return isPlain(plain) ? plain : diffMatched(a, b, matchWorkflows(a, b));
}

/**
 * Whether no matching tells it in fewer edits than ids do: looks apart, nothing or one value has changed. Most commits
 * are of this kind, and matching takes several times as long as comparing.
 */
function isPlain(edits: readonly Edit[]): boolean {
  const graph = edits.filter((edit) => !isPresentationEdit(edit));
  return graph.length === 0 || (graph.length === 1 && ['set-input', 'set-mode'].includes(graph[0]!.kind));
}

/** The edits from `a` to `b` where what has one id is one thing, as patches of old commits have it. */
export function diffByIds(a: Workflow, b: Workflow): Edit[] {
  return compareValues(a as unknown as Json, b as unknown as Json, []);
}

/** The edits from `a` to `b` by a matching of theirs. */
export function diffMatched(a: Workflow, b: Workflow, matching: Matching): Edit[] {
  const { workflow, renumbering } = align(a, b, matching);
  return [...compareValues(a as unknown as Json, workflow as unknown as Json, []), ...renumbering];
}

/** The edits between two values that stand at one place, in listing order: by kind, then by place. */
export function compareValues(a: Json, b: Json, path: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  compare(a, b, path, edits);
  return edits.sort((x, y) => rankOf(x.kind) - rankOf(y.kind) || comparePaths(x.path, y.path));
}

function compare(a: Json, b: Json, path: readonly string[], edits: Edit[]): void {
  if (a === b) return;
  if (!isObject(a) || !isObject(b) || isAtomic(path) || isOtherNode(a, b, path)) {
    if (!jsonEqual(a, b)) edits.push(makeEdit(path, a, b));
    return;
  }
  for (const key of Object.keys(a)) {
    if (Object.hasOwn(b, key)) compare(a[key]!, b[key]!, [...path, key], edits);
    else edits.push(makeEdit([...path, key], a[key]!, undefined));
  }
  for (const key of Object.keys(b)) {
    if (!Object.hasOwn(a, key)) edits.push(makeEdit([...path, key], undefined, b[key]!));
  }
}

/** Whether two nodes under one id are of different classes: then they are different nodes. */
export function isOtherNode(a: JsonObject, b: JsonObject, path: readonly string[]): boolean {
  return path.at(-2) === 'nodes' && (path.length === 2 || path.length === 4) && a.class_type !== b.class_type;
}
