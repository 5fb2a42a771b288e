import { cyclicGroups } from '../../../base/cyclic-groups.ts';
import { compareIds } from '../../workflow/names.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { placeData, type Report } from '../report.ts';
import { nodeName } from '../words.ts';
import type { Rule } from './rule.ts';

/** Nodes of a path that a message names, at each end. */
const MOST_NAMED = 6;

/** [VS-8] Nodes that wait for each other, once for each such group, whether an output needs them or not. */
export const rule: Rule = {
  name: 'cycles',
  codes: ['CYCLE'],
  check({ graph }, report) {
    for (const ids of cyclicGroups(graph.nodes.keys(), (id) => sourcesOf(graph, id))) tell(graph, ids, report);
  },
};

function sourcesOf({ nodes }: Graph, id: string): string[] {
  const sources: string[] = [];
  for (const input of nodes.get(id)!.inputs.values()) {
    if (input.kind === 'link' && nodes.has(input.from)) sources.push(input.from);
  }
  return sources;
}

function tell(graph: Graph, ids: readonly string[], report: Report): void {
  const path = cycleOf(graph, new Set(ids));
  const [start] = path;
  const names = [...path, start!].map(({ node }) => nodeName(node));
  const cut = names.length > 2 * MOST_NAMED + 1;
  const told = cut
    ? [...names.slice(0, MOST_NAMED), `${names.length - 2 * MOST_NAMED} more`, ...names.slice(-MOST_NAMED)]
    : names;
  const more = ids.length > path.length ? ` (${ids.length} nodes wait for each other)` : '';
  const message =
    path.length === 1 ? 'it is linked to itself' : `nodes wait for each other: ${told.join(' -> ')}${more}`;
  const data = {
    nodes: path.map(({ node }) => placeData(node.place)),
    inputs: path.map(({ node, input }) => ({ ...placeData(node.place), input })),
  };
  report.atNode({ code: 'CYCLE', message, data }, start!.node, start!.input);
}

/** The shortest cycle through the first node of a group: each node with its input that the one before it feeds. */
function cycleOf(graph: Graph, ids: ReadonlySet<string>): { node: GraphNode; input: string }[] {
  const readers = new Map<string, { id: string; input: string }[]>();
  for (const id of ids) {
    for (const [input, held] of graph.nodes.get(id)!.inputs) {
      if (held.kind !== 'link' || !ids.has(held.from)) continue;
      const list = readers.get(held.from) ?? [];
      list.push({ id, input });
      readers.set(held.from, list);
    }
  }
  const start = [...ids].sort(compareIds)[0]!;
  const before = new Map<string, { id: string; input: string }>();
  const queue = [start];
  for (let at = 0; at < queue.length && !before.has(start); at++) {
    for (const { id, input } of readers.get(queue[at]!) ?? []) {
      if (before.has(id)) continue;
      before.set(id, { id: queue[at]!, input });
      queue.push(id);
    }
  }
  const path: { node: GraphNode; input: string }[] = [];
  let id = start;
  do {
    const step = before.get(id)!;
    path.push({ node: graph.nodes.get(id)!, input: step.input });
    id = step.id;
  } while (id !== start);
  const [first, ...rest] = path;
  return [first!, ...rest.reverse()];
}
