import { assign } from './assignment.ts';
import { refine } from './colours.ts';
import { type Hash, hashText, mix, sum } from './node-hash.ts';
import { NodePairs } from './node-pairs.ts';
import type { GraphNode } from './scope-graph.ts';

/** Groups up to this many nodes on the smaller side are assigned at the least cost; larger ones by ids alone. */
const MAX_GROUP = 100;
/** What one new id counts for beside one changed value or link, where two matchings are compared. */
const NEW_ID = 0.5;

/**
 * Pairs of nodes of two graphs, by index: those that are the same node. Two matchings are tried, ids first and structure
 * first, and the one that tells the difference in fewer edits is taken; where it tells of none the graphs are one graph
 * under other ids. The same pairs come out whichever graph is named first. [MA-1]
 */
export function matchNodes(a: readonly GraphNode[], b: readonly GraphNode[]): [number, number][] {
  // A rule for ties would have to be fair to both sides: instead the sides have an order of their own.
  if (hashGraph(a) > hashGraph(b)) return matchNodes2(b, a).map(([y, x]) => [x, y]);
  return matchNodes2(a, b);
}

function matchNodes2(a: readonly GraphNode[], b: readonly GraphNode[]): [number, number][] {
  const byId = new NodePairs(a, b);
  pairIds(byId);
  const isWhole = byId.inB.every((y) => y >= 0) && byId.inA.every((x) => x >= 0);
  if (!isWhole || byId.cost().graph > 0) {
    complete(byId);
    const byStructure = new NodePairs(a, b);
    complete(byStructure);
    const [ids, structure] = [byId.cost(), byStructure.cost()];
    const isBetter = structure.graph + NEW_ID * structure.renumbered < ids.graph + NEW_ID * ids.renumbered;
    if (ids.graph > 0 && (structure.graph === 0 || isBetter)) return pairsOf(byStructure);
  }
  return pairsOf(byId);
}

function pairsOf({ inB }: NodePairs): [number, number][] {
  return [...inB.entries()].filter(([, y]) => y >= 0);
}

/** Equal id and class, and something else that is equal too (or nothing else to compare). */
function pairIds(pairs: NodePairs): void {
  const candidates = sameIds(pairs);
  const likely = new NodePairs(pairs.a, pairs.b);
  for (const [x, y] of candidates) likely.add(x, y);
  for (const [x, y] of candidates) {
    const { same, different } = likely.likeness(x, y);
    if (same > 0 || different === 0) pairs.add(x, y);
  }
}

/** Nodes of equal id and class, in the scope itself before those of inlined definitions. */
function sameIds({ a, b }: NodePairs): [number, number][] {
  const own = { a: homeOf(a), b: homeOf(b) };
  const byId = new Map<string, number[]>();
  for (const [y, { id }] of b.entries()) push(byId, id, y);
  const out: [number, number][] = [];
  for (const pass of ['home', 'inlined']) {
    for (const [x, { id, kind, scope }] of a.entries()) {
      for (const y of byId.get(id) ?? []) {
        const isHome = scope === own.a && b[y]!.scope === own.b;
        if (isHome === (pass === 'home') && b[y]!.kind === kind) out.push([x, y]);
      }
    }
  }
  return out;
}

function homeOf(graph: readonly GraphNode[]): string | undefined {
  return graph[0]?.scope;
}

