import { isObject, type Json } from '../../base/json.ts';
import { own } from '../workflow/names.ts';
import type { InterfaceSlot, Subgraph, WorkflowNode } from '../workflow/types.ts';

/** One slot as it is drawn. `key`: the name of an input, the index of an output, the id of a subgraph's slot. */
export interface Slot {
  readonly key: string;
  readonly name: string;
  /** ComfyUI's type: `MODEL`. */
  readonly type?: string;
}

/** The slots of a box, from the top. */
export interface Slots {
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
}

/** Tells the slots of a class where a file does not, as prompts never do; undefined for a class that nobody knows. */
export type ClassSlots = (classType: string) => Slots | undefined;

/**
 * The slots of a node: inputs that something is, or was, linked to, and those that take nothing but a link; all outputs.
 * `used`: outputs, by index, that links leave from.
 */
export function slotsOf(
  versions: readonly (WorkflowNode | undefined)[],
  used: Iterable<string>,
  classSlots: ClassSlots,
): Slots {
  const inputs = new Map<string, Slot>();
  const outputs = new Map<string, Slot>();
  for (const node of versions) {
    if (node === undefined) continue;
    const known = classSlots(node.class_type);
    const types = new Map(known?.inputs.map(({ key, type }) => [key, type]));
    const { sockets, socket_order: order, outputs: saved } = node.ui as Readonly<Record<string, Json>>;
    const named = Array.isArray(order) ? order.filter((name) => typeof name === 'string') : [...types.keys()];
    for (const name of [...named, ...Object.keys(node.links)]) {
      const socket = isObject(sockets) ? own(sockets, name) : undefined;
      const isOpen = isObject(socket) && !('widget' in socket);
      if (inputs.has(name) || !(isOpen || Object.hasOwn(node.links, name))) continue;
      inputs.set(name, slot(name, labelOf(socket) ?? name, typeOf(socket) ?? types.get(name)));
    }
    for (const [key, output] of isObject(saved) ? Object.entries(saved) : [])
      if (!outputs.has(key)) outputs.set(key, slot(key, labelOf(output) ?? nameOf(output) ?? key, typeOf(output)));
    for (const output of isObject(saved) ? [] : (known?.outputs ?? []))
      if (!outputs.has(output.key)) outputs.set(output.key, output);
  }
  for (const key of used) if (!outputs.has(key)) outputs.set(key, slot(key, key, undefined));
  return { inputs: [...inputs.values()], outputs: [...outputs.values()].sort((a, b) => Number(a.key) - Number(b.key)) };
}

/** The slots of one side of a subgraph, seen from inside: its inputs give, its outputs take. */
export function sideSlots(versions: readonly (Subgraph | undefined)[], which: 'inputs' | 'outputs'): Slots {
  const slots = new Map<string, Slot>();
  for (const subgraph of versions) {
    if (subgraph === undefined) continue;
    for (const key of subgraph[which === 'inputs' ? 'input_order' : 'output_order']) {
      const found: InterfaceSlot | undefined = own(subgraph[which], key);
      if (slots.has(key) || found === undefined) continue;
      slots.set(key, slot(key, found.name, typeof found.type === 'string' ? found.type : undefined));
    }
  }
  const all = [...slots.values()];
  return which === 'inputs' ? { inputs: [], outputs: all } : { inputs: all, outputs: [] };
}

function slot(key: string, name: string, type: string | undefined): Slot {
  return { key, name, ...(type === undefined ? {} : { type }) };
}

function typeOf(value: Json | undefined): string | undefined {
  return isObject(value) && typeof value['type'] === 'string' ? value['type'] : undefined;
}

function nameOf(value: Json): string | undefined {
  return isObject(value) && typeof value['name'] === 'string' && value['name'] !== '' ? value['name'] : undefined;
}

/** What the editor shows instead of a name. */
function labelOf(value: Json | undefined): string | undefined {
  return isObject(value) && typeof value['label'] === 'string' && value['label'] !== '' ? value['label'] : undefined;
}
