import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog, NodeDefinition } from '../catalog/catalog.ts';
import type { LinkSource, NodeId, WorkflowNode } from '../workflow/types.ts';
import { NodeDrawing } from './draw-node.ts';
import { type PageWidget, slotType } from './page.ts';

/** A socket of a node to be written. */
export interface UiInput {
  readonly name: string;
  type: string;
  readonly widget: string | undefined;
  readonly isOptional: boolean;
  readonly link: LinkSource | undefined;
}

/** An output of a node to be written. */
export interface UiOutput {
  readonly name: string;
  type: string;
  readonly isList: boolean;
}

/** One node of a prompt with what the page would draw for it. */
export interface UiNode {
  readonly id: NodeId;
  readonly classType: string;
  readonly definition: NodeDefinition | undefined;
  readonly title: string | undefined;
  readonly properties: JsonObject;
  readonly inputs: readonly UiInput[];
  readonly outputs: UiOutput[];
  readonly widgets: readonly PageWidget[];
  /** Values by position and by name. */
  readonly positions: Json[];
  readonly named: JsonObject;
}

/** Draws a node of a prompt as the page does, with the prompt's values in its widgets. [CV-60] [CV-62] [CV-63] */
export function drawForUi(id: NodeId, file: WorkflowNode, catalog: Catalog): UiNode {
  const definition = catalog.node(file.class_type);
  const common = { id, classType: file.class_type, definition, ...heading(file) };
  return definition ? drawKnown(common, file, definition) : drawUnknown(common, file);
}

type Common = Pick<UiNode, 'id' | 'classType' | 'definition' | 'title' | 'properties'>;

/** What `_meta` says: the title and the pack. */
function heading({ class_type, ui }: WorkflowNode): Pick<UiNode, 'title' | 'properties'> {
  const meta = isObject(ui.meta) ? ui.meta : {};
  const properties: JsonObject = { 'Node name for S&R': class_type };
  for (const key of ['cnr_id', 'aux_id', 'ver']) if (typeof meta[key] === 'string') properties[key] = meta[key];
  return { title: typeof ui.title === 'string' && ui.title !== '' ? ui.title : undefined, properties };
}

function drawKnown(common: Common, file: WorkflowNode, definition: NodeDefinition): UiNode {
  const drawing = new NodeDrawing(common.classType, definition, Object.keys(file.widgets));
  drawing.attach(Object.entries(file.links).map(([name, link]) => ({ name, type: '*', widget: undefined, link })));
  drawing.restoreByName(file.widgets);
  const optional = new Set(definition.inputs.flatMap(({ name, section }) => (section === 'optional' ? [name] : [])));
  const { widgets } = drawing;
  const named: JsonObject = {};
  for (const widget of widgets) {
    if (Object.hasOwn(file.widgets, widget.name)) widget.value = held(widget, file.widgets[widget.name]!);
    // What made a picture stays as it was until somebody says otherwise.
    else if (widget.kind === 'COMBO' && widget.value === 'randomize' && !widget.sent) widget.value = 'fixed';
    if (widget.kind === 'UPLOAD') widget.value ??= 'image';
    if (widget.saved && widget.value !== undefined) named[widget.name] = widget.value;
  }
  // An input that the class does not have is at least not forgotten.
  for (const [name, value] of Object.entries(file.widgets)) if (!Object.hasOwn(named, name)) named[name] = value;
  return {
    ...common,
    inputs: drawing.inputs.map(({ name, type, widget, link }) => {
      // A widget without a socket gets one by being linked.
      const own = widgets.find((one) => one.name === (widget ?? name));
      const isOptional = optional.has(name) && own === undefined;
      return { name, type: type === '*' && own ? own.kind : type, widget: own?.name, isOptional, link };
    }),
    outputs: definition.outputs.map(({ name, type, isList }) => ({ name, type: outputType(type), isList })),
    widgets,
    positions: widgets.filter(({ saved }) => saved).map(({ value }) => value ?? null),
    named,
  };
}

/** A class the catalog does not have keeps its inputs as given: a socket for each link, a value for each other. */
function drawUnknown(common: Common, file: WorkflowNode): UiNode {
  const inputs = Object.entries(file.links).map(([name, link]): UiInput => {
    return { name, type: '*', widget: undefined, isOptional: false, link };
  });
  const widgets = Object.entries(file.widgets).map(([name, given]): PageWidget => {
    const value = unwrapped(given);
    return { name, kind: 'UNKNOWN', options: {}, saved: true, sent: true, value };
  });
  const named = Object.fromEntries(widgets.map(({ name, value }) => [name, value!]));
  return { ...common, inputs, outputs: [], widgets, positions: Object.values(named), named };
}

function outputType(type: Json): string {
  if (Array.isArray(type)) return 'COMBO';
  return type === 'COMFY_MATCHTYPE_V3' ? '*' : slotType(type);
}

/** What a widget holds so that the page sends the given value. */
function held({ kind, name, options }: PageWidget, value: Json): Json {
  if (kind === 'CURVE' && isObject(value) && value.__type__ === 'CURVE' && '__value__' in value) {
    return value.__value__!;
  }
  const isDynamic = typeof value === 'string' && options.dynamicPrompts === true && !name.includes('.');
  return isDynamic ? escaped(value) : unwrapped(value);
}

/** A list that the page has wrapped. [CV-9] */
function unwrapped(value: Json): Json {
  const isWrapped = isObject(value) && Object.keys(value).length === 1 && Array.isArray(value.__value__);
  return isWrapped ? value.__value__! : value;
}

/** A brace that stands for itself: else the page reads a choice. [CV-16] */
function escaped(text: string): string {
  return text.replace(/\\[\s\S]|\{/g, (match) => (match === '{' ? '\\{' : match));
}
