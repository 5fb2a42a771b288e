import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog, NodeDefinition } from '../catalog/catalog.ts';
import { byId, INPUT_SIDE, OUTPUT_SIDE, readLinkRows } from '../workflow/read-links.ts';
import type { Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { savedCopies, socketSlots } from '../workflow/write-node.ts';
import type { Remarks, Subject } from './diagnostics.ts';
import { type FileSocket, NodeDrawing } from './draw-node.ts';
import {
  type Page,
  type PageInput,
  type PageNode,
  type PageScope,
  type PageSlot,
  type PageWidget,
  slotType,
} from './page.ts';
import { drawHosts, restoreHosts } from './promote.ts';
import { migrateProxies } from './proxies.ts';
import { alignPositions, namedWidgets, type Saved } from './saved-values.ts';

/** What the steps of setting a page up share. */
export interface SetUp {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly remarks: Remarks;
  readonly definitions: Map<string, PageScope>;
}

/**
 * The page as ComfyUI sets it up: definitions before those that use them, then the root; in each scope nodes and
 * their values, then what instances show of their definition's widgets. [CV-10]
 */
export function setUpPage(workflow: Workflow, catalog: Catalog, remarks: Remarks): Page {
  const definitions = new Map<string, PageScope>();
  const setUp: SetUp = { workflow, catalog, remarks, definitions };
  for (const id of innermostFirst(workflow, remarks)) {
    const subgraph = workflow.subgraphs[id]!;
    definitions.set(id, setUpScope(setUp, subgraph, id, subgraph.name, subgraph));
  }
  return { root: setUpScope(setUp, workflow, undefined, ''), definitions };
}

/** Ids of the definitions, each after those whose instances it holds. */
function innermostFirst({ subgraphs }: Workflow, remarks: Remarks): string[] {
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (id: string): void => {
    if (done.has(id) || !Object.hasOwn(subgraphs, id)) return;
    if (open.has(id)) {
      const scope = { id, name: subgraphs[id]!.name };
      remarks.add('DEFINITION_CYCLE', { scope }, 'the subgraph stands inside itself');
      return;
    }
    open.add(id);
    for (const { class_type } of Object.values(subgraphs[id]!.nodes)) visit(class_type);
    open.delete(id);
    done.add(id);
  };
  for (const id of Object.keys(subgraphs)) visit(id);
  return [...done];
}

function setUpScope(setUp: SetUp, scope: Scope, id: string | undefined, name: string, subgraph?: Subgraph): PageScope {
  const nodes = new Map<string, PageNode>();
  const page: PageScope = {
    id,
    name,
    nodes,
    inputs: [],
    outputs: (subgraph?.output_order ?? []).map((key, at) => outputSlot(subgraph!, key, at)),
  };
  const files = new Map<PageNode, WorkflowNode>();
  for (const [nodeId, file] of Object.entries(scope.nodes)) {
    const node = setUpNode(setUp, page, nodeId, file);
    nodes.set(nodeId, node);
    files.set(node, file);
  }
  page.inputs.push(...inputSlots(page, subgraph));
  for (const [node, file] of files) if (node.role === 'instance') migrateProxies(setUp, page, node, file);
  return page;
}

/** Where several links lead into one output the page keeps the first of its table, which is the oldest. [CV-6] */
function outputSlot({ outputs, input_order, ui }: Subgraph, key: string, at: number): PageScope['outputs'][number] {
  const { name, type, link, ui: slotUi } = outputs[key]!;
  const rows = readLinkRows(Object.values((ui.loose_links ?? {}) as JsonObject), { source: '', path: '' });
  const first = rows
    .filter(({ to, toSlot }) => to === OUTPUT_SIDE && toSlot === at)
    .sort((a, b) => byId(a.id, b.id))[0];
  const attrs = isObject(slotUi.link_attrs) ? slotUi.link_attrs : {};
  const isOlder = first && (!link || byId(first.id, attrs.id ?? null) < 0);
  if (!isOlder) return { name, type: slotType(type), link };
  const slot = Number(first.fromSlot);
  return {
    name,
    type: slotType(type),
    link: { from: first.from, slot: first.from === INPUT_SIDE ? (input_order[slot] ?? slot) : slot },
  };
}

/** The inputs inside that each slot of a definition feeds, oldest link first. */
function inputSlots(page: PageScope, subgraph: Subgraph | undefined): PageSlot[] {
  if (!subgraph) return [];
  const targets = new Map<string, { node: string; input: PageInput; id: number }[]>();
  for (const [id, node] of page.nodes) {
    const attrs = (subgraph.nodes[id]!.ui.link_attrs ?? {}) as JsonObject;
    for (const input of node.inputs) {
      if (input.link?.from !== INPUT_SIDE) continue;
      const link = attrs[input.name];
      const key = String(input.link.slot);
      const list = targets.get(key) ?? [];
      list.push({ node: id, input, id: isObject(link) ? Number(link.id) : Number.MAX_SAFE_INTEGER });
      targets.set(key, list);
    }
  }
  return subgraph.input_order.map((key) => {
    const { name, type } = subgraph.inputs[key]!;
    const list = (targets.get(key) ?? []).sort((a, b) => a.id - b.id);
    return { key, name, type: slotType(type), targets: list.map(({ node, input }) => ({ node, input })) };
  });
}

const ROLES: Readonly<Record<string, PageNode['role']>> = {
  Reroute: 'reroute',
  PrimitiveNode: 'primitive',
  Note: 'note',
  MarkdownNote: 'note',
};

function setUpNode(setUp: SetUp, scope: PageScope, id: string, file: WorkflowNode): PageNode {
  const { class_type: classType, ui } = file;
  const definition = setUp.definitions.get(classType);
  const role = definition ? 'instance' : Object.hasOwn(ROLES, classType) ? ROLES[classType]! : 'real';
  const node: PageNode = {
    id,
    role,
    classType,
    mode: file.mode ?? 0,
    title: typeof ui.title === 'string' && ui.title !== '' ? ui.title : (definition?.name ?? classType),
    properties: isObject(ui.properties) ? ui.properties : {},
    inputs: [],
    outputs: outputTypes(setUp.catalog, file),
    widgets: [],
  };
  const sockets = fileSockets(file);
  compareCopies(setUp, { scope, node }, file);
  if (definition) {
    node.inputs = instanceInputs(definition, sockets);
    drawHosts(definition, node);
    restoreHosts(node, savedCopies(file));
  } else if (role === 'real') setUpReal(setUp, scope, node, file, sockets);
  else {
    node.inputs = sockets.map(({ name, type, link }) => ({ name, type, widget: undefined, link }));
    if (role === 'primitive') node.widgets = primitiveWidgets(file);
  }
  return node;
}

/** The page would take the other copy unless it is told to restore by name. [CV-17] */
function compareCopies({ remarks }: SetUp, subject: Subject, { widgets, positional }: WorkflowNode): void {
  for (const [name, value] of Object.entries(positional ?? {})) {
    const message = `widgets_values_named says ${shown(widgets[name])}, widgets_values ${shown(value)}`;
    remarks.add('COPIES_DISAGREE', { ...subject, input: name }, message);
  }
}

/** The one value of a primitive; which widget it is for, its links say. */
function primitiveWidgets(file: WorkflowNode): PageWidget[] {
  const { named, positions } = savedCopies(file);
  const value = named ? named.value : positions?.[0];
  return value === undefined ? [] : [{ name: 'value', kind: '*', options: {}, saved: true, sent: false, value }];
}

function setUpReal(setUp: SetUp, scope: PageScope, node: PageNode, file: WorkflowNode, sockets: FileSocket[]): void {
  const subject = { scope, node };
  const definition = setUp.catalog.node(node.classType);
  if (!definition) {
    setUpUnknown(setUp, scope, node, file, sockets);
    return;
  }
  const showing = sockets.flatMap(({ widget }) => (widget === undefined ? [] : [widget]));
  const drawing = new NodeDrawing(node.classType, definition, showing);
  drawing.attach(sockets);
  const saved: Saved = savedCopies(file);
  if (saved.named) drawing.restoreByName(saved.named);
  else if (saved.positions) restorePositions(setUp, subject, definition, drawing, saved.positions);
  drawing.settle();
  node.inputs = drawing.inputs;
  node.widgets = drawing.widgets;
}

function restorePositions(
  { remarks }: SetUp,
  subject: Subject,
  definition: NodeDefinition,
  drawing: NodeDrawing,
  positions: readonly Json[],
): void {
  drawing.restoreByPosition(alignPositions(definition, drawing.widgets, positions));
  if (drawing.unordered !== undefined) {
    const message = 'the catalog does not say in which order its inputs stand, and the values do not tell';
    remarks.add('VALUE_UNNAMED', { ...subject, input: drawing.unordered }, message);
  }
}

/** A class the catalog does not have: its sockets as the file has them, its values where they have names. */
function setUpUnknown(
  { remarks }: SetUp,
  scope: PageScope,
  node: PageNode,
  file: WorkflowNode,
  sockets: FileSocket[],
): void {
  node.inputs = sockets.map((one) => ({ ...one }));
  node.widgets = namedWidgets(file);
  const subject = { scope, node };
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(node.classType)) {
    remarks.add('DEFINITION_MISSING', subject, 'the file has no definition of this subgraph');
  } else if (/^workflow[>/]/.test(node.classType)) {
    remarks.add('GROUP_NODE', subject, 'a group node: open the file in ComfyUI once, which makes a subgraph of it');
  } else
    remarks.add('CLASS_UNKNOWN', subject, 'the catalog has no such class: its inputs are taken as the file names them');
}

