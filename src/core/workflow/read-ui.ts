import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { asKey, asNodeId, own, type Place, shape, uniqueKey } from './names.ts';
import { SCOPE_KEYS, SLOT_KEYS, setApart } from './own-keys.ts';
import type { ReadOptions } from './read.ts';
import { INPUT_SIDE, type LinkRow, LinkTable, OUTPUT_SIDE, readLinkRows, sameIds } from './read-links.ts';
import { readNode } from './read-node.ts';
import type { InterfaceSlot, Subgraph, Workflow, WorkflowNode } from './types.ts';
import { writeUi } from './write-ui.ts';

/** Reads a UI-format document, schema 0.4 or 1.0, with its subgraph definitions. [CF-3] */
export function readUi(document: JsonObject, options: ReadOptions): Workflow {
  const { nodes: list, links, definitions, ...rest } = document;
  const subgraphs: Record<string, Subgraph> = {};
  const ui = carry(rest);
  let hasDoubles = false;
  if (definitions !== undefined && definitions !== null) {
    if (!isObject(definitions)) throw shape({ source: options.source, path: '/definitions' }, 'not an object');
    const { subgraphs: listed, ...more } = definitions;
    ui.definitions = more;
    if (listed !== undefined && !Array.isArray(listed)) {
      throw shape({ source: options.source, path: '/definitions/subgraphs' }, 'not a list');
    }
    for (const [index, entry] of (listed ?? []).entries()) {
      const place = { source: options.source, path: `/definitions/subgraphs/${index}` };
      if (!isObject(entry)) throw shape(place, 'a subgraph definition is not an object');
      const id = asKey(entry.id, place, 'the id of a subgraph definition');
      if (Object.hasOwn(subgraphs, id)) throw shape(place, `subgraph definition ${id} stands twice`);
      const known = options.memo?.subgraphs.get(entry);
      const inner = known ?? readSubgraph(entry, options, place);
      if (known === undefined) options.memo?.subgraphs.set(entry, inner);
      subgraphs[id] = inner.subgraph;
      hasDoubles ||= inner.hasDoubles;
    }
  }
  const rows = readRows(links, options);
  const table = new LinkTable(rows, []);
  if (Array.isArray(links) && links.some(isObject)) ui.link_form = 'object';
  const place = { source: options.source, path: '/nodes' };
  const nodes = readNodes(list as Json[], table, options, place, 'the workflow', rows);
  const loose = table.loose();
  if (Object.keys(loose).length > 0) ui.loose_links = loose;
  const read: Workflow = { format: 'ui', nodes, subgraphs, ui };
  // Links that share an id get their own when written: what is read is what will be read then.
  return table.hasDoubles() || hasDoubles ? readUi(writeUi(read), { ...options, memo: undefined }) : read;
}

/** The rows of the root's table: the same ones where its links are the same, so that nodes read with them are known again. */
function readRows(links: Json | undefined, { source, memo }: ReadOptions): readonly LinkRow[] {
  const first = Array.isArray(links) ? links[0] : undefined;
  const known = typeof first === 'object' && first !== null ? memo?.rows.get(first) : undefined;
  const isSame =
    known?.length === (links as Json[])?.length && known?.every(({ raw }, i) => raw === (links as Json[])[i]);
  if (known && isSame) return known;
  const rows = readLinkRows(links, { source, path: '/links' });
  if (typeof first === 'object' && first !== null) memo?.rows.set(first, rows);
  return rows;
}

function readSubgraph(
  entry: JsonObject,
  options: ReadOptions,
  place: Place,
): { subgraph: Subgraph; hasDoubles: boolean } {
  const { id: _id, name, inputs, outputs, nodes: list, links, ...rest } = entry;
  if (list !== undefined && !Array.isArray(list)) throw shape(place, 'nodes is not a list');
  const inputSlots = readSlots(inputs, { source: place.source, path: `${place.path}/inputs` });
  const outputSlots = readSlots(outputs, { source: place.source, path: `${place.path}/outputs` });
  const rows = readLinkRows(links, { source: place.source, path: `${place.path}/links` });
  const table = new LinkTable(rows, inputSlots.order);
  const label = typeof name === 'string' ? name : '';
  const nodes = readNodes(list ?? [], table, options, { source: place.source, path: `${place.path}/nodes` }, label);
  for (const id of [INPUT_SIDE, OUTPUT_SIDE]) {
    if (own(nodes, id)) throw shape(place, `node ${id} has the id of the subgraph's own side`);
  }
  const ui = carry(rest);
  if (Array.isArray(links) && links.some(Array.isArray)) ui.link_form = 'list';
  if (typeof name !== 'string' && name !== undefined) ui.odd_name = name;
  const subgraph: Subgraph = {
    name: label,
    nodes,
    inputs: slotMap(inputSlots, (slot, index) => withIds(slot, table.idsFrom(INPUT_SIDE, index))),
    input_order: inputSlots.order,
    outputs: slotMap(outputSlots, (slot, index) => outputSlot(slot, table, index)),
    output_order: outputSlots.order,
    ui,
  };
  const loose = table.loose();
  if (Object.keys(loose).length > 0) ui.loose_links = loose;
  return { subgraph, hasDoubles: table.hasDoubles() };
}

