import { matchWorkflows } from '../../core/edit/match.ts';
import type { NodePlace } from '../../core/workflow/scopes.ts';
import type { Workflow } from '../../core/workflow/types.ts';

/**
 * Where a node of one version stands in a later one, whatever its id is there; undefined when it is gone. A definition
 * that got another id has its nodes looked for under the new one. [RV-8]
 */
export function laterPlace(before: Workflow, after: Workflow, { scope, node }: NodePlace): NodePlace | undefined {
  const { scopes, moved } = matchWorkflows(before, after);
  for (const { a, b, nodes } of scopes) {
    const id = a === scope ? nodes.get(node) : undefined;
    if (id !== undefined) return b === undefined ? { node: id } : { scope: b, node: id };
  }
  return moved.find(({ a }) => a.scope === scope && a.node === node)?.b;
}
