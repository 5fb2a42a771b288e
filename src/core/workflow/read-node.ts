import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import { positionNames } from '../catalog/widget-names.ts';
import { asKey, own, type Place, shape, uniqueKey } from './names.ts';
import { NODE_KEYS, SOCKET_KEYS, setApart } from './own-keys.ts';
import type { ReadOptions } from './read.ts';
import { inOrder, type LinkTable, sameIds } from './read-links.ts';
import type { LinkSource, WorkflowNode } from './types.ts';
import { savedCopies } from './write-node.ts';

/** Reads one node of a UI file; its incoming links are taken from the scope's table. Throws WORKFLOW_SHAPE. */
export function readNode(
  id: string,
  entry: JsonObject,
  table: LinkTable,
  options: ReadOptions,
  place: Place,
): WorkflowNode {
  const { id: rawId, type, mode, inputs, outputs, widgets_values, widgets_values_named, ...rest } = entry;
  const ui = setApart(rest, NODE_KEYS);
  const class_type = asKey(type, place, 'the type of a node');
  if (typeof rawId === 'string') ui.id_form = 'text';
  const links: Record<string, LinkSource> = {};
  const sockets = readSockets(id, inputs, table, links, ui, place);
  if (Array.isArray(outputs)) ui.outputs = readOutputs(id, outputs, table, place);
  else if (outputs !== undefined) ui.odd_outputs = outputs;
  if (mode !== undefined && typeof mode !== 'number') throw shape(place, 'mode is not a number');
  if (mode === undefined) ui.no_mode = true;
  const widgets = readWidgets(class_type, widgets_values, widgets_values_named, sockets, ui, options, place);
  return { class_type, ...(mode === undefined || mode === 0 ? {} : { mode }), ...widgets, links, ui };
}

/**
 * A node of a UI file with its values named anew: what its positions are called once its class or the key of a dynamic
 * combo is another. What it is written as stays the same, and is read as it says.
 */
export function withNamesAnew(node: WorkflowNode, catalog: ReadOptions['catalog']): WorkflowNode {
  const { widgets_form, widget_order: _order, named: _named, unnamed: _unnamed, odd_named, ...ui } = node.ui;
  const { positional: _positional, ...rest } = node;
  const { positions, named } = savedCopies(node);
  if (positions === undefined || widgets_form !== 'list') return node;
  const sockets = (ui.sockets ?? {}) as JsonObject;
  const shown = ((ui.socket_order ?? []) as string[]).flatMap((name) => {
    const widget = (own(sockets, name) as JsonObject | undefined)?.widget;
    return isObject(widget) && typeof widget.name === 'string' ? [widget.name] : [];
  });
  const place = { source: '', path: '' };
  const widgets = readWidgets(
    node.class_type,
    [...positions],
    named ?? odd_named,
    shown,
    ui,
    { catalog, source: '' },
    place,
  );
  return { ...rest, ...widgets, ui };
}

/** Input sockets by name, in `ui.sockets` and `ui.socket_order`. Returns the names of widgets in socket order. */
function readSockets(
  id: string,
  inputs: Json | undefined,
  table: LinkTable,
  links: Record<string, LinkSource>,
  ui: JsonObject,
  place: Place,
): string[] {
  if (!Array.isArray(inputs)) {
    if (inputs !== undefined) ui.odd_inputs = inputs;
    return [];
  }
  const sockets: JsonObject = {};
  const attrs: JsonObject = {};
  const order: string[] = [];
  const taken = new Set<string>();
  const widgets: string[] = [];
  for (const [index, socket] of inputs.entries()) {
    const here = { source: place.source, path: `${place.path}/inputs/${index}` };
    if (!isObject(socket)) throw shape(here, 'an input is not an object');
    const { name, link, ...rest } = socket;
    const more = setApart(rest, SOCKET_KEYS);
    const key = uniqueKey(asKey(name, here, 'the name of an input'), taken);
    taken.add(key);
    order.push(key);
    if (key !== name) more.name = name!;
    const row = link === undefined || link === null ? undefined : table.take(id, index, link);
    if (row) {
      links[key] = row.source;
      attrs[key] = row.attrs;
    } else if (link === undefined) more.no_link = true;
    else if (link !== null) more.link = link;
    if (isObject(more.widget) && typeof more.widget.name === 'string') widgets.push(more.widget.name);
    sockets[key] = more;
  }
  ui.sockets = sockets;
  ui.socket_order = order;
  if (Object.keys(attrs).length > 0) ui.link_attrs = attrs;
  return widgets;
}

