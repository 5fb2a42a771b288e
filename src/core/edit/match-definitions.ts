import { own } from '../workflow/names.ts';
import type { Subgraph, Workflow } from '../workflow/types.ts';
import { assign } from './assignment.ts';
import { refine } from './colours.ts';
import { type Hash, hashText, mix, sum } from './node-hash.ts';
import { scopeGraph } from './scope-graph.ts';

/** Definitions this alike are one that was changed: the share of their nodes that have a counterpart. */
const ALIKE = 0.5;
/** What an equal name counts for beside the share of equal nodes. */
const SAME_NAME = 0.5;
/** More definitions without a counterpart than this on both sides are left apart. */
const MAX_GROUP = 100;

/**
 * Which subgraph definitions of two workflows are one: equal ids; then equal content, whatever the ids; then the most
 * alike, by name and by the nodes in them. [MA-2]
 */
export function matchDefinitions(a: Workflow, b: Workflow): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const id of Object.keys(a.subgraphs)) if (Object.hasOwn(b.subgraphs, id)) out.set(id, id);
  const left = Object.keys(a.subgraphs)
    .filter((id) => !out.has(id))
    .sort();
  const right = Object.keys(b.subgraphs)
    .filter((id) => !out.has(id))
    .sort();
  if (left.length === 0 || right.length === 0) return out;
  const [contentA, contentB] = [new Contents(a), new Contents(b)];
  for (const key of [
    (workflow: Workflow, contents: Contents, id: string): string =>
      `${contents.of(id)} ${workflow.subgraphs[id]!.name} ${instancesOf(workflow, id)}`,
    (workflow: Workflow, contents: Contents, id: string): string =>
      `${contents.of(id)} ${workflow.subgraphs[id]!.name}`,
    (_: Workflow, contents: Contents, id: string): string => String(contents.of(id)),
  ]) {
    const waiting = new Map<string, string[]>();
    const done = new Set(out.values());
    for (const id of right) {
      if (done.has(id)) continue;
      const text = key(b, contentB, id);
      waiting.set(text, [...(waiting.get(text) ?? []), id]);
    }
    for (const id of left) {
      if (out.has(id)) continue;
      const other = waiting.get(key(a, contentA, id))?.shift();
      if (other !== undefined) out.set(id, other);
    }
  }
  const done = new Set(out.values());
  pairAlike(
    a,
    b,
    left.filter((id) => !out.has(id)),
    right.filter((id) => !done.has(id)),
    out,
  );
  return out;
}

function pairAlike(a: Workflow, b: Workflow, left: string[], right: string[], out: Map<string, string>): void {
  if (left.length === 0 || right.length === 0 || Math.min(left.length, right.length) > MAX_GROUP) return;
  // The same rows and columns from either side, so that ties fall alike.
  const isTurned = left.length > right.length || (left.length === right.length && left.join() > right.join());
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

/** The nodes that place a definition, as text. */
function instancesOf(workflow: Workflow, id: string): string {
  const out: string[] = [];
  for (const scope of [workflow, ...Object.values(workflow.subgraphs)]) {
    for (const [node, { class_type }] of Object.entries(scope.nodes)) if (class_type === id) out.push(node);
  }
  return out.sort().join(' ');
}

/** Hashes of what definitions hold, free of ids: their own, those of nodes and slots, those of definitions in them. */
class Contents {
  private readonly known = new Map<string, Hash>();
  private readonly workflow: Workflow;

  constructor(workflow: Workflow) {
    this.workflow = workflow;
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
    const start = graph.map(({ kind, values }) => mix(kind, values));
    const colours = refine(graph, [], { a: start, b: [] }).a.at(-1)!;
    let hash = colours.reduce(sum, 0);
    for (const key of input_order) hash = mix(hash, hashText(inputs[key]?.name ?? '', 15));
    for (const key of output_order) hash = mix(hash, hashText(outputs[key]?.name ?? '', 16));
    this.known.set(id, hash);
    return hash;
  }
}
