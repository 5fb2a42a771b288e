import { own } from '../workflow/names.ts';
import type { Subgraph, Workflow } from '../workflow/types.ts';
import { assign } from './assignment.ts';
import { refine } from './colours.ts';
import { matchNodes } from './match-nodes.ts';
import { type Hash, hashText, mix, sum } from './node-hash.ts';
import { type GraphNode, scopeGraph } from './scope-graph.ts';

/** Definitions this alike are one that was changed: the share of their nodes that have a counterpart. */
const ALIKE = 0.5;
/** What an equal name counts for beside the share of equal nodes. */
const SAME_NAME = 0.5;
/** More definitions without a counterpart than this on both sides are left apart. */
const MAX_GROUP = 100;

/**
 * Which subgraph definitions of two workflows are one: equal ids; then equal content, whatever the ids, copies told apart
 * by the instances that place them; then the most alike, by name and by the nodes in them. [MA-2]
 */
export function matchDefinitions(a: Workflow, b: Workflow): ReadonlyMap<string, string> {
  const isInBoth = (id: string): boolean => Object.hasOwn(a.subgraphs, id) && Object.hasOwn(b.subgraphs, id);
  const rest = ({ subgraphs }: Workflow): string[] =>
    Object.keys(subgraphs)
      .filter((id) => !isInBoth(id))
      .sort();
  const [left, right] = [rest(a), rest(b)];
  const both = Object.keys(a.subgraphs).filter(isInBoth).sort();
  const pairs = new Map(both.map((id) => [id, id]));
  if (left.length === 0 || right.length === 0) return pairs;
  // One order of the sides for both directions, so that ties fall alike.
  if (left.join() <= right.join()) return pairRest(a, b, left, right, pairs);
  return new Map([...pairRest(b, a, right, left, pairs)].map(([y, x]) => [x, y]));
}

function pairRest(
  a: Workflow,
  b: Workflow,
  left: readonly string[],
  right: readonly string[],
  pairs: Map<string, string>,
): Map<string, string> {
  for (const what of ['content', 'shape'] as const) {
    const done = new Set(pairs.values());
    const [contentsA, contentsB] = [new Contents(a, what), new Contents(b, what)];
    const groupsA = groupBy(
      left.filter((id) => !pairs.has(id)),
      contentsA,
    );
    const groupsB = groupBy(
      right.filter((id) => !done.has(id)),
      contentsB,
    );
    pairEqual(a, b, groupsA, groupsB, what, pairs);
  }
  const done = new Set(pairs.values());
  pairAlike(
    a,
    b,
    left.filter((id) => !pairs.has(id)),
    right.filter((id) => !done.has(id)),
    pairs,
  );
  return pairs;
}

/** Definitions by their content and how often they are placed. */
function groupBy(ids: readonly string[], contents: Contents): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const id of ids) {
    const key = `${contents.of(id)} ${contents.instances(id)}`;
    const group = out.get(key);
    if (group) group.push(id);
    else out.set(key, [id]);
  }
  return out;
}

/**
 * Pairs what is equal. Of copies that differ in number one was changed, and only by its shape is it still one of them:
 * they wait for that.
 */
function pairEqual(
  a: Workflow,
  b: Workflow,
  left: ReadonlyMap<string, readonly string[]>,
  right: ReadonlyMap<string, readonly string[]>,
  what: 'content' | 'shape',
  pairs: Map<string, string>,
): void {
  const isReady = (key: string): boolean => what === 'shape' || left.get(key)!.length === right.get(key)!.length;
  const keys = [...left.keys()].filter((key) => right.has(key) && isReady(key)).sort();
  const copies = new Map<string, string>();
  for (const key of keys) {
    const [xs, ys] = [left.get(key)!, right.get(key)!];
    if (xs.length === 1 && ys.length === 1) pairs.set(xs[0]!, ys[0]!);
    else for (const id of [...xs, ...ys]) copies.set(id, key);
  }
  if (copies.size === 0) return;
  while (pairCopies(a, b, copies, pairs));
  if (what === 'shape') return;
  // Copies that nothing places, or places alike: by name, then in order.
  for (const isNamed of [true, false]) {
    for (const key of keys) {
      const done = new Set(pairs.values());
      const free = right.get(key)!.filter((id) => !done.has(id));
      for (const id of left.get(key)!.filter((one) => !pairs.has(one))) {
        const { name } = a.subgraphs[id]!;
        const at = isNamed ? free.findIndex((other) => b.subgraphs[other]!.name === name) : 0;
        const [other] = at < 0 ? [] : free.splice(at, 1);
        if (other !== undefined) pairs.set(id, other);
      }
    }
  }
}

/**
 * Pairs copies of one definition by their instances, matched while all copies count as one class. A definition with
 * several instances is settled alone, since the others of its instances must follow. Returns whether a pair was made.
 */
