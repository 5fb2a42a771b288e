import type { Json, JsonObject } from '../../base/json.ts';
import type { Catalog, NodeDefinition } from '../catalog/catalog.ts';
import { NodeDrawing } from '../convert/draw-node.ts';
import type { PageInput, PageWidget } from '../convert/page.ts';
import type { UiNode } from '../convert/to-ui-node.ts';
import { nodeSize } from '../convert/to-ui-size.ts';
import { idNumber, isIntegerId, own } from '../workflow/names.ts';
import { readWorkflow } from '../workflow/read.ts';
import type { Workflow, WorkflowNode } from '../workflow/types.ts';
import { typeText } from './slots.ts';

/** A node to be made: its class, what its widgets hold where not the default, its title. */
export interface NewNode {
  readonly class_type: string;
  readonly widgets?: Readonly<JsonObject>;
  readonly title?: string;
}

const OPTIONAL_SHAPE = 7;
const LIST_SHAPE = 6;

/**
 * A new node as the page would make it, without links and without a place: every widget with its default, in a UI file
 * its sockets and its size as well. Both copies of the values where the file has both. [TE-2]
 */
export function drawNode(workflow: Workflow, id: string, made: NewNode, catalog: Catalog): WorkflowNode {
  return workflow.format === 'api' ? apiNode(made, catalog) : uiNode(workflow, id, made, catalog);
}

/** A node as the page shows it once a combo chose other inputs, or an input has grown: links and values stay by name. */
export function redrawNode(node: WorkflowNode, catalog: Catalog): WorkflowNode {
  const definition = catalog.node(node.class_type);
  if (!definition) return node;
  const sockets = (node.ui.sockets ?? {}) as JsonObject;
  const order = (node.ui.socket_order ?? []) as string[];
  const drawing = drawingOf(node.class_type, definition, node, shownWidgets(node));
  const showsAll = order.some((name) => isWidgetSocket(sockets[name]) && !Object.hasOwn(node.links, name));
  // Old files give a socket only to the widgets that are linked. One that is gone stays where a link holds it.
  const shown = drawing.inputs.filter(({ name, widget, link }) => {
    const isKnown = definition.inputs.some((input) => name === input.name || name.startsWith(`${input.name}.`));
    const isNew = !Object.hasOwn(sockets, name);
    return link !== undefined || !isKnown || !isNew || widget === undefined || showsAll;
  });
  const drawn = new Set(drawing.inputs.map(({ name }) => name));
  const fresh = Object.fromEntries(
    shown.map((input) => [input.name, own(sockets, input.name) ?? socketOf(input, definition)]),
  );
  const stale = order.filter((name) => !drawn.has(name) && Object.hasOwn(node.links, name));
  return withWidgetsOf(
    {
      ...node,
      ui: {
        ...node.ui,
        sockets: { ...fresh, ...Object.fromEntries(stale.map((name) => [name, sockets[name]!])) },
        socket_order: [...shown.map(({ name }) => name), ...stale],
      },
    },
    drawing,
  );
}

/** The values a class has before anybody says otherwise, as a prompt has them; of a UI node also those only it saves. */
export function defaultsOf(
  classType: string,
  catalog: Catalog,
  given: Readonly<JsonObject> = {},
  format: Workflow['format'] = 'api',
): JsonObject {
  const definition = catalog.node(classType);
  if (!definition) return {};
  const { widgets } = drawingOf(classType, definition, { widgets: given, links: {} }, Object.keys(given));
  const out: JsonObject = {};
  for (const { name, kind, value, sent, saved } of widgets) {
    if (value === undefined || name === '' || !(format === 'api' ? sent : saved)) continue;
    out[name] = format === 'api' ? asSent(kind, value) : value;
  }
  return out;
}

/** A list is a link to the server unless it is wrapped, and a curve has a wrapping of its own. [CV-9] */
function asSent(kind: string, value: Json): Json {
  if (kind === 'CURVE' && value !== null) return { __type__: 'CURVE', __value__: value };
  return Array.isArray(value) ? { __value__: value } : value;
}

