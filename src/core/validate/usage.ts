import { own } from '../workflow/names.ts';
import type { Workflow } from '../workflow/types.ts';
import type { Graph, GraphNode } from './graph.ts';

/** Whether a node is run for its own sake; one of an unknown class may be. */
export function isEnd({ definition }: GraphNode): boolean {
  return definition === undefined || definition.flags.includes('output_node');
}

/** The nodes that the outputs of a fragment's definition need; undefined where they lead to none. */
export function neededByFragment(workflow: Workflow, graph: Graph): ReadonlySet<GraphNode> | undefined {
  const ends = new Set<string>();
  const open = Object.values(workflow.nodes).map(({ class_type }) => class_type);
  const seen = new Set(open);
  for (const definition of open) {
    const inner = own(workflow.subgraphs, definition);
    for (const { link } of Object.values(inner?.outputs ?? {})) {
      const source = link && own(inner!.nodes, link.from);
      if (!source) continue;
      ends.add(JSON.stringify([definition, link.from]));
      if (seen.has(source.class_type)) continue;
      seen.add(source.class_type);
      open.push(source.class_type);
    }
  }
  const nodes = [...graph.nodes.values()].filter(
    (node) => isEnd(node) || ends.has(JSON.stringify([node.place.scope, node.place.node])),
  );
  return nodes.length === 0 ? undefined : reached(nodes, (node) => sourcesOf(graph, node));
}

/** The nodes that some result needs. */
export function usedNodes(graph: Graph): ReadonlySet<GraphNode> {
  return reached([...graph.nodes.values()].filter(isEnd), (node) => sourcesOf(graph, node));
}

/** The nodes that feed a node. */
export function sourcesOf({ nodes }: Graph, { inputs }: GraphNode): GraphNode[] {
  const sources: GraphNode[] = [];
  for (const input of inputs.values()) {
    // A malformed link is a link all the same to whoever wrote it.
    const from = input.kind === 'link' ? input.from : input.kind === 'list' ? String(input.value[0]) : undefined;
    const source = from === undefined ? undefined : nodes.get(from);
    if (source) sources.push(source);
  }
  return sources;
}

/** All that can be reached from some nodes, step by step, themselves included. */
export function reached(from: readonly GraphNode[], next: (node: GraphNode) => readonly GraphNode[]): Set<GraphNode> {
  const seen = new Set(from);
  for (const node of seen) for (const one of next(node)) seen.add(one);
  return seen;
}
