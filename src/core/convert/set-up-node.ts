import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import type { Catalog, NodeDefinition } from '../catalog/catalog.ts';
import type { WorkflowNode } from '../workflow/types.ts';
import { savedCopies, socketSlots } from '../workflow/write-node.ts';
import { isOfKind } from './arrange.ts';
import { type FileSocket, NodeDrawing } from './draw-node.ts';
import {
  BYPASSED,
  MUTED,
  type PageInput,
  type PageNode,
  type PageScope,
  type PageSlot,
  type PageWidget,
  slotType,
} from './page.ts';
import { drawHosts, restoreHosts } from './promote.ts';
import type { Remarks, Subject } from './remarks.ts';
import { alignPositions, namedWidgets, type Saved } from './saved-values.ts';

/** What the steps of setting a page up share. */
export interface SetUp {
  readonly catalog: Catalog;
  readonly remarks: Remarks;
  /** The definitions set up so far. */
  readonly definitions: Map<string, PageScope>;
}

/** Classes of the page itself, and of the node packs whose scripts add some: no server knows them. [CV-3] */
const ROLES: Readonly<Record<string, PageNode['role']>> = {
  Reroute: 'reroute',
  'Reroute (rgthree)': 'reroute',
  PrimitiveNode: 'primitive',
  SetNode: 'setter',
  GetNode: 'getter',
  'easy setNode': 'setter',
  'easy getNode': 'getter',
  Note: 'note',
  MarkdownNote: 'note',
  'Label (rgthree)': 'note',
  'Bookmark (rgthree)': 'note',
  'Fast Groups Muter (rgthree)': 'note',
  'Fast Groups Bypasser (rgthree)': 'note',
  'Fast Muter (rgthree)': 'note',
  'Fast Bypasser (rgthree)': 'note',
  'Fast Actions Button (rgthree)': 'note',
  'Node Collector (rgthree)': 'note',
  'Mute / Bypass Relay (rgthree)': 'note',
  'Mute / Bypass Repeater (rgthree)': 'note',
};

/** Whether a class is one that only the page knows, so that no prompt has it. */
export function isOfPage(classType: string): boolean {
  return Object.hasOwn(ROLES, classType);
}

/** One node as the page has it once its file is loaded. */
export function setUpNode(setUp: SetUp, scope: PageScope, id: string, file: WorkflowNode): PageNode {
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
    const saved = savedCopies(file);
    restoreHosts(node, saved);
    compareHosts(setUp, { scope, node }, saved);
  } else if (role === 'real') setUpReal(setUp, scope, node, file, sockets);
  else {
    node.inputs = sockets.map(({ name, type, link }) => ({ name, type, widget: undefined, link }));
    if (role !== 'note') node.widgets = firstWidget(file);
  }
  return node;
}

/** The page would take the other copy unless it is told to restore by name. [CV-17] */
function compareCopies(setUp: SetUp, subject: Subject, { widgets, positional }: WorkflowNode): void {
  for (const [name, value] of Object.entries(positional ?? {})) tellCopies(setUp, subject, name, widgets[name], value);
}

function tellCopies(
  { remarks }: SetUp,
  subject: Subject,
  input: string,
  named: Json | undefined,
  positional: Json | undefined,
): void {
  const message = `widgets_values_named says ${shown(named)}, widgets_values ${shown(positional)}`;
  const data = { named: named ?? null, positional: positional ?? null };
  remarks.add('COPIES_DISAGREE', { ...subject, input }, message, data);
}

/** The same of an instance, unless it lists which widgets its values are for. */
function compareHosts(setUp: SetUp, subject: Subject & { node: PageNode }, { named, positions }: Saved): void {
  const { node } = subject;
  if (!named || !positions || node.properties.proxyWidgets !== undefined) return;
  for (const [at, { name, value }] of node.widgets.entries()) {
    const found = positions[at];
    if (found === undefined || value === undefined || jsonEqual(value, found)) continue;
    tellCopies(setUp, subject, name, value, found);
  }
}

/**
 * Positions that have the values of the names, but in another order than the catalog has the widgets: the page gives
 * them to other widgets when it goes by position. [CV-17]
 */