function apiNode({ class_type, widgets = {}, title }: NewNode, catalog: Catalog): WorkflowNode {
  const values = { ...defaultsOf(class_type, catalog, widgets), ...widgets };
  return { class_type, widgets: values, links: {}, ui: title === undefined ? {} : { title, meta: {} } };
}

/** The node as its own file would read, so that nothing about it is unlike what the reader makes. */
function uiNode(workflow: Workflow, id: string, made: NewNode, catalog: Catalog): WorkflowNode {
  const drawn = drawUi(workflow, id, made, catalog);
  const { inputs, outputs, positions, named, title } = drawn;
  const entry: JsonObject = {
    id: isIntegerId(id) ? idNumber(id) : id,
    type: made.class_type,
    pos: [0, 0],
    size: nodeSize(drawn),
    flags: {},
    order: 0,
    mode: 0,
    inputs: inputs.map(({ name, type, widget, isOptional }) => ({
      name,
      type,
      ...(isOptional ? { shape: OPTIONAL_SHAPE } : {}),
      ...(widget === undefined ? {} : { widget: { name: widget } }),
      link: null,
    })),
    outputs: outputs.map(({ name, type, isList }) => ({
      name,
      type,
      ...(isList ? { shape: LIST_SHAPE } : {}),
      links: null,
    })),
    ...(title === undefined ? {} : { title }),
    properties: drawn.properties,
    ...(positions.length > 0 ? { widgets_values: positions } : {}),
    ...(savesNames(workflow) && Object.keys(named).length > 0 ? { widgets_values_named: named } : {}),
  };
  const read = readWorkflow({ nodes: [entry], links: [] }, { catalog, source: made.class_type });
  return read.nodes[id]!;
}

