import { compareIds, own } from '../workflow/names.ts';
import type { Workflow } from '../workflow/types.ts';

/** One step into a nested subgraph: the definition, its name, and the node of the scope before that places it. */
export interface SubgraphStep {
  readonly subgraph: string;
  readonly name: string;
  readonly instance?: string;
}

const KNOWN = new WeakMap<Workflow, ReadonlyMap<string, readonly SubgraphStep[]>>();

/**
 * The way from the root to a definition, by the fewest instances and among those the lowest ids. A definition that nothing
 * places is its own only step; [] when there is none of that id.
 */
export function subgraphPath(workflow: Workflow, subgraph: string): readonly SubgraphStep[] {
  let paths = KNOWN.get(workflow);
  if (paths === undefined) {
    paths = allPaths(workflow);
    KNOWN.set(workflow, paths);
  }
  const found = paths.get(subgraph);
  if (found) return found;
  const definition = own(workflow.subgraphs, subgraph);
  return definition ? [{ subgraph, name: definition.name }] : [];
}

function allPaths(workflow: Workflow): ReadonlyMap<string, readonly SubgraphStep[]> {
  const paths = new Map<string, readonly SubgraphStep[]>();
  const queue: { scope: Workflow | Workflow['subgraphs'][string]; path: readonly SubgraphStep[] }[] = [
    { scope: workflow, path: [] },
  ];
  for (const { scope, path } of queue) {
    for (const id of Object.keys(scope.nodes).sort(compareIds)) {
      const subgraph = scope.nodes[id]!.class_type;
      const definition = own(workflow.subgraphs, subgraph);
      if (!definition || paths.has(subgraph)) continue;
      const inner = [...path, { subgraph, name: definition.name, instance: id }];
      paths.set(subgraph, inner);
      queue.push({ scope: definition, path: inner });
    }
  }
  return paths;
}