function comparePositions(
  setUp: SetUp,
  subject: Subject,
  definition: NodeDefinition,
  drawing: NodeDrawing,
  positions: readonly Json[],
  drawn: () => NodeDrawing,
): void {
  const saved = drawing.widgets.filter((widget) => widget.saved);
  const aligned = alignPositions(definition, drawing.widgets, positions);
  const isSame = saved.every(({ value }, at) => jsonEqual(value ?? null, aligned[at] ?? null));
  if (isSame) return;
  const other = drawn();
  other.restoreByPosition(alignPositions(definition, other.widgets, positions));
  // Without the order of the definition nothing can be said.
  if (other.unordered !== undefined) return;
  const values = new Map(other.widgets.map(({ name, value }) => [name, value]));
  for (const { name, sent, value } of drawing.widgets) {
    const found = values.get(name);
    if (sent && value !== undefined && !jsonEqual(value, found ?? null)) tellCopies(setUp, subject, name, value, found);
  }
}

/** The value of a primitive, whose links say which widget it is for; the name by which setters and getters find each other. */
function firstWidget(file: WorkflowNode): PageWidget[] {
  const { named, positions } = savedCopies(file);
  const value = named ? (named.value ?? Object.values(named)[0]) : positions?.[0];
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
  const drawn = (): NodeDrawing => {
    const made = new NodeDrawing(node.classType, definition, showing);
    made.attach(sockets);
    return made;
  };
  const drawing = drawn();
  const saved: Saved = savedCopies(file);
  if (saved.named) {
    drawing.restoreByName(saved.named);
    if (saved.positions) comparePositions(setUp, subject, definition, drawing, saved.positions, drawn);
  } else if (saved.positions) restorePositions(setUp, subject, definition, drawing, saved.positions);
  drawing.settle();
  node.inputs = drawing.inputs;
  node.widgets = drawing.widgets;
  for (const [combo, key] of drawing.unknownOptions) {
    const message = `the catalog has no option ${shown(key)}: what stands below it is not sent`;
    setUp.remarks.add('OPTION_UNKNOWN', { ...subject, input: combo }, message);
  }
}

function restorePositions(
  { remarks }: SetUp,
  subject: Subject,
  definition: NodeDefinition,
  drawing: NodeDrawing,
  positions: readonly Json[],
): void {
  const aligned = alignPositions(definition, drawing.widgets, positions);
  drawing.restoreByPosition(aligned);
  if (drawing.unordered !== undefined) {
    const message = 'the catalog does not say in which order its inputs stand, and the values do not tell';
    remarks.add('VALUE_UNNAMED', { ...subject, input: drawing.unordered }, message);
    return;
  }
  const saved = drawing.widgets.filter((widget) => widget.saved);
  const dropped = aligned.slice(saved.length).filter((value) => value !== null && value !== '' && value !== false);
  if (dropped.length > 0 && !drawing.widgets.some(({ kind }) => kind === 'TEXT_PREVIEW')) {
    remarks.add('VALUE_COUNT', subject, `${aligned.length} values for ${saved.length} widgets: the last are not sent`);
  }
  for (const widget of saved.slice(0, aligned.length)) {
    if (!widget.sent || widget.value === undefined || isOfKind(widget, widget.value)) continue;
    const message = `${shown(widget.value)} stands in the place of a ${widget.kind}: saved with other definitions`;
    remarks.add('VALUE_MISFIT', { ...subject, input: widget.name }, message);
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
    remarks.add(
      'GROUP_NODE',
      subject,
      'the file does not say what this group node holds, or it holds a class the catalog does not have',
    );
  } else if (node.mode !== MUTED && node.mode !== BYPASSED) {
    const unnamed = node.widgets.filter(({ name }) => name.startsWith('#')).length;
    const message = 'the catalog has no such class';
    if (unnamed > 0) remarks.add('VALUE_UNNAMED', subject, `${message}: ${unnamed} of its values have no name`);
    else remarks.add('CLASS_UNKNOWN', subject, `${message}: its inputs are taken as the file names them`);
  }
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
