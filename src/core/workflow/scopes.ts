import type { Json } from '../../base/json.ts';
import { own } from './names.ts';
import type { NodeId, Scope, Workflow, WorkflowNode } from './types.ts';

/** A node by the scope it stands in (absent for the root) and its id. */
export interface NodePlace {
  readonly scope?: string;
  readonly node: NodeId;
}

/** The root, or a subgraph definition; undefined where there is none. */
export function scopeAt(workflow: Workflow | undefined, scope: string | undefined): Scope | undefined {
  return scope === undefined ? workflow : own(workflow?.subgraphs, scope);
}

/** The node at a place; undefined where there is none. */
export function nodeAt(workflow: Workflow, { scope, node }: NodePlace): WorkflowNode | undefined {
  return own(scopeAt(workflow, scope)?.nodes, node);
}

/** The workflow with a node put at a place of a scope that is there. */
export function withNode(workflow: Workflow, { scope, node: id }: NodePlace, node: WorkflowNode): Workflow {
  return withNodes(workflow, scope, { ...scopeAt(workflow, scope)!.nodes, [id]: node });
}

/** The workflow with other nodes in a scope that is there. */
export function withNodes(workflow: Workflow, scope: string | undefined, nodes: Scope['nodes']): Workflow {
  if (scope === undefined) return { ...workflow, nodes };
  const inner = { ...workflow.subgraphs[scope]!, nodes };
  return { ...workflow, subgraphs: { ...workflow.subgraphs, [scope]: inner } };
}

/** A node with one new value. The stale positional copy of that value goes: two truths about it are one too many. */
export function withValue(node: WorkflowNode, input: string, value: Json): WorkflowNode {
  const { positional, ...rest } = node;
  const left = Object.entries(positional ?? {}).filter(([name]) => name !== input);
  return {
    ...rest,
    widgets: { ...node.widgets, [input]: value },
    ...(left.length > 0 ? { positional: Object.fromEntries(left) } : {}),
  };
}
