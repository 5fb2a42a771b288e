import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog, InputDefinition } from '../catalog/catalog.ts';
import { INPUT_SIDE, OUTPUT_SIDE } from '../workflow/read-links.ts';
import { NodeDrawing } from './draw-node.ts';
import { type GroupInput, type GroupPlan, planGroup } from './group-plan.ts';

/**
 * A UI document whose group nodes (the page's older way to put nodes together, `extra.groupNodes`) have become
 * instances of subgraphs, as the page makes them on loading: the nodes get the next free ids, then the instance does.
 * A group node whose data cannot be followed stays as it is. [CV-25] Source: ComfyUI_frontend, `Comfy.GroupNode`.
 */
export function withoutGroupNodes(document: Json, catalog: Catalog): Json {
  const groups = isObject(document) && isObject(document.extra) ? document.extra.groupNodes : undefined;
  if (!isObject(document) || !isObject(groups) || !Array.isArray(document.nodes)) return document;
  let out: JsonObject = document;
  for (const node of document.nodes) {
    const name =
      isObject(node) && typeof node.type === 'string' ? /^workflow[>/](.+)$/s.exec(node.type)?.[1] : undefined;
    const data = name !== undefined && Object.hasOwn(groups, name) ? groups[name] : undefined;
    const plan = data === undefined ? undefined : planGroup(data, catalog);
    if (plan) out = replaceGroup(out, node as JsonObject, name!, plan, catalog);
  }
  return out;
}

function replaceGroup(
  document: JsonObject,
  group: JsonObject,
  name: string,
  plan: GroupPlan,
  catalog: Catalog,
): JsonObject {
  const first = lastId(document) + 1;
  const id = first + plan.nodes.length;
  const type = `group ${name} (${String(group.id)})`;
  const sockets = (Array.isArray(group.inputs) ? group.inputs : []).filter(isObject);
  // Only inputs that are linked come in from outside: the others are the nodes' own.
  const linked = plan.inputs.flatMap((input) => {
    const socket = input.hasSocket && sockets.find((one) => one.name === input.name);
    return socket && socket.link !== undefined && socket.link !== null ? [{ input, link: socket.link }] : [];
  });
  const nodes = innerNodes(plan, outerValues(plan, group), first, catalog);
  const links: JsonObject[] = [];
  const connect = (from: Json, fromSlot: number, to: Json, toSlot: number, linkType: Json) => {
    links.push({
      id: links.length + 1,
      origin_id: from,
      origin_slot: fromSlot,
      target_id: to,
      target_slot: toSlot,
      type: linkType,
    });
    return links.length;
  };
  for (const { from, fromSlot, to, toSlot, type: linkType } of plan.links) {
    const socket = (nodes[to]!.inputs as JsonObject[])[toSlot];
    if (socket) socket.link = connect(first + from, fromSlot, first + to, toSlot, linkType);
  }
  for (const [slot, { input }] of linked.entries()) {
    const { at, socket } = socketOf(nodes[input.node]!, input);
    socket.link = connect(Number(INPUT_SIDE), slot, first + input.node, at, input.definition.type);
  }
  for (const [slot, output] of plan.outputs.entries()) {
    connect(first + output.node, output.slot, Number(OUTPUT_SIDE), slot, output.type);
  }
  const slotOf = (key: string, label: string, slotType: Json): JsonObject => ({
    id: key,
    name: label,
    type: slotType,
    linkIds: [],
  });
  const definition: JsonObject = {
    id: type,
    name,
    nodes,
    links,
    inputs: linked.map(({ input }, at) => slotOf(`in ${at}`, input.name, input.definition.type)),
    outputs: plan.outputs.map((output, at) => slotOf(`out ${at}`, `${at}`, output.type)),
  };
  const inputs = linked.map(({ input, link }) => ({ name: input.name, type: input.definition.type, link }));
  const instance: JsonObject = { ...group, id, type, inputs, properties: {}, outputs: group.outputs ?? [] };
  delete instance.widgets_values;
  delete instance.widgets_values_named;
  return withInstance(document, group.id!, instance, definition);
}

