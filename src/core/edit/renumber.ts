import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { joinPointer } from '../../base/json-text.ts';
import { compareIds, idNumber, isIntegerId, own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { LinkSource, Scope, Subgraph, Workflow } from '../workflow/types.ts';
import { type Edit, makeEdit } from './edit.ts';
import { fits, insideScope } from './kinds.ts';
import { applyPatch, type PatchOp } from './patch.ts';
import { comparePaths } from './pointer.ts';

/**
 * New ids for things that stay what they are. The place of such an edit is the map whose keys change: the nodes of a
 * scope, the slots of a subgraph's interface, or the subgraph definitions; `from` and `to` list old and new ids side by
 * side, in the order of the old ones. Every reference goes along. [PT-6]
 */
export function renumberEdit(path: readonly string[], ids: Iterable<readonly [string, string]>): Edit {
  const pairs = [...ids].sort(([a], [b]) => compareIds(a, b));
  return makeEdit(
    path,
    pairs.map(([from]) => from),
    pairs.map(([, to]) => to),
  );
}

/** Old and new ids of a renumber edit. */
export function renumberedIds({ from, to }: Pick<Edit, 'from' | 'to'>): [string, string][] {
  return (from as string[]).map((id, i) => [id, (to as string[])[i]!]);
}

/** The workflow with new ids; throws PATCH_INVALID or PATCH_NOT_FOUND where the edit does not fit. */
export function renumber(workflow: Workflow, edit: Edit): Workflow {
  return applyPatch(workflow, renumberOps(edit, workflow));
}

/**
 * A renumber edit as ops on the workflow it is for: the references first, while everything stands where it stood, then
 * the keys. Throws PATCH_INVALID where a new id is in use.
 */
export function renumberOps(edit: Edit, workflow: Workflow): PatchOp[] {
  const ids = new Map(renumberedIds(edit));
  const ops: PatchOp[] = [];
  const named = [...referencesIn(workflow, edit.path)].filter(({ id }) => ids.has(id));
  // The order of keys in a file must not show in a patch.
  for (const { path, value, id, write } of named.sort((a, b) => comparePaths(a.path, b.path))) {
    const to = ids.get(id)!;
    const pointer = joinPointer(path);
    ops.push({ op: 'test', path: pointer, value }, { op: 'replace', path: pointer, value: write(to) });
  }
  ops.push(...moves(edit.path, ids, mapAt(workflow, edit.path)));
  return ops;
}

/** Whether an op changes a reference as renumbering does: a diff takes those places as a whole. [PT-2] */
export function isReference(path: readonly string[]): boolean {
  const place = insideScope(path);
  return REFERENCES.some((pattern) => fits(pattern, place));
}

const REFERENCES = [
  'nodes/*/links/*/from',
  'nodes/*/links/*/slot',
  'outputs/*/link/from',
  'outputs/*/link/slot',
  'nodes/*/class_type',
  'nodes/*/ui/properties/proxyWidgets/*/*',
  'ui/loose_links/*/*',
  'ui/floatingLinks/*/*',
  'inputs/*/ui/id',
  'outputs/*/ui/id',
  'input_order/*',
  'output_order/*',
].map((pattern) => pattern.split('/'));

/** A place that names a thing by its id. */
interface Reference {
  readonly path: readonly string[];
  readonly id: string;
  readonly value: Json;
  /** The value that names another id in the same way. */
  readonly write: (id: string) => Json;
}

/** Ids that the workflow names at places, of the kind that the map at `path` holds, and does not have. */
export function danglingIds(workflow: Workflow, path: readonly string[]): Set<string> {
  const known = mapAt(workflow, path);
  const out = new Set<string>();
  for (const { id } of referencesIn(workflow, path)) if (!Object.hasOwn(known, id)) out.add(id);
  return out;
}

/** Every place that names a member of the map at `path`. */
function* referencesIn(workflow: Workflow, path: readonly string[]): Generator<Reference> {
  const space = path.at(-1);
  if (space === 'subgraphs') return yield* classes(workflow);
  const id = path.length === 1 ? undefined : path[1];
  const scope = id === undefined ? workflow : own(workflow.subgraphs, id);
  if (scope === undefined) return;
  const prefix = path.slice(0, -1);
  if (space !== 'nodes') return yield* slots(scope as Subgraph, prefix, space as 'inputs' | 'outputs');
  for (const [at, link] of linksOf(scope, prefix)) {
    if (link.from !== INPUT_SIDE || typeof link.slot === 'number') yield text([...at, 'from'], link.from);
  }
  yield* rows(scope as Scope & { ui: JsonObject }, prefix);
  if (id !== undefined) yield* promoted(workflow, id);
}

function* classes(workflow: Workflow): Generator<Reference> {
  for (const [prefix, scope] of scopesOf(workflow))
    for (const [id, node] of Object.entries(scope.nodes))
      yield text([...prefix, 'nodes', id, 'class_type'], node.class_type);
}

function* slots(subgraph: Subgraph, prefix: readonly string[], side: 'inputs' | 'outputs'): Generator<Reference> {
  const order = side === 'inputs' ? 'input_order' : 'output_order';
  for (const [i, key] of subgraph[order].entries()) {
    yield text([...prefix, order, String(i)], key);
    if (own(subgraph[side], key)?.ui.id === key) yield text([...prefix, side, key, 'ui', 'id'], key);
  }
  if (side === 'outputs') return;
  for (const [at, link] of linksOf(subgraph, prefix)) {
    if (link.from === INPUT_SIDE && typeof link.slot === 'string') yield text([...at, 'slot'], link.slot);
  }
}

function* linksOf(scope: Scope, prefix: readonly string[]): Generator<[readonly string[], LinkSource]> {
  for (const [id, node] of Object.entries(scope.nodes))
    for (const [name, link] of Object.entries(node.links)) yield [[...prefix, 'nodes', id, 'links', name], link];
  for (const [key, slot] of Object.entries((scope as Partial<Subgraph>).outputs ?? {}))
    if (slot.link) yield [[...prefix, 'outputs', key, 'link'], slot.link];
}

/** Links that no input holds are carried as the file has them: rows, or objects, with both ends. */
function* rows({ ui }: Scope & { ui: JsonObject }, prefix: readonly string[]): Generator<Reference> {
  for (const list of ['loose_links', 'floatingLinks']) {
    const listed = ui[list];
    if (typeof listed !== 'object' || listed === null) continue;
    for (const [key, row] of Object.entries(listed)) {
      const ends = Array.isArray(row) ? ['1', '3'] : ['origin_id', 'target_id'];
      for (const end of ends) {
        const value = typeof row === 'object' && row !== null ? own(row as JsonObject, end) : undefined;
        if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
          yield asWritten([...prefix, 'ui', list, key, end], value);
      }
    }
  }
}

/** `properties.proxyWidgets` of each instance lists `[inner node id, widget name]`. */
function* promoted(workflow: Workflow, subgraph: string): Generator<Reference> {
  for (const [prefix, scope] of scopesOf(workflow)) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      const listed = node.class_type === subgraph && isObject(node.ui.properties) && node.ui.properties.proxyWidgets;
      if (!Array.isArray(listed)) continue;
      for (const [i, entry] of listed.entries()) {
        const value = Array.isArray(entry) ? entry[0] : undefined;
        if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
          yield asWritten([...prefix, 'nodes', id, 'ui', 'properties', 'proxyWidgets', String(i), '0'], value);
      }
    }
  }
}

