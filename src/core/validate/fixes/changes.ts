import type { Json } from '../../../base/json.ts';
import { compareValues } from '../../edit/diff.ts';
import { type Edit, makeEdit } from '../../edit/edit.ts';
import { type NodePlace, nodeAt, withValue } from '../../workflow/scopes.ts';
import type { LinkSource, Workflow, WorkflowNode } from '../../workflow/types.ts';

/** The edits that make a node another; without `after` it goes. */
export function changeNode(workflow: Workflow, place: NodePlace, after: WorkflowNode | undefined): Edit[] {
  const before = nodeAt(workflow, place);
  const path = nodePath(place);
  if (before === undefined || after === undefined || before.class_type !== after.class_type)
    return [makeEdit(path, before as Json | undefined, after as Json | undefined)];
  return compareValues(before as unknown as Json, after as unknown as Json, path);
}

/** The place of a node in keyed form. */
export function nodePath({ scope, node }: NodePlace): string[] {
  return scope === undefined ? ['nodes', node] : ['subgraphs', scope, 'nodes', node];
}

/** A node whose input holds a value, whatever it held. */
export function holding(node: WorkflowNode, input: string, value: Json): WorkflowNode {
  return withValue(without(node, input), input, value);
}

/** A node whose input is fed by a link, whatever it held. */
export function fedBy(node: WorkflowNode, input: string, source: LinkSource): WorkflowNode {
  const bare = without(node, input);
  return { ...bare, links: { ...bare.links, [input]: source } };
}

/** A node whose input holds nothing. */
export function without(node: WorkflowNode, input: string): WorkflowNode {
  const { [input]: _value, ...widgets } = node.widgets;
  const { [input]: _link, ...links } = node.links;
  const { positional, ...rest } = node;
  const left = Object.entries(positional ?? {}).filter(([name]) => name !== input);
  return { ...rest, widgets, links, ...(left.length > 0 ? { positional: Object.fromEntries(left) } : {}) };
}
