import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Edit } from '../../core/edit/edit.ts';

/**
 * Which edits of one diff need which others for the graph to stay whole, by index. A link needs the node, output or
 * subgraph input it comes from, where the same diff adds it; what goes away needs every edit that takes a link off it;
 * an input's value and its link change together, and so do the slots of a subgraph and their order. New ids come after all
 * the others, or not at all. The rest stands alone.
 */
export function editDependencies(edits: readonly Edit[]): readonly (readonly number[])[] {
  const providers = new Map<string, number[]>();
  const droppers = new Map<string, number[]>();
  const groups = new Map<string, number[]>();
  const facts = edits.map(factsOf);
  for (const [i, { adds, needs, frees, group }] of facts.entries()) {
    for (const key of adds) put(providers, key, i);
    for (const key of frees) if (!needs.has(key)) put(droppers, key, i);
    if (group !== undefined) put(groups, group, i);
  }
  return facts.map(({ needs, removes, group }, i) => {
    if (edits[i]!.kind === 'renumber') return [...edits.keys()].filter((other) => other !== i);
    const out = new Set<number>();
    for (const key of needs) for (const other of providers.get(key) ?? []) out.add(other);
    for (const key of removes) for (const other of droppers.get(key) ?? []) out.add(other);
    for (const other of (group === undefined ? undefined : groups.get(group)) ?? []) out.add(other);
    out.delete(i);
    return [...out];
  });
}

/** What one edit brings and takes away, and what its new and old value refer to, as keys such as `node 3`. */
interface Facts {
  readonly adds: readonly string[];
  readonly removes: readonly string[];
  readonly needs: ReadonlySet<string>;
  readonly frees: ReadonlySet<string>;
  /** Edits of one group go together. */
  readonly group?: string;
}

function factsOf({ path, from, to }: Edit): Facts {
  const isInside = path[0] === 'subgraphs' && path.length > 2;
  const scope = isInside ? path[1]! : '';
  const place = isInside ? path.slice(2) : path;
  const key = thingAt(scope, place);
  const needs = new Set(references(scope, place, to));
  // The socket of an input that a link is put on; only a diff that adds the socket has an edit that provides it.
  if (place[2] === 'links' && to !== undefined) needs.add(`socket ${scope} ${place[1]} ${place[3]}`);
  return {
    adds: key !== undefined && to !== undefined ? [key] : [],
    removes: key !== undefined && from !== undefined && to === undefined ? [key] : [],
    needs,
    frees: new Set(references(scope, place, from)),
    group: groupOf(scope, place),
  };
}

/** The thing that stands or falls with the value at a place; undefined where nothing can refer to it. */
function thingAt(scope: string, place: readonly string[]): string | undefined {
  const [part, id, side, what, name] = place;
  if (place.length === 2) {
    if (part === 'nodes') return `node ${scope} ${id}`;
    if (part === 'inputs') return `input ${scope} ${id}`;
    if (part === 'subgraphs') return `subgraph ${id}`;
  }
  if (part === 'nodes' && side === 'ui' && place.length === 5) {
    if (what === 'outputs') return `output ${scope} ${id} ${name}`;
    if (what === 'sockets' || what === 'link_attrs') return `socket ${scope} ${id} ${name}`;
  }
  return undefined;
}

/** An input's value and link; the slots of one side of a subgraph and their order. */
function groupOf(scope: string, place: readonly string[]): string | undefined {
  const [part, id, side, name] = place;
  if (part === 'nodes' && place.length === 4 && (side === 'widgets' || side === 'links'))
    return `value ${scope} ${id} ${name}`;
  if (place.length === 2 && (part === 'inputs' || part === 'outputs')) return `${part} ${scope}`;
  if (place.length === 1 && (part === 'input_order' || part === 'output_order'))
    return `${part.replace('_order', 's')} ${scope}`;
  return undefined;
}

function references(scope: string, place: readonly string[], value: Json | undefined): string[] {
  if (!isObject(value)) return [];
  const [part, id, side] = place;
  if (part === 'subgraphs' && place.length === 2)
    return nodesOf(id!, value).filter((key) => key.startsWith('subgraph'));
  if (part === 'nodes' && place.length === 2) return nodeReferences(scope, value);
  if (part === 'nodes' && side === 'links') return linkReferences(scope, value);
  if (part === 'outputs' && isObject(value.link)) return linkReferences(scope, value.link);
  if (part === 'outputs' && side === 'link') return linkReferences(scope, value);
  return [];
}

function nodesOf(scope: string, subgraph: JsonObject): string[] {
  const nodes = isObject(subgraph.nodes) ? Object.values(subgraph.nodes) : [];
  return nodes.flatMap((node) => (isObject(node) ? nodeReferences(scope, node) : []));
}

function nodeReferences(scope: string, node: JsonObject): string[] {
  const links = isObject(node.links) ? Object.values(node.links) : [];
  return [
    `subgraph ${String(node.class_type)}`,
    ...links.flatMap((link) => (isObject(link) ? linkReferences(scope, link) : [])),
  ];
}

function linkReferences(scope: string, { from, slot }: JsonObject): string[] {
  // A text for a slot is the id of one of the subgraph's own inputs.
  if (typeof slot === 'string') return [`input ${scope} ${slot}`];
  return [`node ${scope} ${String(from)}`, `output ${scope} ${String(from)} ${String(slot)}`];
}

function put(map: Map<string, number[]>, key: string, i: number): void {
  map.set(key, [...(map.get(key) ?? []), i]);
}
