import type { Json, JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import { own } from '../../core/workflow/names.ts';
import { type NodePlace, scopeAt } from '../../core/workflow/scopes.ts';
import type { InterfaceSlot, Scope, Subgraph, Workflow, WorkflowNode } from '../../core/workflow/types.ts';
import { keyOf, scopePart } from './model-places.ts';
import type { Reach } from './model-reach.ts';

/**
 * Whether a change lies inside a reach: no node is new but those added, none is gone but of an unknown class, at no other
 * place a value or a link is another one, no title, no interface and nothing around the nodes. The second lock on the
 * door: it looks at what was changed, not at what was asked for. [LM-12]
 */
export function staysInside(before: Workflow, after: Workflow, reach: Reach, added: readonly NodePlace[]): boolean {
  const { nodes: _a, subgraphs: innerBefore, ui: uiBefore, ...rootBefore } = before;
  const { nodes: _b, subgraphs: innerAfter, ui: uiAfter, ...rootAfter } = after;
  if (!same(rootBefore, rootAfter) || !same(withoutTables(uiBefore), withoutTables(uiAfter))) return false;
  const ids = Object.keys(innerBefore);
  if (!same(ids, Object.keys(innerAfter))) return false;
  const isSameAround = ids.every((id) => {
    const { nodes: _c, ui: oldUi, inputs: oldInputs, ...old } = innerBefore[id]!;
    const { nodes: _d, ui: newUi, inputs: newInputs, ...now } = innerAfter[id]!;
    const isSameInterface = same(old, now) && same(withoutLists(oldInputs), withoutLists(newInputs));
    return isSameInterface && same(withoutTables(oldUi), withoutTables(newUi));
  });
  const news = new Set(added.map(keyOf));
  return isSameAround && [undefined, ...ids].every((scope) => isSameInside(before, after, reach, news, scope));
}

/**
 * A change without what follows from it in a UI file (sockets, numbers of links, lists): that is drawn when the file is
 * written, and the rule of acceptance wants graph edits of named nodes alone. `isWhole`: nodes taken as they are now.
 */
export function graphOnly(before: Workflow, after: Workflow, isWhole: (place: NodePlace) => boolean): Workflow {
  const plain = (scope: string | undefined): Scope['nodes'] => {
    const old = scopeAt(before, scope)!.nodes;
    const now = Object.entries(scopeAt(after, scope)!.nodes);
    return Object.fromEntries(
      now.map(([id, node]) => {
        const was = own(old, id);
        if (!was || was === node || isWhole({ ...scopePart(scope), node: id })) return [id, node];
        return [id, sameGraph(was, node) ? was : { ...was, widgets: node.widgets, links: node.links }];
      }),
    );
  };
  const inner = Object.entries(before.subgraphs).map(([id, one]) => [id, { ...one, nodes: plain(id) }] as const);
  return { ...before, nodes: plain(undefined), subgraphs: Object.fromEntries(inner) };
}

function sameGraph(a: WorkflowNode, b: WorkflowNode): boolean {
  return same(a.widgets, b.widgets) && same(a.links, b.links);
}

function isSameInside(
  before: Workflow,
  after: Workflow,
  reach: Reach,
  added: ReadonlySet<string>,
  scope: string | undefined,
): boolean {
  const [old, now] = [scopeAt(before, scope)!.nodes, scopeAt(after, scope)!.nodes];
  for (const id of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const place = { ...scopePart(scope), node: id };
    const [was, is] = [Object.hasOwn(old, id) ? old[id] : undefined, Object.hasOwn(now, id) ? now[id] : undefined];
    if (was === is) continue;
    if (!was) {
      if (!added.has(keyOf(place))) return false;
    } else if (reach.unknown.has(place)) {
      if (is && !same(was.ui.title ?? null, is.ui.title ?? null)) return false;
    } else if (!is || !isSameNode(was, is, place, reach)) return false;
  }
  return true;
}

function isSameNode(was: WorkflowNode, is: WorkflowNode, place: NodePlace, reach: Reach): boolean {
  if (was.class_type !== is.class_type || was.mode !== is.mode) return false;
  const names = new Set([was.widgets, is.widgets, was.links, is.links].flatMap(Object.keys));
  for (const name of names) {
    const at = { ...place, input: name };
    // What lies below a dynamic combo comes and goes with it.
    const mayChange = reach.values.has(at) || reach.links.has(at) || isBelow(name, place, reach);
    if (!mayChange && !(same(was.widgets[name], is.widgets[name]) && same(was.links[name], is.links[name])))
      return false;
  }
  if (reach.values.touches(place) || reach.links.touches(place)) {
    return same(was.ui.title, is.ui.title) && same(was.ui.properties, is.ui.properties) && same(was.ui.pos, is.ui.pos);
  }
  return same(withoutTables(was.ui), withoutTables(is.ui)) && same(was.positional, is.positional);
}

function isBelow(name: string, place: NodePlace, reach: Reach): boolean {
  const parts = name.split('.');
  return parts.some((_, i) => i > 0 && reach.values.has({ ...place, input: parts.slice(0, i).join('.') }));
}

/** What a file lists beside its nodes and sockets, and what follows from its links: rows of links, counters, lists. */
function withoutTables(ui: Readonly<JsonObject>): Json {
  const { loose_links: _l, last_node_id: _n, last_link_id: _i, state: _s, outputs: _o, odd_outputs: _d, ...rest } = ui;
  return rest;
}

/** The inputs of a definition without the lists of links that start at them. */
function withoutLists(inputs: Subgraph['inputs']): Readonly<Record<string, InterfaceSlot>> {
  const plain = ([key, { ui, ...slot }]: [string, InterfaceSlot]) => {
    const { linkIds: _, ...rest } = ui;
    return [key, { ...slot, ui: rest }] as const;
  };
  return Object.fromEntries(Object.entries(inputs).map(plain));
}

function same(a: unknown, b: unknown): boolean {
  return jsonEqual(a as Json, b as Json);
}