/** Output sockets by slot index; the ids of the links that start there follow from the links themselves. */
function readOutputs(id: string, outputs: readonly Json[], table: LinkTable, place: Place): JsonObject {
  const out: JsonObject = {};
  for (const [index, output] of outputs.entries()) {
    if (!isObject(output))
      throw shape({ ...place, path: `${place.path}/outputs/${index}` }, 'an output is not an object');
    const { links, ...rest } = output;
    const more = setApart(rest, SOCKET_KEYS);
    const derived = table.idsFrom(id, index);
    if (!sameIds(links, derived)) more.links = inOrder(links ?? null);
    else if (derived.length === 0 && links !== null) more.no_links = links === undefined ? 'absent' : 'empty';
    out[String(index)] = more;
  }
  return out;
}

interface Widgets {
  readonly widgets: Record<string, Json>;
  readonly positional?: Record<string, Json>;
}

/**
 * Widget values by name. The named copy speaks first; a position whose value disagrees is kept in `positional`, since
 * ComfyUI's page restores by position unless told otherwise. Positions without a name are called `#<index>`. [CF-7]
 */
function readWidgets(
  class_type: string,
  values: Json | undefined,
  named: Json | undefined,
  socketWidgets: readonly string[],
  ui: JsonObject,
  { catalog }: ReadOptions,
  place: Place,
): Widgets {
  const byName = isObject(named) ? named : undefined;
  if (named !== undefined && byName === undefined) ui.odd_named = named;
  if (byName) ui.named = true;
  if (isObject(values)) {
    ui.widgets_form = 'object';
    return byName ? withPositional(byName, values, Object.keys(values).sort(), ui) : { widgets: { ...values } };
  }
  if (!Array.isArray(values)) {
    if (values !== undefined) ui.widgets_form = values;
    return { widgets: { ...byName } };
  }
  ui.widgets_form = 'list';
  const found = positionNames({ class_type, values, named: byName, socketWidgets, proxies: proxiesOf(ui) }, catalog);
  const order = values.map((_, index) => {
    const name = found[index];
    return name === undefined ? `#${index}` : asKey(name, place, 'the name of a widget');
  });
  if (order.some((name, index) => name !== `#${index}`)) ui.widget_order = order;
  const positions: Record<string, Json> = {};
  for (const [index, name] of order.entries()) positions[name] = values[index]!;
  return byName ? withPositional(byName, positions, order, ui) : { widgets: positions };
}

function withPositional(named: JsonObject, positions: JsonObject, order: readonly string[], ui: JsonObject): Widgets {
  const widgets: Record<string, Json> = { ...named };
  const positional: Record<string, Json> = {};
  const unnamed: string[] = [];
  for (const name of order) {
    const value = positions[name]!;
    if (!Object.hasOwn(named, name)) {
      widgets[name] = value;
      unnamed.push(name);
    } else if (!jsonEqual(value, named[name]!)) positional[name] = value;
  }
  if (unnamed.length > 0) ui.unnamed = unnamed;
  return Object.keys(positional).length > 0 ? { widgets, positional } : { widgets };
}

/** Names of the widgets a subgraph instance shows: `properties.proxyWidgets` lists `[inner node, widget]`. */
function proxiesOf(ui: JsonObject): string[] | undefined {
  const listed = isObject(ui.properties) ? ui.properties.proxyWidgets : undefined;
  if (!Array.isArray(listed)) return undefined;
  return listed.map((entry) => (Array.isArray(entry) && typeof entry[1] === 'string' ? entry[1] : ''));
}
