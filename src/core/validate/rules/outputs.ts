import { compareIds } from '../../workflow/names.ts';
import { isBlueprint } from '../blueprint.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { placeData } from '../report.ts';
import { isEnd, reached, sourcesOf, usedNodes } from '../usage.ts';
import { nodeName } from '../words.ts';
import type { Rule } from './rule.ts';

/** Nodes that a message names. */
const MOST_NAMED = 5;

/** [VS-9] Something gives a result, and every node leads to one; a fragment for other workflows need not. */
export const rule: Rule = {
  name: 'outputs',
  codes: ['OUTPUT_MISSING', 'NODE_UNUSED'],
  check({ workflow, graph }, report) {
    if (isBlueprint(workflow)) return;
    if (![...graph.nodes.values()].some(isEnd)) {
      const message = 'no node gives a result (saves or shows something): the server runs nothing';
      report.add({ code: 'OUTPUT_MISSING', message }, {});
      return;
    }
    for (const nodes of unusedGroups(graph)) {
      const [first] = nodes;
      const names = nodes.slice(0, MOST_NAMED).map(nodeName);
      const more = nodes.length > MOST_NAMED ? ` and ${nodes.length - MOST_NAMED} more` : '';
      const message =
        nodes.length === 1
          ? 'it leads to no result: the server does not run it'
          : `they lead to no result, and the server does not run them: ${names.join(', ')}${more}`;
      const data = { nodes: nodes.map(({ place }) => placeData(place)) };
      report.atNode({ code: 'NODE_UNUSED', message, data }, first!);
    }
  },
};

/** The nodes that no end needs, those that are linked to each other together. */
function unusedGroups(graph: Graph): GraphNode[][] {
  const used = usedNodes(graph);
  const unused = [...graph.nodes.values()].filter((node) => !used.has(node));
  if (unused.length === 0) return [];
  const beside = new Map<GraphNode, GraphNode[]>(unused.map((node) => [node, []]));
  for (const node of unused) {
    for (const source of sourcesOf(graph, node)) {
      if (!beside.has(source)) continue;
      beside.get(node)!.push(source);
      beside.get(source)!.push(node);
    }
  }
  const groups: GraphNode[][] = [];
  const seen = new Set<GraphNode>();
  for (const node of unused.sort((a, b) => compareIds(a.id, b.id))) {
    if (seen.has(node)) continue;
    const group = reached([node], (one) => beside.get(one)!);
    for (const one of group) seen.add(one);
    groups.push([...group].sort((a, b) => compareIds(a.id, b.id)));
  }
  return groups;
}
