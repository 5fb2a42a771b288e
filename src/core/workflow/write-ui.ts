import type { Json, JsonObject } from '../../base/json.ts';
import { compareIds, idNumber, inIdOrder, isIntegerId, own } from './names.ts';
import { SCOPE_KEYS, SLOT_KEYS, without } from './own-keys.ts';
import { byId, INPUT_SIDE, OUTPUT_SIDE } from './read-links.ts';
import type { InterfaceSlot, LinkSource, NodeId, Scope, Subgraph, Workflow } from './types.ts';
import { type IdsFrom, socketSlots, type WriteNode, writeNode } from './write-node.ts';

/** One link of a scope while it is written. `id` is the number in the file. */
export interface WrittenLink {
  readonly id: Json;
  readonly from: NodeId;
  readonly fromSlot: number;
  readonly to: NodeId;
  readonly toSlot: number;
  readonly attrs: JsonObject;
}

/** Writes a UI-format workflow; counters such as `last_node_id` follow from what is there. [CF-5] */
export function writeUi(workflow: Workflow, write: WriteNode = writeNode): JsonObject {
  const { definitions, link_form, loose_links, groups, odd_groups, state } = workflow.ui;
  const scope = writeScope(workflow, write, link_form === 'object' ? 'object' : 'list', loose_links);
  const out: JsonObject = { ...without(workflow.ui, SCOPE_KEYS), nodes: scope.nodes, links: scope.links };
  writeGroups(out, groups, odd_groups);
  const ids = Object.keys(workflow.subgraphs).sort();
  if (definitions !== undefined || ids.length > 0) {
    const subgraphs = ids.map((id) => writeSubgraph(id, workflow.subgraphs[id]!, write));
    out.definitions = { ...(definitions as JsonObject | undefined), ...(ids.length > 0 ? { subgraphs } : {}) };
  }
  const lastNode = Math.max(scope.lastNode, ...Object.values(workflow.subgraphs).map(lastNodeId));
  if (state === undefined) {
    out.last_node_id = lastNode;
    out.last_link_id = scope.lastLink;
  } else out.state = writeState(state, lastNode, scope.lastLink, groups);
  return out;
}

function writeSubgraph(id: string, subgraph: Subgraph, write: WriteNode): JsonObject {
  const { link_form, loose_links, groups, odd_groups, state, odd_name } = subgraph.ui;
  const scope = writeScope(subgraph, write, link_form === 'list' ? 'list' : 'object', loose_links, subgraph);
  const out: JsonObject = {
    ...without(subgraph.ui, SCOPE_KEYS),
    id,
    name: odd_name ?? subgraph.name,
    inputs: subgraph.input_order.map((key, slot) => writeSlot(subgraph.inputs[key]!, scope.idsFrom(INPUT_SIDE, slot))),
    outputs: subgraph.output_order.map((key, slot) => {
      const link = scope.all.find((one) => one.to === OUTPUT_SIDE && one.toSlot === slot);
      return writeSlot(subgraph.outputs[key]!, link ? [link.id] : []);
    }),
    nodes: scope.nodes,
    links: scope.links,
  };
  writeGroups(out, groups, odd_groups);
  if (state !== undefined) out.state = writeState(state, scope.lastNode, scope.lastLink, groups);
  return out;
}

function writeSlot(slot: InterfaceSlot, ids: Json[]): JsonObject {
  const { no_link_ids, odd_name } = slot.ui;
  const ui = without(slot.ui, SLOT_KEYS);
  const out: JsonObject = { ...ui, name: odd_name ?? slot.name, type: slot.type };
  if (ui.linkIds === undefined && no_link_ids !== true) out.linkIds = ids;
  return out;
}

function linkAttrs(slot: InterfaceSlot): JsonObject | undefined {
  return slot.ui.link_attrs as JsonObject | undefined;
}

interface WrittenScope {
  readonly nodes: Json[];
  readonly links: Json[];
  readonly all: readonly WrittenLink[];
  readonly idsFrom: IdsFrom;
  readonly lastNode: number;
  readonly lastLink: number;
}

