import { type NodePlace, scopeAt, withNode } from '../workflow/scopes.ts';
import type { NodeId, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { freeLinkId } from './link-rows.ts';

/** How changed nodes get into a workflow, and which numbers new links of a UI file get. */
export interface Writing {
  put(workflow: Workflow, place: NodePlace, node: WorkflowNode): Workflow;
  linkId(workflow: Workflow, scope: string | undefined): number;
}

/** A new workflow for each changed node. */
export const ONE_BY_ONE: Writing = { put: withNode, linkId: freeLinkId };

/**
 * A copy of a workflow into which many changes go without a copy for each: one node may feed all the others of a large
 * file. The copy belongs to the caller alone until its last change.
 */
export function manyInto(workflow: Workflow): { readonly workflow: Workflow; readonly writing: Writing } {
  const own = new Map<string | undefined, Record<NodeId, WorkflowNode>>();
  const copyOf = (scope: string | undefined): Record<NodeId, WorkflowNode> => {
    const nodes = { ...scopeAt(workflow, scope)!.nodes };
    own.set(scope, nodes);
    return nodes;
  };
  const subgraphs: Record<string, Subgraph> = {};
  for (const [id, inner] of Object.entries(workflow.subgraphs)) subgraphs[id] = { ...inner, nodes: copyOf(id) };
  const copy: Workflow = { ...workflow, nodes: copyOf(undefined), subgraphs };
  const last = new Map<string | undefined, number>();
  const writing: Writing = {
    put(current, place, node) {
      const nodes = own.get(place.scope);
      // Where something else has made a new map of nodes meanwhile, that one counts.
      if (nodes === undefined || scopeAt(current, place.scope)!.nodes !== nodes) return withNode(current, place, node);
      nodes[place.node] = node;
      return current;
    },
    linkId(current, scope) {
      const known = last.get(scope);
      const next = known === undefined ? freeLinkId(current, scope) : known + 1;
      last.set(scope, next);
      return next;
    },
  };
  return { workflow: copy, writing };
}
