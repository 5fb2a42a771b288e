import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { own } from './names.ts';
import { NODE_KEYS, SOCKET_KEYS, without } from './own-keys.ts';
import type { NodeId, WorkflowNode } from './types.ts';

/** Ids of the links that start at a slot. */
export type IdsFrom = (node: NodeId, slot: number) => Json[];

/** Writes one node of a UI file: `inputId(slot)` is the id of the link that feeds a slot. */
export type WriteNode = (
  fileId: Json,
  id: string,
  node: WorkflowNode,
  idsFrom: IdsFrom,
  inputId: (slot: number) => Json | undefined,
) => JsonObject;

/** Writes one node of a UI file; asks for the links of no other node. */
export const writeNode: WriteNode = (fileId, id, node, idsFrom, inputId) => {
  const { sockets, link_attrs, outputs, odd_inputs, odd_outputs, no_mode } = node.ui;
  const out = without(node.ui, NODE_KEYS);
  out.id = fileId;
  out.type = node.class_type;
  if (node.mode !== undefined || no_mode !== true) out.mode = node.mode ?? 0;
  if (odd_inputs !== undefined && Object.keys(node.links).length === 0) out.inputs = odd_inputs;
  else if (sockets !== undefined || Object.keys(node.links).length > 0) {
    out.inputs = writeSockets(node, (sockets ?? {}) as JsonObject, (link_attrs ?? {}) as JsonObject, inputId);
  }
  if (outputs !== undefined) out.outputs = writeOutputs(id, outputs as JsonObject, idsFrom);
  else if (odd_outputs !== undefined) out.outputs = odd_outputs;
  writeWidgets(out, node);
  return out;
};

function writeSockets(
  node: WorkflowNode,
  sockets: JsonObject,
  attrs: JsonObject,
  inputId: (slot: number) => Json | undefined,
): Json[] {
  return socketSlots(node).map(([name, slot]) => {
    // An input that a link was put on without a socket (an agent's edit) gets the link's type.
    const fallback: JsonObject = { type: ((own(attrs, name) as JsonObject | undefined)?.type ?? '*') as Json };
    const socket = (own(sockets, name) ?? fallback) as JsonObject;
    const out: JsonObject = { name, ...without(socket, SOCKET_KEYS) };
    const link = own(node.links, name) === undefined ? undefined : inputId(slot);
    if (link !== undefined) out.link = link;
    else if (out.link === undefined && socket.no_link !== true) out.link = null;
    return out;
  });
}

function writeOutputs(id: string, outputs: JsonObject, idsFrom: IdsFrom): Json[] {
  // A merge of two sides that both changed their number may leave a gap.
  const count = Object.keys(outputs).reduce((most, slot) => Math.max(most, Number(slot) + 1), 0);
  const slots = Array.from({ length: count }, (_, slot) => slot);
  return slots.map((slot) => {
    const output = (outputs[String(slot)] ?? {}) as JsonObject;
    const out = without(output, SOCKET_KEYS);
    // A list that disagreed with the link table was kept; else it follows from the links. [CF-9]
    if (out.links === undefined) {
      const ids = idsFrom(id, slot);
      if (ids.length > 0) out.links = ids;
      else if (output.no_links !== 'absent') out.links = output.no_links === 'empty' ? [] : null;
    }
    return out;
  });
}

/** Both copies of the widget values, in step except where `positional` says otherwise. [CF-7] */
function writeWidgets(out: JsonObject, node: WorkflowNode): void {
  const { ui, widgets } = node;
  const { widgets_form: form, named, odd_named } = ui;
  const unnamed = (ui.unnamed ?? []) as string[];
  if (named === true) {
    const copy: JsonObject = { ...widgets };
    for (const name of unnamed) delete copy[name];
    out.widgets_values_named = copy;
  } else if (odd_named !== undefined) out.widgets_values_named = odd_named;
  if (form === 'list') {
    out.widgets_values = widgetOrder(node).map((name) => positionalValue(node, name));
  } else if (form === 'object') {
    const keys = named === true ? [...new Set([...Object.keys(widgets), ...unnamed])] : Object.keys(widgets);
    const copy: JsonObject = {};
    for (const name of keys) copy[name] = positionalValue(node, name);
    out.widgets_values = copy;
  } else if (form !== undefined) out.widgets_values = form;
  else if (named !== true && Object.keys(widgets).length > 0)
    out.widgets_values = widgetOrder(node).map((n) => widgets[n]!);
}

/** The two copies of a node's widget values as a file has them; a list that is an object gives names, not positions. */
export function savedCopies(node: WorkflowNode): {
  readonly positions: readonly Json[] | undefined;
  readonly named: Readonly<JsonObject> | undefined;
} {
  const out: JsonObject = {};
  writeWidgets(out, node);
  const { widgets_values: values, widgets_values_named: named } = out;
  const byName = named ?? (Array.isArray(values) ? undefined : values);
  return {
    positions: Array.isArray(values) ? values : undefined,
    named: isObject(byName) ? byName : undefined,
  };
}

/** What the copy by position says; it may say null where the named copy has a value. */
function positionalValue({ positional, widgets }: WorkflowNode, name: string): Json {
  return (positional && Object.hasOwn(positional, name) ? positional[name] : widgets[name]) ?? null;
}

/** Widget names by position. Names that have no position yet (a merge, an agent's edit) come last, in order. */
export function widgetOrder({ ui, widgets }: WorkflowNode): string[] {
  const order = [...((ui.widget_order ?? []) as string[])].filter((name) => Object.hasOwn(widgets, name));
  const isNamed = ui.named === true;
  const unnamed = (ui.unnamed ?? []) as string[];
  const rest = Object.keys(widgets).filter((name) => !order.includes(name) && (!isNamed || unnamed.includes(name)));
  const position = (name: string): number => (/^#[0-9]+$/.test(name) ? Number(name.slice(1)) : Number.MAX_SAFE_INTEGER);
  rest.sort((a, b) => position(a) - position(b) || (a < b ? -1 : 1));
  return [...order, ...rest];
}

/** Input sockets of a node with their slot index; links to inputs without a socket follow in order of their names. */
export function socketSlots(node: WorkflowNode): [string, number][] {
  const order = [...((node.ui.socket_order ?? []) as string[])];
  for (const name of Object.keys(node.links).sort()) if (!order.includes(name)) order.push(name);
  return order.map((name, slot) => [name, slot]);
}