interface Slots {
  readonly order: string[];
  readonly raw: JsonObject[];
}

/** Slots of a subgraph's interface by their own id; one without an id goes by its name. [ID-5] */
function readSlots(slots: Json | undefined, place: Place): Slots {
  if (slots === undefined || slots === null) return { order: [], raw: [] };
  if (!Array.isArray(slots)) throw shape(place, 'not a list');
  const taken = new Set<string>();
  const raw = slots.map((slot, index) => {
    if (!isObject(slot)) throw shape({ ...place, path: `${place.path}/${index}` }, 'a slot is not an object');
    taken.add(uniqueKey(asKey(slot.id ?? slot.name, place, 'the id of a slot'), taken));
    return slot;
  });
  return { order: [...taken], raw };
}

function slotMap(
  slots: Slots,
  read: (slot: JsonObject, index: number) => InterfaceSlot,
): Record<string, InterfaceSlot> {
  const out: Record<string, InterfaceSlot> = {};
  for (const [index, key] of slots.order.entries()) out[key] = read(slots.raw[index]!, index);
  return out;
}

function withIds(slot: JsonObject, derived: readonly Json[]): InterfaceSlot {
  const { name, type, linkIds, ...members } = slot;
  const ui = setApart(members, SLOT_KEYS);
  if (linkIds !== undefined && !sameIds(linkIds, derived)) ui.linkIds = linkIds;
  else if (linkIds === undefined) ui.no_link_ids = true;
  if (typeof name !== 'string' && name !== undefined) ui.odd_name = name;
  return { name: typeof name === 'string' ? name : '', type: type ?? null, ui };
}

function outputSlot(slot: JsonObject, table: LinkTable, index: number): InterfaceSlot {
  // Where several links lead into one output ComfyUI follows the first that the slot lists.
  const named = Array.isArray(slot.linkIds) ? slot.linkIds[0] : undefined;
  const taken =
    (named === undefined ? undefined : table.take(OUTPUT_SIDE, index, named)) ?? table.take(OUTPUT_SIDE, index);
  const read = withIds(slot, taken ? [taken.attrs.id!] : []);
  return taken ? { ...read, link: taken.source, ui: { ...read.ui, link_attrs: taken.attrs } } : read;
}

function readNodes(
  list: Json[],
  table: LinkTable,
  options: ReadOptions,
  place: Place,
  scope: string,
  rows?: readonly LinkRow[],
): Record<string, WorkflowNode> {
  const nodes: Record<string, WorkflowNode> = {};
  for (const [index, entry] of list.entries()) {
    const here = { source: place.source, path: `${place.path}/${index}` };
    if (!isObject(entry)) throw shape(here, 'a node is not an object');
    const id = asNodeId(entry.id, here);
    if (Object.hasOwn(nodes, id)) {
      throw new CwfError('WORKFLOW_DUPLICATE_NODE', { source: place.source, node: id, scope: scope || 'a subgraph' });
    }
    nodes[id] = rows ? readKnown(id, entry, table, rows, options, here) : readNode(id, entry, table, options, here);
  }
  return nodes;
}

/** As readNode, for a node of the root that may have been read before, with the same links. */
function readKnown(
  id: string,
  entry: JsonObject,
  table: LinkTable,
  rows: readonly LinkRow[],
  options: ReadOptions,
  place: Place,
): WorkflowNode {
  const known = options.memo?.nodes.get(entry);
  if (known?.rows === rows) {
    for (const row of known.taken) table.mark(row);
    return known.node;
  }
  const first = table.taken.length;
  const node = readNode(id, entry, table, options, place);
  options.memo?.nodes.set(entry, { rows, taken: table.taken.slice(first), node });
  return node;
}

/**
 * The keys of a document or definition that are not its graph. What the editor counts and where its view stands is
 * left out: it differs in every save and says nothing. [CF-5]
 */
function carry(rest: JsonObject): JsonObject {
  const { last_node_id: _n, last_link_id: _l, state, revision, groups, extra, ...members } = rest;
  const ui = setApart(members, SCOPE_KEYS);
  if (revision !== undefined) ui.revision = 0;
  if (isObject(state)) {
    const { lastNodeId: _a, lastLinkId: _b, lastGroupId: _c, ...more } = state;
    ui.state = more;
  } else if (state !== undefined) ui.state = state;
  if (Array.isArray(groups)) ui.groups = keyGroups(groups);
  else if (groups !== undefined) ui.odd_groups = groups;
  if (isObject(extra)) {
    const { ds: _ds, ...more } = extra;
    ui.extra = more;
  } else if (extra !== undefined) ui.extra = extra;
  return ui;
}

/** Groups by their id where each has its own, else by place. */
function keyGroups(groups: readonly Json[]): JsonObject {
  const ids = groups.map((group) => (isObject(group) && typeof group.id === 'number' ? String(group.id) : undefined));
  const unique = ids.every((id) => id !== undefined) && new Set(ids).size === groups.length;
  const out: JsonObject = {};
  for (const [index, group] of groups.entries()) out[unique ? ids[index]! : `#${index}`] = group;
  return out;
}