/** Matches what is left: equal content and neighbourhood, then equal neighbourhood, then the least difference. */
function complete(pairs: NodePairs): void {
  const { a, b } = pairs;
  const content = ({ kind, values }: GraphNode): Hash => mix(kind, values);
  const start = { a: a.map(content), b: b.map(content) };
  const colours = refine(a, b, start);
  const walk = new Walk(pairs, start.a, start.b);
  for (const [x, y] of pairsOf(pairs)) walk.from(x, y);
  const last = colours.a.length - 1;
  for (let radius = last; radius > 0; radius--) {
    const groups = groupsOf(pairs, colours.a[radius]!, colours.b[radius]!);
    for (const { xs, ys } of groups) if (xs.length === 1 && ys.length === 1) walk.pair(xs[0]!, ys[0]!);
    if (radius === last) for (const group of groups) pairTwins(pairs, walk, group);
  }
  pairByPlace(pairs);
  // Each pass may give the next one more links to go by.
  while (assignGroups(pairs, true) || assignGroups(pairs, false));
  for (const [x, y] of sameIds(pairs)) pairs.add(x, y);
}

/** Nodes that stand alike between the nodes that are matched, whatever their values. */
function pairByPlace(pairs: NodePairs): void {
  const { a, b, inA, inB } = pairs;
  const start = {
    a: a.map(({ kind }, x) => (inB[x]! < 0 ? kind : mix(kind, x + 1))),
    b: b.map(({ kind }, y) => (inA[y]! < 0 ? kind : mix(kind, inA[y]! + 1))),
  };
  const colours = refine(a, b, start);
  const walk = new Walk(pairs, start.a, start.b);
  for (let radius = colours.a.length - 1; radius > 0; radius--) {
    for (const { xs, ys } of groupsOf(pairs, colours.a[radius]!, colours.b[radius]!)) {
      const isLinked = a[xs[0]!]!.sources.length + a[xs[0]!]!.targets.length > 0;
      if (isLinked && xs.length === 1 && ys.length === 1) walk.pair(xs[0]!, ys[0]!);
    }
  }
}

/** Nodes that nothing tells apart: by id and title, then title, then id, then in order. */
function pairTwins({ a, b, inA, inB }: NodePairs, walk: Walk, { xs, ys }: Group): void {
  const title = (node: GraphNode): string => JSON.stringify(node.node.ui.title ?? '');
  for (const key of [(one: GraphNode) => `${title(one)} ${one.id}`, title, (one: GraphNode) => one.id, () => '']) {
    const waiting = new Map<string, number[]>();
    for (const y of ys) if (inA[y]! < 0) push(waiting, key(b[y]!), y);
    for (const x of xs) {
      if (inB[x]! >= 0) continue;
      const list = waiting.get(key(a[x]!)) ?? [];
      let y = list.shift();
      // A walk along the links may have taken it in the meantime.
      while (y !== undefined && inA[y]! >= 0) y = list.shift();
      if (y !== undefined) walk.pair(x, y);
    }
  }
}

/** Makes pairs and follows their links: what feeds equal inputs of a pair, or is fed alike, is a pair if it is alike. */
class Walk {
  private readonly pairs: NodePairs;
  private readonly coloursA: readonly Hash[];
  private readonly coloursB: readonly Hash[];

  constructor(pairs: NodePairs, coloursA: readonly Hash[], coloursB: readonly Hash[]) {
    this.pairs = pairs;
    this.coloursA = coloursA;
    this.coloursB = coloursB;
  }

  pair(x: number, y: number): void {
    if (this.isAlike(x, y) && this.pairs.add(x, y)) this.from(x, y);
  }

