import type { Json, JsonObject } from '../../../src/base/json.ts';
import { input, output, SUBGRAPH, uiDocument, uiNode } from '../workflow/graphs.ts';

/** How a copy of a document differs from it: never in what runs. */
export interface Renumbering {
  /** New node ids for the old ones of a scope, in their order. */
  readonly nodes: (ids: readonly number[]) => readonly number[];
  /** New ids of definitions, and of the slots of their interfaces. */
  readonly definitions: boolean;
  readonly slots: boolean;
}

/** A random number below 1; the same seed gives the same row of numbers (Numerical Recipes, ranqd1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A list in another order. */
export function shuffled<T>(list: readonly T[], next: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/**
 * A copy of a UI document with other ids of nodes, links and what `how` says, with its nodes, links and definitions in
 * another order and its nodes moved. Written against the file format, so that it shares nothing with what it tests.
 */
export function renumbered(document: JsonObject, how: Renumbering, next: () => number): JsonObject {
  const copy = structuredClone(document);
  const definitions = ((copy.definitions as JsonObject | undefined)?.subgraphs ?? []) as JsonObject[];
  const uuid = (): string => `ffffffff-0000-4000-8000-${String(Math.floor(next() * 1e12)).padStart(12, '0')}`;
  const names = new Map(how.definitions ? definitions.map((one) => [one.id, uuid()] as const) : []);
  const ids = new Map<Json, Map<Json, Json>>();
  for (const scope of [copy, ...definitions]) {
    const old = (scope.nodes as JsonObject[]).map(({ id }) => id as number);
    const now = how.nodes(old);
    ids.set(scope, new Map(old.map((id, i) => [id, now[i]!])));
  }
  const inner = new Map(definitions.map((one) => [one.id, ids.get(one)!]));
  for (const scope of [copy, ...definitions]) {
    const links = renumberLinks(scope, ids.get(scope)!, next);
    for (const slot of scope === copy ? [] : [...list(scope.inputs), ...list(scope.outputs)]) {
      if (Array.isArray(slot.linkIds)) slot.linkIds = slot.linkIds.map(links);
      if (how.slots && slot.id !== undefined) slot.id = uuid();
    }
    for (const node of scope.nodes as JsonObject[]) renumberNode(node, ids.get(scope)!, links, inner, names, next);
    scope.nodes = shuffled(scope.nodes as Json[], next);
  }
  for (const one of definitions) one.id = names.get(one.id) ?? (one.id as Json);
  if (definitions.length > 0) (copy.definitions as JsonObject).subgraphs = shuffled(definitions, next);
  return copy;
}

/** An API document under other ids. */
export function renamed(
  document: Readonly<Record<string, JsonObject>>,
  to: (id: string) => string,
): Record<string, JsonObject> {
  const out: Record<string, JsonObject> = {};
  for (const [id, node] of Object.entries(document)) {
    const inputs: JsonObject = {};
    for (const [name, value] of Object.entries(node.inputs as JsonObject))
      inputs[name] = Array.isArray(value) && typeof value[0] === 'string' ? [to(value[0]), value[1]!] : value;
    out[to(id)] = { ...node, inputs };
  }
  return out;
}

/** A loader, two nodes and a save node; the two in the middle may stand in a subgraph. */
export function chain(isWrapped: boolean, steps = 20): JsonObject {
  const first = (link: number): JsonObject =>
    uiNode(2, 'First', { inputs: [input('model', link)], outputs: [output('MODEL', [2])], widgets_values: [steps] });
  const second = (out: number): JsonObject =>
    uiNode(3, 'Second', { inputs: [input('model', 2)], outputs: [output('MODEL', [out])], widgets_values: ['x'] });
  const loader = uiNode(1, 'Loader', { outputs: [output('MODEL', [1])] });
  const save = (link: number): JsonObject => uiNode(4, 'Save', { inputs: [input('model', link)] });
  if (!isWrapped)
    return uiDocument(
      [loader, first(1), second(3), save(3)],
      [
        [1, 1, 0, 2, 0, 'MODEL'],
        [2, 2, 0, 3, 0, 'MODEL'],
        [3, 3, 0, 4, 0, 'MODEL'],
      ],
    );
  const row = (id: number, from: number, to: number): JsonObject => {
    return { id, origin_id: from, origin_slot: 0, target_id: to, target_slot: 0, type: 'MODEL' };
  };
  const definition = {
    id: SUBGRAPH,
    name: 'Refine',
    inputs: [{ id: 'in', name: 'model', type: 'MODEL', linkIds: [1] }],
    outputs: [{ id: 'out', name: 'MODEL', type: 'MODEL', linkIds: [5] }],
    nodes: [first(1), second(5)],
    links: [row(1, -10, 2), row(2, 2, 3), row(5, 3, -20)],
    groups: [],
  };
  const instance = uiNode(5, SUBGRAPH, { inputs: [input('model', 1)], outputs: [output('MODEL', [3])] });
  return uiDocument(
    [loader, instance, save(3)],
    [
      [1, 1, 0, 5, 0, 'MODEL'],
      [3, 5, 0, 4, 0, 'MODEL'],
    ],
    { definitions: { subgraphs: [definition] } },
  );
}

function renumberLinks(scope: JsonObject, ids: Map<Json, Json>, next: () => number): (id: Json) => Json {
  const rows = (scope.links ?? []) as Json[];
  const old: Json[] = rows.map((row) => (Array.isArray(row) ? row[0]! : (row as JsonObject).id!));
  const now = shuffled(old, next);
  const links = new Map(old.map((id, i) => [id, now[i]!]));
  const link = (id: Json): Json => links.get(id) ?? id;
  const node = (id: Json | undefined): Json => ids.get(id!) ?? id!;
  const moved = rows.map((row): Json => {
    if (Array.isArray(row)) return [link(row[0]!), node(row[1]), row[2]!, node(row[3]), ...row.slice(4)];
    const { id, origin_id, target_id } = row as JsonObject;
    return { ...(row as JsonObject), id: link(id!), origin_id: node(origin_id), target_id: node(target_id) };
  });
  if (scope.links !== undefined) scope.links = shuffled(moved, next);
  return link;
}

function renumberNode(
  node: JsonObject,
  ids: Map<Json, Json>,
  link: (id: Json) => Json,
  inner: ReadonlyMap<Json | undefined, Map<Json, Json>>,
  names: ReadonlyMap<Json | undefined, string>,
  next: () => number,
): void {
  const properties = node.properties as JsonObject | undefined;
  const promoted = inner.get(node.type);
  if (promoted && Array.isArray(properties?.proxyWidgets)) {
    properties.proxyWidgets = (properties.proxyWidgets as Json[][]).map(([id, ...rest]) => [
      typeof id === 'string' ? String(promoted.get(Number(id)) ?? id) : (promoted.get(id as Json) ?? (id as Json)),
      ...rest,
    ]);
  }
  node.id = ids.get(node.id!)!;
  node.type = names.get(node.type) ?? node.type!;
  node.order = Math.floor(next() * 50);
  if (Array.isArray(node.pos)) node.pos = [(node.pos[0] as number) + 50, (node.pos[1] as number) - 7];
  for (const socket of list(node.inputs)) if (typeof socket.link === 'number') socket.link = link(socket.link);
  for (const socket of list(node.outputs)) {
    if (Array.isArray(socket.links)) socket.links = shuffled(socket.links.map(link), next);
  }
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
