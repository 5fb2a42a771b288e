import type { Json } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { isIntegerId } from '../workflow/names.ts';
import { type NodePlace, scopeAt, withNodes } from '../workflow/scopes.ts';
import type { LinkSource, NodeId, Scope, Workflow, WorkflowNode } from '../workflow/types.ts';
import { drawNode, type NewNode } from './draw.ts';
import { forgetNode } from './link-rows.ts';
import { passedOn } from './pass-through.ts';
import { findPlace, type Neighbours } from './place.ts';
import { usersOf } from './scope-wires.ts';
import { connect, disconnect } from './wiring.ts';
import { manyInto } from './writing.ts';

/** A node to be added: what it is, where, what feeds it, and what it should stand close to beside that. */
export interface AddedNode extends NewNode, Neighbours {
  readonly scope?: string;
  readonly links?: Readonly<Record<string, LinkSource>>;
  /** Its id; the next free number where it is absent. */
  readonly id?: NodeId;
  /** Its place on the canvas; found where it is absent. */
  readonly pos?: readonly [number, number];
}

/**
 * The next free integer after all ids of a document: ids are unique over all scopes, as the page keeps them. A text id
 * of several parts (`12:3`) counts by its numbers. [TE-1]
 */
export function nextId(workflow: Workflow): NodeId {
  const scopes: Scope[] = [workflow, ...Object.values(workflow.subgraphs)];
  const numbers = scopes
    .flatMap(({ nodes }) => Object.keys(nodes).flatMap((id) => id.split(':')))
    .filter(isIntegerId)
    .map(Number)
    .filter(Number.isSafeInteger);
  return String(numbers.reduce((most, id) => Math.max(most, id), 0) + 1);
}

/** A new node with its links, and its id. The class is taken as it is: what nobody knows has neither inputs nor outputs. */
export function addNode(
  workflow: Workflow,
  added: AddedNode,
  catalog: Catalog,
): { readonly workflow: Workflow; readonly id: NodeId } {
  const { scope, links = {} } = added;
  const id = added.id ?? nextId(workflow);
  const drawn = drawNode(workflow, id, added, catalog);
  const inside = scopeAt(workflow, scope)!;
  const node = workflow.format === 'api' ? drawn : placed(inside, drawn, added);
  let after = withNodes(workflow, scope, { ...inside.nodes, [id]: node });
  for (const [input, { from, slot }] of Object.entries(links)) {
    after = connect(after, { ...(scope === undefined ? {} : { scope }), node: id, input, from, slot }, catalog);
  }
  return { workflow: after, id };
}

/**
 * A workflow without a node. With `rewire` (the default) its users take over what feeds the input of the same type, as
 * the page does for a node that is bypassed; whatever is left is disconnected. [TE-6]
 */
export function removeNode(
  workflow: Workflow,
  place: NodePlace,
  catalog: Catalog,
  { rewire = true }: { readonly rewire?: boolean } = {},
): Workflow {
  const { scope } = place;
  const at = scope === undefined ? {} : { scope };
  const next = new Map<LinkSource['slot'], LinkSource | undefined>();
  const nextOf = (source: LinkSource): LinkSource | undefined => {
    if (rewire && !next.has(source.slot)) next.set(source.slot, passedOn(workflow, place, source, catalog));
    return next.get(source.slot);
  };
  const { workflow: copy, writing } = manyInto(workflow);
  let after = copy;
  for (const { node, input, source } of usersOf(workflow, place)) {
    if (node === place.node) continue;
    const other = nextOf(source);
    const user = { ...at, node, input };
    after = other ? connect(after, { ...user, ...other }, catalog, writing) : disconnect(after, user, catalog, writing);
  }
  const { [place.node]: _, ...nodes } = scopeAt(after, scope)!.nodes;
  return forgetNode(withNodes(after, scope, nodes), place);
}

function placed(scope: Scope, node: WorkflowNode, { links = {}, after = [], before, pos }: AddedNode): WorkflowNode {
  const [width, height] = node.ui.size as [number, number];
  const near = { after: [...Object.values(links).map(({ from }) => from), ...after], ...(before ? { before } : {}) };
  const [x, y] = pos ?? findPlace(scope, [width, height], near);
  return { ...node, ui: { ...node.ui, pos: [x, y], order: lastOrder(scope) + 1 } };
}

function lastOrder({ nodes }: Scope): number {
  const orders = Object.values(nodes).map(({ ui }): Json | undefined => ui.order);
  return orders.reduce<number>((most, one) => (typeof one === 'number' && one > most ? one : most), -1);
}
