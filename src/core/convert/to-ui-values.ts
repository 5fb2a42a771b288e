import { sha256 } from '../../base/hash.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Workflow } from '../workflow/types.ts';
import { isDrawn } from './draw-node.ts';
import { MUTED, type PageWidget } from './page.ts';
import type { UiNode } from './to-ui-node.ts';

/** A value that no widget of its own node can hold as it is. */
export interface HeldValue {
  readonly node: string;
  readonly input: string;
  readonly value: Json;
}

/** The prompt with its held values linked to one more node, that node, and the definition it stands for. */
export interface WithValues {
  readonly workflow: Workflow;
  readonly node: UiNode;
  readonly definition: JsonObject;
}

const NAME = 'Values';

/**
 * Puts values into the widgets of a subgraph instance: what such a widget holds the page sends as it is, to any input
 * [CV-7]. Inside, each value has a muted node that lends its widget and is never sent, and a reroute to the output.
 * [CV-65]
 */
export function holdValues(
  workflow: Workflow,
  held: readonly HeldValue[],
  catalog: Catalog,
  freeId: number,
): WithValues {
  const names = namesOf(held);
  const outer = String(freeId);
  const nodes = { ...workflow.nodes };
  for (const [slot, { node, input }] of held.entries()) {
    const file = nodes[node]!;
    const { [input]: _, ...widgets } = file.widgets;
    nodes[node] = { ...file, widgets, links: { ...file.links, [input]: { from: outer, slot } } };
  }
  const lenders = held.map((one) => lenderOf(workflow, one, catalog)!);
  const values = held.map(({ value }) => value);
  const definition = definitionOf(names, lenders, values, freeId + 1);
  const widgets = values.map((value, at): PageWidget => {
    return { name: names[at]!, kind: lenders[at]!.type, options: {}, saved: true, sent: true, value };
  });
  const node: UiNode = {
    id: outer,
    classType: definition.id as string,
    definition: undefined,
    title: NAME,
    properties: {},
    inputs: names.map((name, at) => {
      return { name, type: lenders[at]!.type, widget: name, isOptional: false, link: undefined };
    }),
    outputs: names.map((name, at) => ({ name, type: lenders[at]!.type, isList: false })),
    widgets,
    positions: [...values],
    named: Object.fromEntries(names.map((name, at) => [name, values[at]!])),
  };
  return { workflow: { ...workflow, nodes }, node, definition };
}

/** Whether there is a widget that can hold a value. */
export function canHold(workflow: Workflow, held: HeldValue, catalog: Catalog): boolean {
  return lenderOf(workflow, held, catalog) !== undefined;
}

/** A node whose widget holds values of a kind: its class, the input that has the widget, its type. */
interface Lender {
  readonly classType: string;
  readonly input: string;
  readonly type: string;
}

/** The input's own class where it has a widget, else the class that stands for values of that type. */
function lenderOf({ nodes }: Workflow, { node, input, value }: HeldValue, catalog: Catalog): Lender | undefined {
  // The page wraps every list, wherever it stands. [CV-9]
  if (Array.isArray(value)) return undefined;
  const classType = nodes[node]!.class_type;
  const own = catalog.node(classType)?.inputs.find(({ name }) => name === input);
  if (own && isDrawn(own)) return { classType, input, type: own.type };
  const primitive = primitiveOf(value);
  const first = primitive === undefined ? undefined : catalog.node(primitive)?.inputs[0];
  return primitive && first ? { classType: primitive, input: first.name, type: first.type } : undefined;
}

function primitiveOf(value: Json): string | undefined {
  if (typeof value === 'string') return 'PrimitiveStringMultiline';
  if (typeof value === 'boolean') return 'PrimitiveBoolean';
  if (typeof value === 'bigint') return 'PrimitiveInt';
  if (typeof value === 'number') return Number.isInteger(value) ? 'PrimitiveInt' : 'PrimitiveFloat';
  return undefined;
}

/** The inputs' own names, the second `source` being `source_1`, as the page counts slots. */
function namesOf(held: readonly HeldValue[]): string[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return held.map(({ input }) => {
    let count = counts.get(input) ?? 0;
    let name = count === 0 ? input : `${input}_${count}`;
    while (taken.has(name)) name = `${input}_${++count}`;
    counts.set(input, count + 1);
    taken.add(name);
    return name;
  });
}

function definitionOf(names: readonly string[], lenders: readonly Lender[], values: readonly Json[], firstId: number) {
  const seed = canonicalJson([...names, ...lenders.map(({ classType }) => classType), ...values]);
  const links: JsonObject[] = [];
  const nodes: Json[] = [];
  const link = (from: number, fromSlot: number, to: number, toSlot: number, type: string): number => {
    const id = links.length + 1;
    links.push({ id, origin_id: from, origin_slot: fromSlot, target_id: to, target_slot: toSlot, type });
    return id;
  };
  const slot = (side: string, at: number, id: number[]) => {
    return { id: uuid(`${side} ${at} ${seed}`), name: names[at]!, type: lenders[at]!.type, linkIds: id };
  };
  const inputs: JsonObject[] = [];
  const outputs: JsonObject[] = [];
  for (const [at, { classType, input, type }] of lenders.entries()) {
    const [lender, reroute] = [firstId + 2 * at, firstId + 2 * at + 1];
    const y = at * ROW;
    const toLender = link(-10, at, lender, 0, type);
    const toReroute = link(-10, at, reroute, 0, type);
    const onward = link(reroute, 0, -20, at, type);
    nodes.push(
      {
        ...common(lender, classType, [0, y], [270, 80], MUTED, 2 * at),
        inputs: [{ name: input, type, widget: { name: input }, link: toLender }],
        outputs: [],
        properties: { 'Node name for S&R': classType },
      },
      {
        ...common(reroute, 'Reroute', [320, y], [75, 26], 0, 2 * at + 1),
        inputs: [{ name: '', type: '*', link: toReroute }],
        outputs: [{ name: '', type, links: [onward] }],
        properties: { showOutputText: false, horizontal: false },
      },
    );
    inputs.push(slot('in', at, [toLender, toReroute]));
    outputs.push(slot('out', at, [onward]));
  }
  return {
    id: uuid(seed),
    version: 1,
    state: { lastGroupId: 0, lastNodeId: firstId + 2 * names.length - 1, lastLinkId: links.length, lastRerouteId: 0 },
    revision: 0,
    config: {},
    name: NAME,
    inputNode: { id: -10, bounding: [-200, 0, 120, 40 + 20 * names.length] },
    outputNode: { id: -20, bounding: [480, 0, 120, 40 + 20 * names.length] },
    inputs,
    outputs,
    widgets: [],
    nodes,
    groups: [],
    links,
    extra: {},
  } satisfies JsonObject;
}

/** From one lender to the next. */
const ROW = 160;

function common(id: number, type: string, pos: Json[], size: Json[], mode: number, order: number): JsonObject {
  return { id, type, pos, size, flags: {}, order, mode };
}

/** A UUID made from a text (version 8, RFC 9562), so that the same prompt gives the same file. */
function uuid(text: string): string {
  const hex = sha256(text);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