function pairCopies(
  a: Workflow,
  b: Workflow,
  copies: ReadonlyMap<string, string>,
  pairs: Map<string, string>,
): boolean {
  const inverse = new Map([...pairs].map(([x, y]) => [y, x]));
  const nameOf = (type: string, x: string | undefined): string =>
    x !== undefined ? `pair ${x}` : (copies.get(type) ?? type);
  const kindA = (type: string): Hash => hashText(nameOf(type, pairs.has(type) ? type : undefined), 17);
  const kindB = (type: string): Hash => hashText(nameOf(type, inverse.get(type)), 17);
  const scopes: [string | undefined, string | undefined][] = [[undefined, undefined], ...pairs];
  for (const [inA, inB] of scopes) {
    const [graphA, graphB] = [scopeGraph(a, inA, new Set(), kindA), scopeGraph(b, inB, new Set(), kindB)];
    const isOpen = ({ node: { class_type } }: GraphNode): boolean => copies.has(class_type) && !pairs.has(class_type);
    if (!graphA.some(isOpen)) continue;
    const found = new Map<string, string>();
    for (const [x, y] of matchNodes(graphA, graphB)) {
      const [p, q] = [graphA[x]!.node.class_type, graphB[y]!.node.class_type];
      if (!isOpen(graphA[x]!) || inverse.has(q) || !copies.has(q)) continue;
      const isAlone = graphA.filter(({ node }) => node.class_type === p).length === 1;
      if (!isAlone && found.size > 0) continue;
      found.set(p, q);
      if (!isAlone) break;
    }
    for (const [p, q] of found) pairs.set(p, q);
    if (found.size > 0) return true;
  }
  return false;
}

function pairAlike(
  a: Workflow,
  b: Workflow,
  left: readonly string[],
  right: readonly string[],
  out: Map<string, string>,
): void {
  if (left.length === 0 || right.length === 0 || Math.min(left.length, right.length) > MAX_GROUP) return;
  const isTurned = left.length > right.length;
  const [rows, columns] = isTurned ? [right, left] : [left, right];
  const scores = rows.map((row) =>
    columns.map((column) => {
      const [x, y] = isTurned ? [column, row] : [row, column];
      return likeness(a, a.subgraphs[x]!, b, b.subgraphs[y]!);
    }),
  );
  const columnOf = assign(scores.map((row) => row.map((score) => -score)));
  for (const [r, c] of columnOf.entries()) {
    if (scores[r]![c]! < ALIKE) continue;
    const [x, y] = isTurned ? [columns[c]!, rows[r]!] : [rows[r]!, columns[c]!];
    out.set(x, y);
  }
}

/** Dice's coefficient of the classes in two definitions, and something for an equal name. */
function likeness(a: Workflow, one: Subgraph, b: Workflow, other: Subgraph): number {
  const [x, y] = [classesOf(a, one), classesOf(b, other)];
  const counts = new Map<string, number>();
  for (const type of x) counts.set(type, (counts.get(type) ?? 0) + 1);
  let shared = 0;
  for (const type of y) {
    const left = counts.get(type) ?? 0;
    if (left === 0) continue;
    counts.set(type, left - 1);
    shared++;
  }
  const share = x.length + y.length === 0 ? 1 : (2 * shared) / (x.length + y.length);
  return share + (share > 0 && one.name !== '' && one.name === other.name ? SAME_NAME : 0);
}

/** Classes of the nodes of a definition; an instance by the name of its own. */
function classesOf(workflow: Workflow, { nodes }: Subgraph): string[] {
  return Object.values(nodes).map(({ class_type }) => own(workflow.subgraphs, class_type)?.name ?? class_type);
}

/**
 * Hashes of what definitions hold, free of ids: their own, those of nodes and slots, those of definitions in them. The
 * shape is the content without its values.
 */
class Contents {
  private readonly known = new Map<string, Hash>();
  private readonly workflow: Workflow;
  private readonly what: 'content' | 'shape';

  constructor(workflow: Workflow, what: 'content' | 'shape') {
    this.workflow = workflow;
    this.what = what;
  }

  /** How many nodes place it. */
  instances(id: string): number {
    const scopes = [this.workflow, ...Object.values(this.workflow.subgraphs)];
    return scopes.reduce(
      (count, { nodes }) => count + Object.values(nodes).filter(({ class_type }) => class_type === id).length,
      0,
    );
  }

  of(id: string): Hash {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    // A definition that holds itself, by way of others, is met again here.
    this.known.set(id, 12);
    const { inputs, input_order, outputs, output_order } = this.workflow.subgraphs[id]!;
    const kindOf = (type: string): Hash =>
      Object.hasOwn(this.workflow.subgraphs, type) ? mix(this.of(type), 13) : hashText(type, 14);
    const graph = scopeGraph(this.workflow, id, new Set(), kindOf);
    const start = graph.map(({ kind, values }) => (this.what === 'shape' ? kind : mix(kind, values)));
    const colours = refine(graph, [], { a: start, b: [] }).a.at(-1)!;
    let hash = colours.reduce(sum, 0);
    for (const key of input_order) hash = mix(hash, hashText(inputs[key]?.name ?? '', 15));
    for (const key of output_order) hash = mix(hash, hashText(outputs[key]?.name ?? '', 16));
    this.known.set(id, hash);
    return hash;
  }
}