/** The document with the instance in the group node's place, and its links led there. */
function withInstance(document: JsonObject, old: Json, instance: JsonObject, definition: JsonObject): JsonObject {
  const inputs = instance.inputs as JsonObject[];
  const links = (Array.isArray(document.links) ? document.links : []).flatMap((row): Json[] => {
    if (!Array.isArray(row)) return [row];
    const [link, from, fromSlot, to, toSlot, ...rest] = row;
    const slot = to === old ? inputs.findIndex((input) => input.link === link) : toSlot!;
    // An input that the group hides takes nothing.
    if (slot === -1) return [];
    return [[link!, from === old ? instance.id! : from!, fromSlot!, to === old ? instance.id! : to!, slot, ...rest]];
  });
  const definitions = isObject(document.definitions) ? document.definitions : {};
  const subgraphs = Array.isArray(definitions.subgraphs) ? definitions.subgraphs : [];
  return {
    ...document,
    last_node_id: instance.id!,
    nodes: (document.nodes as Json[]).map((node) => (isObject(node) && node.id === old ? instance : node)),
    links,
    definitions: { ...definitions, subgraphs: [...subgraphs, definition] },
  };
}

/** What the group node's own widgets hold, by name. */
function outerValues({ inputs }: GroupPlan, group: JsonObject): Map<string, Json> {
  // A name that comes twice is one input, that of the last.
  const byName = new Map(inputs.map((input) => [input.name, input]));
  const definitions = [...byName.values()].map(({ name, definition }): InputDefinition => ({ ...definition, name }));
  const drawing = new NodeDrawing('', { inputs: definitions, outputs: [], flags: [] }, []);
  const { widgets_values: values, widgets_values_named: named } = group;
  if (isObject(named)) drawing.restoreByName(named);
  else if (Array.isArray(values)) drawing.restoreByPosition(values);
  return new Map(drawing.widgets.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

/** The nodes inside, each with its values by name: its own, then what the group node has for it. */
function innerNodes(plan: GroupPlan, outer: Map<string, Json>, first: number, catalog: Catalog): JsonObject[] {
  return plan.nodes.map((data, index): JsonObject => {
    const shown = plan.inputs.filter((input) => input.node === index && outer.has(input.name));
    const inputs = (Array.isArray(data.inputs) ? data.inputs : [])
      .filter(isObject)
      .map((one) => ({ ...one, link: null }));
    const node: JsonObject = { ...data, id: first + index, inputs, outputs: plainOutputs(data.outputs) };
    const definition = catalog.node(String(data.type));
    if (!definition) {
      const [value] = shown.map(({ name }) => outer.get(name)!);
      return value === undefined ? node : { ...node, widgets_values: [value] };
    }
    const drawing = new NodeDrawing(String(data.type), definition, []);
    if (Array.isArray(data.widgets_values)) drawing.restoreByPosition(data.widgets_values);
    const named: JsonObject = {};
    for (const { name, saved, value } of drawing.widgets) if (saved && value !== undefined) named[name] = value;
    for (const { inner, name } of shown) named[inner] = outer.get(name)!;
    delete node.widgets_values;
    return { ...node, widgets_values_named: named };
  });
}

function plainOutputs(outputs: Json | undefined): Json {
  return (Array.isArray(outputs) ? outputs : []).filter(isObject).map((one) => ({ ...one, links: null }));
}

/** The socket inside that an input of the group stands for; made where the group's data has none. */
function socketOf(node: JsonObject, { inner, definition, isWidget }: GroupInput): { at: number; socket: JsonObject } {
  const inputs = node.inputs as JsonObject[];
  // A reroute's one input has no name of its own.
  const found = node.type === 'Reroute' ? 0 : inputs.findIndex((one) => one.name === inner);
  if (inputs[found]) return { at: found, socket: inputs[found] };
  const socket: JsonObject = { name: inner, type: definition.type, link: null };
  if (isWidget) socket.widget = { name: inner };
  inputs.push(socket);
  return { at: inputs.length - 1, socket };
}

function lastId({ last_node_id: last, nodes, definitions }: JsonObject): number {
  const inside = isObject(definitions) && Array.isArray(definitions.subgraphs) ? definitions.subgraphs : [];
  const all = [nodes, ...inside.map((one) => (isObject(one) ? one.nodes : []))].flatMap((one) =>
    Array.isArray(one) ? one : [],
  );
  const ids = all.map((node) => (isObject(node) ? Number(node.id) : 0)).filter(Number.isSafeInteger);
  return ids.reduce((most, one) => Math.max(most, one), typeof last === 'number' ? last : 0);
}