  from(x: number, y: number): void {
    const queue: [number, number][] = [[x, y]];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const [p, q] of this.neighbours(...next)) {
        if (this.isAlike(p, q) && this.pairs.add(p, q)) queue.push([p, q]);
      }
    }
  }

  private isAlike(x: number, y: number): boolean {
    return this.coloursA[x] === this.coloursB[y];
  }

  private *neighbours(x: number, y: number): Generator<[number, number]> {
    const { a, b, inA, inB } = this.pairs;
    const sources = new Map(b[y]!.sources.map(({ key, at }) => [key, at]));
    for (const { key, at } of a[x]!.sources) {
      const other = sources.get(key) ?? -1;
      if (at >= 0 && other >= 0) yield [at, other];
    }
    // Several nodes may be fed alike: only one of a kind on each side is followed.
    const fed = new Map<Hash, { xs: number[]; ys: number[] }>();
    const add = (side: 'xs' | 'ys', key: Hash, colour: Hash, at: number): void => {
      const group = fed.get(mix(key, colour)) ?? { xs: [], ys: [] };
      group[side].push(at);
      fed.set(mix(key, colour), group);
    };
    for (const { key, at } of a[x]!.targets) if (at >= 0 && inB[at]! < 0) add('xs', key, this.coloursA[at]!, at);
    for (const { key, at } of b[y]!.targets) if (at >= 0 && inA[at]! < 0) add('ys', key, this.coloursB[at]!, at);
    for (const { xs, ys } of fed.values()) if (xs.length === 1 && ys.length === 1) yield [xs[0]!, ys[0]!];
  }
}

/** Unmatched nodes of one class or colour on both sides. */
interface Group {
  readonly xs: number[];
  readonly ys: number[];
}

/** Groups with members on both sides, in the order of their colours. */
function groupsOf({ inA, inB }: NodePairs, a: readonly Hash[], b: readonly Hash[]): Group[] {
  const groups = new Map<Hash, Group>();
  for (const [x, colour] of a.entries()) {
    if (inB[x]! >= 0) continue;
    const group = groups.get(colour);
    if (group) group.xs.push(x);
    else groups.set(colour, { xs: [x], ys: [] });
  }
  for (const [y, colour] of b.entries()) if (inA[y]! < 0) groups.get(colour)?.ys.push(y);
  return [...groups]
    .filter(([, { ys }]) => ys.length > 0)
    .sort(([one], [other]) => one - other)
    .map(([, group]) => group);
}

/**
 * Pairs the nodes of each class so that they differ least. `isSure`: only pairs that share at least as much as they do
 * not. Two nodes that share nothing but their class stay apart. Returns whether a pair was made.
 */
function assignGroups(pairs: NodePairs, isSure: boolean): boolean {
  const { a, b } = pairs;
  let isMore = false;
  for (const group of groupsOf(
    pairs,
    a.map(({ kind }) => kind),
    b.map(({ kind }) => kind),
  )) {
    const { xs, ys } = group;
    if (Math.min(xs.length, ys.length) > MAX_GROUP) continue;
    const isTurned = xs.length > ys.length;
    const [rows, columns] = isTurned ? [ys, xs] : [xs, ys];
    const found = rows.map((r) => columns.map((c) => (isTurned ? judge(pairs, c, r) : judge(pairs, r, c))));
    const columnOf = assign(found.map((row) => row.map(({ cost }) => cost)));
    for (const [r, c] of columnOf.entries()) {
      const { same, different } = found[r]![c]!;
      if (isSure ? same < different : same === 0 && different > 0) continue;
      const [x, y] = isTurned ? [columns[c]!, rows[r]!] : [rows[r]!, columns[c]!];
      if (pairs.add(x, y)) isMore = true;
    }
  }
  return isMore;
}

function judge(pairs: NodePairs, x: number, y: number): { same: number; different: number; cost: number } {
  const { same, different } = pairs.likeness(x, y);
  const hasSameId = pairs.a[x]!.id === pairs.b[y]!.id;
  return { same, different, cost: different - same - (hasSameId ? NEW_ID : 0) };
}

/** Content with ids: what puts the sides of a matching in order. */
function hashGraph(graph: readonly GraphNode[]): Hash {
  let hash = 0;
  for (const { id, kind, values, sources, node } of graph) {
    let one = mix(mix(hashText(id), kind), mix(values, hashText(JSON.stringify(node.ui.title ?? ''))));
    for (const { key, at, outside } of sources) one = sum(one, mix(key, at < 0 ? outside : hashText(graph[at]!.id, 9)));
    hash = sum(hash, mix(one, 10));
  }
  return hash;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
