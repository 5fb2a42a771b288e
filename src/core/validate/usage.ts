import type { Graph, GraphNode } from './graph.ts';

/** Whether a node is run for its own sake; one of an unknown class may be. */
export function isEnd({ definition }: GraphNode): boolean {
  return definition === undefined || definition.flags.includes('output_node');
}

/** The nodes that some result needs. */
export function usedNodes(graph: Graph): ReadonlySet<GraphNode> {
  return reached([...graph.nodes.values()].filter(isEnd), (node) => sourcesOf(graph, node));
}

/** The nodes that feed a node. */
export function sourcesOf({ nodes }: Graph, { inputs }: GraphNode): GraphNode[] {
  const sources: GraphNode[] = [];
  for (const input of inputs.values()) {
    const source = input.kind === 'link' ? nodes.get(input.from) : undefined;
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
