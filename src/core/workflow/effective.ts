import type { Json, JsonObject } from '../../base/json.ts';
import { own } from './names.ts';
import { INPUT_SIDE } from './read-links.ts';
import type { NodePlace } from './scopes.ts';
import type { LinkSource, NodeId, Scope, Workflow, WorkflowNode } from './types.ts';
import { widgetOrder } from './write-node.ts';

/** One input of one node; `scope` is a subgraph definition, absent for the root. */
export interface InputPlace extends NodePlace {
  readonly input: string;
}

/**
 * Where the value of an input lives. `value`: at a widget, its own or that of a node that only holds it. `computed`: a
 * node makes it when the workflow runs. `several`: the definition has instances that give different ones. `none`: its
 * link leads nowhere.
 */
export type Effective =
  | { readonly kind: 'value'; readonly place: InputPlace; readonly value: Json }
  | { readonly kind: 'computed'; readonly scope?: string; readonly node: NodeId; readonly class_type: string }
  | { readonly kind: 'several'; readonly values: readonly Effective[] }
  | { readonly kind: 'none' };

/**
 * Nodes that give the value of one widget and do nothing else: ComfyUI's `utilities/primitive` (comfy_extras,
 * nodes_primitive.py) and the constants of KJNodes.
 */
const HOLDERS: Readonly<Record<string, string>> = {
  PrimitiveBoolean: 'value',
  PrimitiveFloat: 'value',
  PrimitiveInt: 'value',
  PrimitiveString: 'value',
  PrimitiveStringMultiline: 'value',
  BOOLConstant: 'value',
  FloatConstant: 'value',
  INTConstant: 'value',
  StringConstant: 'string',
  StringConstantMultiline: 'string',
};

/** ComfyUI's `utilities/logic` switch: the input that says which, and the two it chooses from. */
const SWITCHES: Readonly<Record<string, { readonly by: string; readonly on: string; readonly off: string }>> = {
  ComfySwitchNode: { by: 'switch', on: 'on_true', off: 'on_false' },
};

const MUTE = 2;
const BYPASS = 4;
const NONE: Effective = { kind: 'none' };
/** Links one after the other; more is a cycle. */
const MAX_STEPS = 1000;

/** Instances that led into the scope at hand, the innermost last. */
type Way = readonly { readonly scope: string | undefined; readonly node: NodeId }[];

/**
 * Follows link -> reroute, bypassed node, switch, subgraph -> value [EV-1]: in the official templates the number that
 * stands beside a link in a sampler is stale, and the one that counts lies in a primitive.
 */
export function effectiveValue(workflow: Workflow, place: InputPlace): Effective {
  return new Resolver(workflow).input(place.scope, place.node, place.input, []);
}

/**
 * Whether the widget of a linked input is what counts: an instance of its definition shows it and holds no value of its
 * own.
 */
export function countsItself(workflow: Workflow, place: InputPlace): boolean {
  const found = effectiveValue(workflow, place);
  const values = found.kind === 'several' ? found.values : [found];
  return values.some((one) => one.kind === 'value' && placeKey(one.place) === placeKey(place));
}

/** The linked inputs that take their value from each widget that another node reads, by the place of the widget. */
export function readersOf(workflow: Workflow): ReadonlyMap<string, readonly InputPlace[]> {
  const out = new Map<string, InputPlace[]>();
  for (const scope of [undefined, ...Object.keys(workflow.subgraphs)]) {
    for (const [node, { links }] of Object.entries(scopeOf(workflow, scope).nodes)) {
      for (const input of Object.keys(links)) {
        const place = { ...(scope === undefined ? {} : { scope }), node, input };
        const found = effectiveValue(workflow, place);
        const values = found.kind === 'several' ? found.values : [found];
        for (const one of values) if (one.kind === 'value') push(out, placeKey(one.place), place);
      }
    }
  }
  return out;
}

/** Whether other nodes may read the value of this node's widgets: it holds one, or is an instance that shows some. */
export function isHolder({ subgraphs }: Workflow, { class_type }: WorkflowNode): boolean {
  return class_type === 'PrimitiveNode' || Object.hasOwn(HOLDERS, class_type) || Object.hasOwn(subgraphs, class_type);
}

/** The input whose value a class gives and does nothing else; undefined for any other class. */
export function holderInput(classType: string): string | undefined {
  return own(HOLDERS, classType);
}

/** A text that names a place, for maps. */
export function placeKey({ scope, node, input }: InputPlace): string {
  return JSON.stringify([scope ?? null, node, input]);
}

class Resolver {
  private readonly workflow: Workflow;
  private steps = 0;

  constructor(workflow: Workflow) {
    this.workflow = workflow;
  }

  input(scope: string | undefined, id: NodeId, input: string, way: Way): Effective {
    const node = own(scopeOf(this.workflow, scope).nodes, id);
    if (node === undefined) return NONE;
    const link = own(node.links, input);
    return link === undefined ? held(scope, id, node, input) : this.link(scope, link, way, { id, node, input });
  }