function shown(value: Json | undefined): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The sockets of a node in the file's order, with their real names. */
function fileSockets(file: WorkflowNode): FileSocket[] {
  const sockets = (file.ui.sockets ?? {}) as JsonObject;
  return socketSlots(file).map(([key]) => {
    const socket = isObject(sockets[key]) ? sockets[key] : {};
    const widget = isObject(socket.widget) ? socket.widget.name : undefined;
    return {
      name: typeof socket.name === 'string' ? socket.name : key,
      type: slotType(socket.type),
      widget: typeof widget === 'string' ? widget : undefined,
      link: Object.hasOwn(file.links, key) ? file.links[key] : undefined,
    };
  });
}

/** One input for each slot of the definition; sockets of the file belong to slots by name and type, then by name. */
function instanceInputs(definition: PageScope, sockets: FileSocket[]): PageInput[] {
  const left = [...sockets];
  const take = (slot: PageSlot): FileSocket | undefined => {
    const exact = left.findIndex(({ name, type }) => name === slot.name && type === slot.type);
    const at = exact >= 0 ? exact : left.findIndex(({ name }) => name === slot.name);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  return definition.inputs.map((slot) => ({
    name: slot.name,
    type: slot.type,
    widget: undefined,
    link: take(slot)?.link,
  }));
}

/** Output types: the definition's, where it has them; what the file has more stands behind. */
function outputTypes(catalog: Catalog, file: WorkflowNode): { type: string }[] {
  const listed = (file.ui.outputs ?? {}) as JsonObject;
  const defined = catalog.node(file.class_type)?.outputs ?? [];
  const count = Object.keys(listed).reduce((most, slot) => Math.max(most, Number(slot) + 1), defined.length);
  return Array.from({ length: count }, (_, slot) => {
    const own = listed[String(slot)];
    const type = defined[slot]?.type ?? (isObject(own) ? own.type : undefined);
    return { type: type === 'COMFY_MATCHTYPE_V3' ? '*' : slotType(type) };
  });
}