function writeScope(
  scope: Scope,
  write: WriteNode,
  form: 'list' | 'object',
  loose: Json | undefined,
  subgraph?: Subgraph,
): WrittenScope {
  const all = collectLinks(scope, looseIds(loose), subgraph);
  const byOrigin = new Map<string, Json[]>();
  const idByInput = new Map<string, Json>();
  for (const link of all) {
    push(byOrigin, `${link.fromSlot} ${link.from}`, link.id);
    if (!subgraph || link.to !== OUTPUT_SIDE) idByInput.set(`${link.to} ${link.toSlot}`, link.id);
  }
  for (const row of Object.values((loose ?? {}) as JsonObject)) {
    const [id, from, slot] = looseOrigin(row);
    if (typeof slot === 'number') push(byOrigin, `${slot} ${from}`, id);
  }
  const idsFrom: IdsFrom = (node, slot) => (byOrigin.get(`${slot} ${node}`) ?? []).sort(byId);
  const ids = inIdOrder(Object.keys(scope.nodes));
  const asId = (id: NodeId): Json =>
    own(scope.nodes, id)?.ui.id_form === 'text' || !isIntegerId(id) ? id : idNumber(id);
  const nodes = ids.map((id) =>
    write(asId(id), id, scope.nodes[id]!, idsFrom, (slot) => idByInput.get(`${id} ${slot}`)),
  );
  const rows = all.map((link) => ({ id: link.id, row: writeRow(link, form, asId) }));
  for (const row of Object.values((loose ?? {}) as JsonObject)) rows.push({ id: looseOrigin(row)[0], row });
  rows.sort((a, b) => byId(a.id, b.id));
  const numbers = rows.map(({ id }) => (typeof id === 'number' ? id : 0));
  return {
    nodes,
    links: rows.map(({ row }) => row),
    all,
    idsFrom,
    lastNode: lastNodeId(scope),
    lastLink: numbers.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Every link of a scope. One that has no id yet, or shares one, gets the next free one, in order of its target. */
function collectLinks(scope: Scope, used: Set<Json>, subgraph: Subgraph | undefined): WrittenLink[] {
  const out: WrittenLink[] = [];
  const waiting: Omit<WrittenLink, 'id'>[] = [];
  const add = (source: LinkSource, to: NodeId, toSlot: number, attrs: JsonObject): void => {
    const fromSlot = typeof source.slot === 'number' ? source.slot : (subgraph?.input_order.indexOf(source.slot) ?? -1);
    const link = { from: source.from, fromSlot, to, toSlot, attrs };
    if (attrs.id === undefined || used.has(attrs.id)) waiting.push(link);
    else {
      used.add(attrs.id);
      out.push({ id: attrs.id, ...link });
    }
  };
  for (const id of inIdOrder(Object.keys(scope.nodes))) {
    const node = scope.nodes[id]!;
    const attrs = (node.ui.link_attrs ?? {}) as JsonObject;
    for (const [name, slot] of socketSlots(node)) {
      const source = own(node.links, name);
      if (source) add(source, id, slot, (own(attrs, name) ?? {}) as JsonObject);
    }
  }
  for (const [slot, key] of (subgraph?.output_order ?? []).entries()) {
    const output = subgraph!.outputs[key]!;
    if (output.link) add(output.link, OUTPUT_SIDE, slot, linkAttrs(output) ?? {});
  }
  let next = [...used, ...out.map(({ id }) => id)].reduce<number>(
    (a, b) => (typeof b === 'number' && b > a ? b : a),
    0,
  );
  for (const link of waiting) out.push({ id: ++next, ...link });
  return out;
}

function writeRow(link: WrittenLink, form: 'list' | 'object', asId: (id: NodeId) => Json): Json {
  const { more, id: _id, ...attrs } = link.attrs;
  const type = attrs.type ?? '*';
  const from = asId(link.from);
  const to = asId(link.to);
  if (form === 'list') {
    return [link.id, from, link.fromSlot, to, link.toSlot, type, ...((more as Json[] | undefined) ?? [])];
  }
  return {
    ...attrs,
    type,
    id: link.id,
    origin_id: from,
    origin_slot: link.fromSlot,
    target_id: to,
    target_slot: link.toSlot,
  };
}

function looseIds(loose: Json | undefined): Set<Json> {
  return new Set(Object.values((loose ?? {}) as JsonObject).map((row) => looseOrigin(row)[0]));
}

/** Id and origin of a row that is carried as it is. */
function looseOrigin(row: Json): [Json, NodeId, Json] {
  if (Array.isArray(row)) return [row[0]!, idText(row[1]), row[2]!];
  const object = row as JsonObject;
  return [object.id!, idText(object.origin_id), object.origin_slot!];
}

function idText(id: Json | undefined): NodeId {
  return typeof id === 'number' ? String(BigInt(id)) : String(id);
}

function lastNodeId(scope: Scope): number {
  return Object.keys(scope.nodes).reduce((last, id) => (isIntegerId(id) ? Math.max(last, Number(id)) : last), 0);
}

function writeGroups(out: JsonObject, groups: Json | undefined, odd: Json | undefined): void {
  if (groups !== undefined) {
    const keyed = groups as JsonObject;
    const order = (key: string): string => (key.startsWith('#') ? key.slice(1) : key);
    out.groups = Object.keys(keyed)
      .sort((a, b) => compareIds(order(a), order(b)))
      .map((key) => keyed[key]!);
  } else if (odd !== undefined) out.groups = odd;
}

function writeState(state: Json, lastNodeId: number, lastLinkId: number, groups: Json | undefined): Json {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return state;
  const ids = Object.values((groups ?? {}) as JsonObject).map((group) => ((group as JsonObject)?.id ?? 0) as number);
  return { ...state, lastNodeId, lastLinkId, lastGroupId: ids.reduce((a, b) => Math.max(a, b), 0) };
}

function push(map: Map<string, Json[]>, key: string, id: Json): void {
  const ids = map.get(key);
  if (ids) ids.push(id);
  else map.set(key, [id]);
}