function drawUi(
  workflow: Workflow,
  id: string,
  { class_type, widgets = {}, title }: NewNode,
  catalog: Catalog,
): UiNode {
  const definition = catalog.node(class_type);
  const common = { id, classType: class_type, definition, title };
  const inner = own(workflow.subgraphs, class_type);
  if (inner) {
    const slots = inner.input_order.map((key) => inner.inputs[key]!);
    const inputs = slots.map(({ name, type }) => {
      return { name, type: typeText(type), widget: undefined, isOptional: false, link: undefined };
    });
    const outputs = inner.output_order.map((key) => {
      return { name: inner.outputs[key]!.name, type: typeText(inner.outputs[key]!.type), isList: false };
    });
    return {
      ...common,
      title: title ?? inner.name,
      properties: {},
      inputs,
      outputs,
      widgets: [],
      positions: [],
      named: {},
    };
  }
  if (!definition) return drawOfPage(common, widgets);
  const drawing = drawingOf(class_type, definition, { widgets, links: {} }, Object.keys(widgets));
  const saved = drawing.widgets.filter((widget) => widget.saved);
  for (const widget of saved) if (widget.kind === 'UPLOAD') widget.value ??= 'image';
  const named = Object.fromEntries(saved.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
  return {
    ...common,
    properties: { 'Node name for S&R': class_type },
    inputs: drawing.inputs.map((input) => ({
      name: input.name,
      type: input.type,
      widget: input.widget,
      isOptional: isOptional(input, definition),
      link: undefined,
    })),
    outputs: definition.outputs.map(({ name, type, isList }) => {
      return { name, type: type === 'COMFY_MATCHTYPE_V3' ? '*' : typeText(type), isList };
    }),
    widgets: drawing.widgets,
    positions: saved.map(({ value }) => value ?? null),
    named: { ...named, ...widgets },
  };
}

/** A node that no server knows: a reroute, a note. */
function drawOfPage(
  common: Pick<UiNode, 'id' | 'classType' | 'definition' | 'title'>,
  given: Readonly<JsonObject>,
): UiNode {
  const isReroute = common.classType === 'Reroute';
  const isNote = common.classType === 'Note' || common.classType === 'MarkdownNote';
  const values = isNote ? { text: given.text ?? '' } : { ...given };
  const widgets = Object.entries(values).map(([name, value]): PageWidget => {
    return { name, kind: 'STRING', options: { multiline: isNote }, saved: true, sent: false, value };
  });
  return {
    ...common,
    properties: isReroute ? { showOutputText: false, horizontal: false } : {},
    inputs: isReroute ? [{ name: '', type: '*', widget: undefined, isOptional: false, link: undefined }] : [],
    outputs: isReroute ? [{ name: '', type: '*', isList: false }] : [],
    widgets,
    positions: Object.values(values),
    named: values,
  };
}

function drawingOf(
  classType: string,
  definition: NodeDefinition,
  { widgets, links }: Pick<WorkflowNode, 'widgets' | 'links'>,
  shown: readonly string[],
): NodeDrawing {
  const drawing = new NodeDrawing(classType, definition, shown);
  drawing.attach(Object.entries(links).map(([name, link]) => ({ name, type: '*', widget: undefined, link })));
  drawing.restoreByName(widgets);
  return drawing;
}

/** Values for the widgets that are there now, in the order of the page, where the file's values all have names. */
function withWidgetsOf(node: WorkflowNode, drawing: NodeDrawing): WorkflowNode {
  const saved = drawing.widgets.filter((widget) => widget.saved);
  const names = new Set(saved.map(({ name }) => name));
  const combos = saved.filter(({ kind }) => kind === 'COMFY_DYNAMICCOMBO_V3').map(({ name }) => `${name}.`);
  const isGone = (name: string): boolean => !names.has(name) && combos.some((prefix) => name.startsWith(prefix));
  const kept = Object.entries(node.widgets).filter(([name]) => !isGone(name));
  if (kept.some(([name]) => !names.has(name))) return { ...node, widgets: Object.fromEntries(kept) };
  const widgets: JsonObject = {};
  for (const { name, value } of saved) {
    const held = own(node.widgets, name) ?? value;
    if (held !== undefined) widgets[name] = held;
  }
  const { positional, ...rest } = node;
  const odd = Object.entries(positional ?? {}).filter(([name]) => Object.hasOwn(widgets, name));
  const order = Object.keys(widgets);
  const isList = node.ui.widgets_form === 'list' || order.length > 0;
  const { widget_order: _order, ...ui } = node.ui;
  return {
    ...rest,
    widgets,
    ...(odd.length > 0 ? { positional: Object.fromEntries(odd) } : {}),
    ui: isList
      ? { ...ui, widgets_form: node.ui.widgets_form ?? 'list', ...(order.length > 0 ? { widget_order: order } : {}) }
      : node.ui,
  };
}

function socketOf(input: PageInput, definition: NodeDefinition): JsonObject {
  return {
    type: input.type,
    ...(isOptional(input, definition) ? { shape: OPTIONAL_SHAPE } : {}),
    ...(input.widget === undefined ? {} : { widget: { name: input.widget } }),
  };
}

function isOptional({ name, widget }: PageInput, { inputs }: NodeDefinition): boolean {
  return widget === undefined && inputs.some((input) => input.name === name && input.section === 'optional');
}

function shownWidgets({ ui }: WorkflowNode): string[] {
  const sockets = (ui.sockets ?? {}) as JsonObject;
  return ((ui.socket_order ?? []) as string[]).filter((name) => isWidgetSocket(sockets[name]));
}

function isWidgetSocket(socket: Json | undefined): boolean {
  return (socket as JsonObject | undefined)?.widget !== undefined;
}

/** Whether the nodes of a file have a copy of their values by name. */
function savesNames({ nodes, subgraphs }: Workflow): boolean {
  return [{ nodes }, ...Object.values(subgraphs)].some((scope) =>
    Object.values(scope.nodes).some(({ ui }) => ui.named === true),
  );
}
