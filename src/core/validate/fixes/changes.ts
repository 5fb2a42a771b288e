import type { Json } from '../../../base/json.ts';
import { compareValues, diffByIds } from '../../edit/diff.ts';
import { type Edit, makeEdit } from '../../edit/edit.ts';
import { removeNode } from '../../transform/nodes.ts';
import { replaceClass } from '../../transform/replace-class.ts';
import { connect, disconnect, setInput } from '../../transform/wiring.ts';
import type { InputPlace } from '../../workflow/effective.ts';
import { withNamesAnew } from '../../workflow/read-node.ts';
import { type NodePlace, nodeAt } from '../../workflow/scopes.ts';
import type { LinkSource, Workflow, WorkflowNode } from '../../workflow/types.ts';
import type { FixContext } from './fixer.ts';

type Given = Pick<FixContext, 'workflow' | 'catalog'>;

/** The edits that put a value into an input, in the place of whatever it holds. */
export function setTo({ workflow, catalog }: Given, place: InputPlace, value: Json): Edit[] {
  const before = around(workflow, place);
  return editsTo(before, setInput(before, place, value, catalog), place);
}

/** The edits that feed an input by a link, in the place of whatever it holds. */
export function feed({ workflow, catalog }: Given, place: InputPlace, { from, slot }: LinkSource): Edit[] {
  const before = around(workflow, place, from);
  return editsTo(before, connect(before, { ...place, from, slot }, catalog), place);
}

/** The edits that leave an input with nothing; a widget of the page always holds something. */
export function empty({ workflow, catalog }: Given, place: InputPlace): Edit[] {
  if (workflow.format === 'ui') return editsTo(workflow, disconnect(workflow, place, catalog), place);
  return changeNode({ workflow, catalog }, place, without(nodeAt(workflow, place)!, place.input));
}

/** The edits that move what one input of a prompt's node holds to another. */
export function moved({ workflow, catalog }: Given, place: InputPlace, to: string): Edit[] {
  const node = nodeAt(workflow, place)!;
  const bare = without(node, place.input);
  const link = Object.hasOwn(node.links, place.input) ? node.links[place.input] : undefined;
  const after = link
    ? { ...bare, links: { ...bare.links, [to]: link } }
    : { ...bare, widgets: { ...bare.widgets, [to]: node.widgets[place.input]! } };
  return changeNode({ workflow, catalog }, place, after);
}

/**
 * The edits that give a node another class. Of a prompt all inputs stay; the page draws the node anew, unless nobody
 * knew its class: then its values have no names yet, and get those of the class by their places.
 */
export function toClass({ workflow, catalog }: Given, place: NodePlace, class_type: string): Edit[] {
  const node = nodeAt(workflow, place)!;
  if (workflow.format === 'ui' && !catalog.node(node.class_type)) {
    const named = withNamesAnew({ ...node, class_type }, catalog);
    if (!Object.keys(named.widgets).some((name) => name.startsWith('#')))
      return changeNode({ workflow, catalog }, place, named);
  }
  if (workflow.format === 'ui') return diffByIds(workflow, replaceClass(workflow, place, class_type, catalog).workflow);
  return changeNode({ workflow, catalog }, place, { ...node, class_type });
}

/** The edits that make a node another. */
export function changeNode({ workflow }: Given, place: NodePlace, after: WorkflowNode): Edit[] {
  return compareNode(nodeAt(workflow, place), after, place);
}

/** The edits that take a node out, with what the file says of it elsewhere. */
export function removed({ workflow, catalog }: Given, place: NodePlace): Edit[] {
  if (workflow.format === 'ui') return diffByIds(workflow, removeNode(workflow, place, catalog, { rewire: false }));
  return [makeEdit(nodePath(place), nodeAt(workflow, place) as unknown as Json, undefined)];
}

/** The place of a node in keyed form. */
export function nodePath({ scope, node }: NodePlace): string[] {
  return scope === undefined ? ['nodes', node] : ['subgraphs', scope, 'nodes', node];
}

/** Of a prompt only what one input depends on, so that a change of one node does not take the time of all. */
function around(workflow: Workflow, { node: id }: NodePlace, from?: string): Workflow {
  if (workflow.format === 'ui') return workflow;
  const node = workflow.nodes[id]!;
  const ids = [id, ...Object.values(node.links).map((link) => link.from), ...(from === undefined ? [] : [from])];
  const there = ids.filter((one) => Object.hasOwn(workflow.nodes, one));
  return { ...workflow, nodes: Object.fromEntries(there.map((one) => [one, workflow.nodes[one]!])) };
}

/** A change of a UI file may show at the other end of a link and in the definition; in a prompt it cannot. */
function editsTo(before: Workflow, after: Workflow, place: NodePlace): Edit[] {
  if (before.format === 'ui') return diffByIds(before, after);
  const [old, now] = [nodeAt(before, place)!, nodeAt(after, place)!];
  return old === now ? [] : compareNode(old, now, place);
}

function compareNode(before: WorkflowNode | undefined, after: WorkflowNode, place: NodePlace): Edit[] {
  if (before === undefined || before.class_type !== after.class_type)
    return [makeEdit(nodePath(place), before as Json | undefined, after as unknown as Json)];
  return compareValues(before as unknown as Json, after as unknown as Json, nodePath(place));
}

function without(node: WorkflowNode, input: string): WorkflowNode {
  const { [input]: _value, ...widgets } = node.widgets;
  const { [input]: _link, ...links } = node.links;
  return { ...node, widgets, links };
}
