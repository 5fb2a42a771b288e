import type { Json } from '../base/json.ts';
import { invertEdits } from '../core/edit/compile.ts';
import type { Edit } from '../core/edit/edit.ts';
import { NewIds } from '../core/edit/new-ids.ts';
import { joinPointer, splitPointer } from '../core/edit/pointer.ts';
import { findWraps } from '../core/edit/wraps.ts';
import { compareIds } from '../core/workflow/names.ts';
import type { Scope, Workflow, WorkflowNode } from '../core/workflow/types.ts';

/** One thing that blame answers for: a node as such (its class), its mode, or the value or link of one input. */
export interface Place {
  /** JSON pointer over the keyed form, as edits and patches name it. */
  readonly pointer: string;
  readonly part: 'node' | 'mode' | 'value' | 'link';
  readonly scope?: string;
  readonly node: string;
  /** Name of the input; only for values and links. */
  readonly input?: string;
  readonly value: Json;
}

/** Every place of a workflow: node by node, in the order of the document. */
export function placesOf(workflow: Workflow): Place[] {
  const out = nodePlaces(workflow, undefined);
  // By id, as canonical text has them: a document that was read and one that was put together differ in key order.
  for (const scope of Object.keys(workflow.subgraphs).sort())
    out.push(...nodePlaces(workflow.subgraphs[scope]!, scope));
  return out;
}

/**
 * Of some places of a workflow, those that a change left as they were, with where they stood before it: under an old id,
 * or outside the subgraph that their node was wrapped into.
 */
export function placesKept(
  places: Iterable<string>,
  edits: readonly Edit[],
  before: Workflow,
  after: Workflow,
): Map<string, string> {
  const inverse = new NewIds(invertEdits(edits.filter(({ kind }) => kind === 'renumber')));
  const wraps = findWraps(edits, before, after);
  const moved = new Map(
    wraps.flatMap(({ nodes }) => nodes.map((node) => [pointerOf(node.after), node.before] as const)),
  );
  const changed = pointersOf(wraps.flatMap(({ changes }) => changes));
  const plain = new Map<string, string>();
  const wrapped = new Map<string, string>();
  for (const place of places) {
    const parts = splitPointer(place);
    const [scope, rest] = parts[0] === 'subgraphs' ? [parts[1], parts.slice(2)] : [undefined, parts];
    const [, node = '', ...more] = rest;
    const old = moved.get(joinPointer(parts.slice(0, scope === undefined ? 2 : 4)));
    if (old) wrapped.set(place, pointerOf(old) + joinPointer(more));
    else {
      const there = { scope: inverse.subgraph(scope), node: inverse.node(inverse.subgraph(scope), node) };
      plain.set(place, pointerOf(there) + joinPointer(more));
    }
  }
  const set = new Set(placesSet(new Set(plain.values()), pointersOf(edits)));
  const reset = new Set(placesSet(new Set(wrapped.keys()), changed));
  return new Map([
    ...[...plain].filter(([, old]) => !set.has(old)),
    ...[...wrapped].filter(([place]) => !reset.has(place)),
  ]);
}

function pointerOf({ scope, node }: { readonly scope?: string | undefined; readonly node: string }): string {
  return joinPointer([...(scope === undefined ? [] : ['subgraphs', scope]), 'nodes', node]);
}

function pointersOf(edits: readonly Edit[]): string[] {
  return edits.map(({ path }) => joinPointer(path));
}

/** Of some places, those that a change of `pointers` sets: the place itself, or all of a node or subgraph it sets. */
export function placesSet(places: Pick<ReadonlySet<string>, 'has' | 'keys'>, pointers: readonly string[]): string[] {
  const set: string[] = [];
  for (const pointer of new Set(pointers)) {
    if (places.has(pointer)) set.push(pointer);
    // Only these hold places: looking through all of them for each value would make long histories slow.
    if (!/^(\/subgraphs\/[^/]*)?(\/nodes\/[^/]*)?$/.test(pointer)) continue;
    for (const place of places.keys()) if (place.startsWith(`${pointer}/`)) set.push(place);
  }
  return set;
}

function nodePlaces({ nodes }: Scope, scope: string | undefined): Place[] {
  const prefix = scope === undefined ? [] : ['subgraphs', scope];
  const common = scope === undefined ? {} : { scope };
  const ids = Object.keys(nodes).sort(compareIds);
  return ids.flatMap((id) =>
    partsOf(nodes[id]!).map(({ path, ...place }) => {
      return { pointer: joinPointer([...prefix, 'nodes', id, ...path]), ...common, node: id, ...place };
    }),
  );
}

type Part = Pick<Place, 'part' | 'input' | 'value'> & { readonly path: readonly string[] };

function partsOf({ class_type, mode, widgets, links, ui }: WorkflowNode): Part[] {
  const parts: Part[] = [{ path: [], part: 'node', value: class_type }];
  if (mode !== undefined) parts.push({ path: ['mode'], part: 'mode', value: mode });
  for (const input of inOrder(Object.keys(widgets), ui.widget_order))
    parts.push({ path: ['widgets', input], part: 'value', input, value: widgets[input]! });
  for (const input of inOrder(Object.keys(links), ui.socket_order))
    parts.push({ path: ['links', input], part: 'link', input, value: { ...links[input]! } });
  return parts;
}

/** Names in the order a node shows them; those it does not show by name. */
function inOrder(names: readonly string[], order: Json | undefined): string[] {
  const shown = Array.isArray(order) ? order : [];
  const rank = (name: string): number => (shown.includes(name) ? shown.indexOf(name) : shown.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
