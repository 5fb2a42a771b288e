import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog, InputDefinition } from '../catalog/catalog.ts';
import { isDrawn } from './draw-node.ts';
import { addedInputs } from './widgets.ts';

/** One input that a group node shows for a node inside it. */
export interface GroupInput {
  /** Its name on the group node. */
  readonly name: string;
  /** Index of the node inside, and the name there. */
  readonly node: number;
  readonly inner: string;
  readonly definition: InputDefinition;
  readonly isWidget: boolean;
  /** Whether links can come in; a widget that was never turned into an input takes none. */
  readonly hasSocket: boolean;
}

/** A link inside a group, by indices of its nodes. */
export interface GroupLink {
  readonly from: number;
  readonly fromSlot: number;
  readonly to: number;
  readonly toSlot: number;
  readonly type: Json;
}

/** What a group node stands for: its nodes, the links between them, and what it shows of them in the page's order. */
export interface GroupPlan {
  readonly nodes: readonly JsonObject[];
  readonly links: readonly GroupLink[];
  readonly inputs: readonly GroupInput[];
  readonly outputs: readonly { readonly node: number; readonly slot: number; readonly type: string }[];
}

/** Reads one entry of `extra.groupNodes`; undefined where it has another shape or holds a class nobody knows. */
export function planGroup(data: Json, catalog: Catalog): GroupPlan | undefined {
  if (!isObject(data) || !Array.isArray(data.nodes) || !Array.isArray(data.links)) return undefined;
  const nodes = data.nodes.filter(isObject);
  const links = data.links.flatMap(readLink).filter(({ from, to }) => nodes[from] && nodes[to]);
  const isKnown = ({ type }: JsonObject) =>
    typeof type === 'string' && (OWN.has(type) || catalog.node(type) !== undefined);
  if (nodes.length < data.nodes.length || !nodes.every(isKnown)) return undefined;
  return new Planner(nodes, links, data, catalog).plan();
}

/** Classes of the page itself that may stand in a group. */
const OWN = new Set(['PrimitiveNode', 'Reroute', 'Note', 'MarkdownNote']);

function readLink(row: Json): GroupLink[] {
  if (!Array.isArray(row)) return [];
  const [from, fromSlot, to, toSlot, , type] = row;
  // A source outside the group is null: its link is one of the group node.
  if (![from, fromSlot, to, toSlot].every((one) => typeof one === 'number')) return [];
  return [{ from, fromSlot, to, toSlot, type: type ?? '*' } as GroupLink];
}

class Planner {
  private readonly nodes: readonly JsonObject[];
  private readonly links: readonly GroupLink[];
  private readonly data: JsonObject;
  private readonly catalog: Catalog;
  private readonly inputs: GroupInput[] = [];
  private readonly seen = new Map<string, number>();

  constructor(nodes: readonly JsonObject[], links: readonly GroupLink[], data: JsonObject, catalog: Catalog) {
    this.nodes = nodes;
    this.links = links;
    this.data = data;
    this.catalog = catalog;
  }

  plan(): GroupPlan {
    // Widgets that were turned into inputs come last, behind those of all nodes.
    const later: (() => void)[] = [];
    const outputs = this.nodes.flatMap((_, at) => {
      later.push(this.addInputs(at));
      return this.outputsOf(at);
    });
    for (const add of later) add();
    const { nodes, links, inputs } = this;
    return { nodes, links, inputs, outputs };
  }

  /** Adds the widgets and inputs of a node; returns what adds its converted widgets. */
  private addInputs(at: number): () => void {
    const sockets = this.socketsOf(at);
    const converted: { slot: number; input: InputDefinition }[] = [];
    const plain: InputDefinition[] = [];
    for (const input of this.definitionsOf(at)) {
      const slot = sockets.findIndex(
        ({ name, widget }) => name === input.name && isObject(widget) && widget.name === name,
      );
      if (!isDrawn(input)) plain.push(input);
      else if (slot >= 0) converted.push({ slot, input });
      else this.add(at, input, { isWidget: true, hasSocket: false });
    }
    for (const [index, input] of plain.entries()) {
      const named = sockets.findIndex(({ name }) => name === input.name);
      if (this.isFed(at, named >= 0 ? named : index)) continue;
      this.add(at, input, { isWidget: false, hasSocket: true });
    }
    return () => {
      for (const { slot, input } of converted.sort((a, b) => a.slot - b.slot)) {
        if (!this.isFed(at, slot)) this.add(at, input, { isWidget: true, hasSocket: true });
      }
    };
  }