function* scopesOf(workflow: Workflow): Generator<[readonly string[], Scope]> {
  yield [[], workflow];
  for (const [id, subgraph] of Object.entries(workflow.subgraphs)) yield [['subgraphs', id], subgraph];
}

function text(path: readonly string[], id: string): Reference {
  return { path, id, value: id, write: (to) => to };
}

function asWritten(path: readonly string[], value: number | bigint | string): Reference {
  const write = (to: string): Json => (typeof value === 'string' || !isIntegerId(to) ? to : idNumber(to));
  return { path, id: String(value), value, write };
}

/** Moves of keys, in an order in which none meets another: chains from their end, a cycle by way of a free key. */
function moves(path: readonly string[], ids: ReadonlyMap<string, string>, map: Readonly<JsonObject>): PatchOp[] {
  const ops: PatchOp[] = [];
  const pointer = (key: string): string => joinPointer([...path, key]);
  const move = (from: string, to: string): void => {
    ops.push({ op: 'move', from: pointer(from), path: pointer(to) });
  };
  const waiting = new Set(ids.keys());
  let free: string | undefined;
  for (const [start, target] of ids) {
    if (!waiting.has(start)) continue;
    const chain = [start];
    waiting.delete(start);
    let end = target;
    while (waiting.delete(end)) {
      chain.push(end);
      end = ids.get(end)!;
    }
    const isCycle = end === start;
    if (!isCycle && Object.hasOwn(map, end) && !ids.has(end)) {
      throw new CwfError('PATCH_INVALID', { index: 0, reason: `the id ${end} is in use, at ${joinPointer(path)}` });
    }
    if (isCycle) {
      free ??= freeKey(map, ids);
      move(start, free);
    }
    for (const from of chain.slice(1).reverse()) move(from, ids.get(from)!);
    move(isCycle ? free! : start, target);
  }
  return ops;
}

function freeKey(map: Readonly<JsonObject>, ids: ReadonlyMap<string, string>): string {
  const taken = new Set([...Object.keys(map), ...ids.values()]);
  let key = '#';
  while (taken.has(key)) key += '#';
  return key;
}

function mapAt(workflow: Workflow, path: readonly string[]): Readonly<JsonObject> {
  const scope: unknown = path.length === 1 ? workflow : own(workflow.subgraphs, path[1]!);
  return ((scope as JsonObject | undefined)?.[path.at(-1)!] ?? {}) as JsonObject;
}