  private link(
    scope: string | undefined,
    link: LinkSource,
    way: Way,
    reader: { id: NodeId; node: WorkflowNode; input: string },
  ): Effective {
    if (++this.steps > MAX_STEPS) return NONE;
    if (scope !== undefined && link.from === INPUT_SIDE) return this.outward(scope, String(link.slot), way, reader);
    const id = link.from;
    const node = own(scopeOf(this.workflow, scope).nodes, id);
    if (node === undefined || node.mode === MUTE) return NONE;
    const follow = (input: string | undefined): Effective => {
      const next = input === undefined ? undefined : own(node.links, input);
      return next === undefined ? NONE : this.link(scope, next, way, { id, node, input: input! });
    };
    if (node.class_type === 'Reroute') return follow(Object.keys(node.links)[0]);
    if (node.mode === BYPASS) return follow(passedBy(node, link.slot));
    const inner = own(this.workflow.subgraphs, node.class_type);
    if (inner) {
      const next = own(inner.outputs, inner.output_order[Number(link.slot)] ?? '')?.link;
      return next === undefined
        ? NONE
        : this.link(node.class_type, next, [...way, { scope, node: id }], { id, node, input: '' });
    }
    const choice = own(SWITCHES, node.class_type);
    if (choice) {
      const by = this.input(scope, id, choice.by, way);
      if (by.kind !== 'value' || typeof by.value !== 'boolean') return computed(scope, id, node);
      const input = by.value ? choice.on : choice.off;
      return Object.hasOwn(node.links, input) ? follow(input) : held(scope, id, node, input);
    }
    const input = node.class_type === 'PrimitiveNode' ? widgetOrder(node)[0] : own(HOLDERS, node.class_type);
    return input === undefined ? computed(scope, id, node) : this.input(scope, id, input, way);
  }

  /** From the side of a definition to the instance on whose behalf it is looked at, or to all of them. */
  private outward(
    scope: string,
    slot: string,
    way: Way,
    reader: { id: NodeId; node: WorkflowNode; input: string },
  ): Effective {
    const slotName = own(this.workflow.subgraphs[scope]!.inputs, slot)?.name;
    if (slotName === undefined) return NONE;
    const position = promotedOf(this.workflow, scope).indexOf(slot);
    const instances = way.length > 0 ? [way.at(-1)!] : instancesOf(this.workflow, scope);
    const found = instances.map((instance) => {
      const node = scopeOf(this.workflow, instance.scope).nodes[instance.node]!;
      const isNamed = Object.hasOwn(node.links, slotName) || Object.hasOwn(node.widgets, slotName);
      const name = isNamed || position < 0 ? slotName : `#${position}`;
      const isGiven = Object.hasOwn(node.links, name) || Object.hasOwn(node.widgets, name);
      const given = isGiven ? this.input(instance.scope, instance.node, name, way.slice(0, -1)) : NONE;
      // Nothing outside says otherwise: then the widget that the inner node has is what counts.
      if (given.kind !== 'none') return given;
      const own = held(scope, reader.id, reader.node, reader.input);
      return own.kind === 'none' ? this.besides(scope, slot) : own;
    });
    const [first, ...rest] = found;
    if (first === undefined) return NONE;
    return rest.every((one) => JSON.stringify(one, wide) === JSON.stringify(first, wide))
      ? first
      : { kind: 'several', values: found };
  }

  /** A reader without a widget takes what another reader of the same slot has in its own. */
  private besides(scope: string, slot: string): Effective {
    for (const [id, node] of Object.entries(scopeOf(this.workflow, scope).nodes)) {
      for (const [input, link] of Object.entries(node.links)) {
        if (link.from !== INPUT_SIDE || String(link.slot) !== slot) continue;
        const found = held(scope, id, node, input);
        if (found.kind === 'value') return found;
      }
    }
    return NONE;
  }
}

function held(scope: string | undefined, id: NodeId, node: WorkflowNode, input: string): Effective {
  const value = own(node.widgets, input);
  const place = { ...(scope === undefined ? {} : { scope }), node: id, input };
  return value === undefined ? NONE : { kind: 'value', place, value };
}

function computed(scope: string | undefined, node: NodeId, { class_type }: WorkflowNode): Effective {
  return { kind: 'computed', ...(scope === undefined ? {} : { scope }), node, class_type };
}

/** The input that a bypassed node hands on to an output: the one at its slot, else the first of its type. */
function passedBy(node: WorkflowNode, slot: number | string): string | undefined {
  const order = (node.ui.socket_order ?? []) as string[];
  const typeOf = (map: Json | undefined, key: string): Json | undefined =>
    (own(map as JsonObject | undefined, key) as JsonObject | undefined)?.type;
  const wanted = typeOf(node.ui.outputs, String(slot));
  const fits = (input: string | undefined): boolean =>
    input !== undefined && typeOf(node.ui.sockets, input) === wanted && Object.hasOwn(node.links, input);
  const beside = order[Number(slot)];
  return fits(beside) ? beside : order.find(fits);
}

/**
 * The inputs of a definition that an instance shows as widgets, in the order of its values: those that lead to an input
 * which is a widget itself.
 */
function promotedOf(workflow: Workflow, definition: string): string[] {
  const { nodes, input_order } = workflow.subgraphs[definition]!;
  const shown = new Set<string>();
  for (const node of Object.values(nodes)) {
    for (const [input, link] of Object.entries(node.links)) {
      const socket = own(node.ui.sockets as JsonObject | undefined, input) as JsonObject | undefined;
      if (link.from === INPUT_SIDE && socket?.widget !== undefined) shown.add(String(link.slot));
    }
  }
  return input_order.filter((key) => shown.has(key));
}

function instancesOf(workflow: Workflow, definition: string): Way {
  return [undefined, ...Object.keys(workflow.subgraphs)].flatMap((scope) =>
    Object.entries(scopeOf(workflow, scope).nodes)
      .filter(([, node]) => node.class_type === definition)
      .map(([node]) => ({ scope, node })),
  );
}

function scopeOf(workflow: Workflow, scope: string | undefined): Scope {
  return scope === undefined ? workflow : (own(workflow.subgraphs, scope) ?? { nodes: {} });
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function wide(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