  /** The name on the group node: the one that was given, else the input's, with the node before it where it is taken. */
  private add(
    at: number,
    input: InputDefinition,
    how: { readonly isWidget: boolean; readonly hasSocket: boolean },
  ): void {
    const { title, type } = this.nodes[at]!;
    const custom = this.configOf(at, 'input')[input.name];
    const label = this.socketsOf(at).find(({ name }) => name === input.name)?.label;
    const given = (isObject(custom) ? custom.name : undefined) ?? label;
    let name = typeof given === 'string' ? given : input.name;
    let [key, prefix] = [name, ''];
    if ((type === 'PrimitiveNode' && title) || this.seen.has(name)) {
      prefix = `${String(title ?? type)} `;
      name = `${prefix}${input.name}`;
      key = name;
      if (this.seen.has(name)) name = `${prefix}${this.seen.get(name)} ${input.name}`;
    }
    this.seen.set(key, (this.seen.get(key) ?? 1) + 1);
    if (!how.isWidget && isObject(custom) && custom.visible === false) return;
    const isSeed = input.name === 'seed' || input.name === 'noise_seed';
    const options = isSeed
      ? { ...input.options, control_after_generate: `${prefix}control_after_generate` }
      : input.options;
    this.inputs.push({ name, node: at, inner: input.name, definition: { ...input, options }, ...how });
  }

  private outputsOf(at: number): { node: number; slot: number; type: string }[] {
    const { type, outputs } = this.nodes[at]!;
    const defined = this.catalog.node(String(type))?.outputs.map((one) => String(one.type));
    const own =
      Array.isArray(outputs) && this.isShown(at) ? outputs.filter(isObject).map((one) => String(one.type ?? '*')) : [];
    const config = this.configOf(at, 'output');
    return (defined ?? own).flatMap((slotType, slot) => {
      const custom = config[String(slot)];
      const visible = isObject(custom) && typeof custom.visible === 'boolean' ? custom.visible : this.isOpen(at, slot);
      return visible ? [{ node: at, slot, type: slotType }] : [];
    });
  }

  /** Inputs of a node's class, what the page adds, and for its own classes what it makes of their links. */
  private definitionsOf(at: number): readonly InputDefinition[] {
    const { type, outputs } = this.nodes[at]!;
    const definition = this.catalog.node(String(type));
    if (definition) {
      return [
        ...definition.inputs.filter(({ section }) => section !== 'hidden'),
        ...addedInputs(String(type), definition),
      ];
    }
    if (!this.isShown(at)) return [];
    const given = Array.isArray(outputs) && isObject(outputs[0]) ? outputs[0].type : undefined;
    const linkType = String(this.links.find(({ from }) => from === at)?.type ?? given ?? '*');
    const input = (name: string, options: JsonObject): InputDefinition => ({
      name,
      section: 'required',
      type: linkType,
      options,
    });
    // A number that a primitive gives has a control, as it has on its own.
    if (type === 'PrimitiveNode') return [input('value', { control_after_generate: true })];
    return [input(linkType, { forceInput: true })];
  }

  /** Whether the group shows anything of one of the page's own nodes. */
  private isShown(at: number): boolean {
    const { type } = this.nodes[at]!;
    const feeds = this.links.some(({ from }) => from === at);
    if (type === 'PrimitiveNode') return feeds;
    return type === 'Reroute' && !(feeds && this.isFed(at, 0) && !this.isExternal(at, 0));
  }

  private isFed(at: number, slot: number): boolean {
    return this.links.some(({ to, toSlot }) => to === at && toSlot === slot);
  }

  /** An output that feeds a node inside is shown only where it also feeds one outside. */
  private isOpen(at: number, slot: number): boolean {
    return this.isExternal(at, slot) || !this.links.some(({ from, fromSlot }) => from === at && fromSlot === slot);
  }

  private isExternal(at: number, slot: number): boolean {
    const external = Array.isArray(this.data.external) ? this.data.external : [];
    return external.some(
      (row) => Array.isArray(row) && Number(row[0]) === at && Number(row[1]) === slot && row[2] != null,
    );
  }

  private configOf(at: number, side: 'input' | 'output'): JsonObject {
    const config = isObject(this.data.config) ? this.data.config[String(at)] : undefined;
    const found = isObject(config) ? config[side] : undefined;
    return isObject(found) ? found : {};
  }

  private socketsOf(at: number): JsonObject[] {
    const { inputs } = this.nodes[at]!;
    return (Array.isArray(inputs) ? inputs : []).filter(isObject);
  }
}
