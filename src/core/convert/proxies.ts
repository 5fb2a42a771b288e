import type { Json } from '../../base/json.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { WorkflowNode } from '../workflow/types.ts';
import { savedCopies } from '../workflow/write-node.ts';
import {
  MOST_NESTED,
  type PageInput,
  type PageNode,
  type PageScope,
  type PageSlot,
  type PageWidget,
  widgetOf,
} from './page.ts';
import { drawHosts } from './promote.ts';
import type { SetUp } from './set-up-node.ts';

/** One entry of `properties.proxyWidgets`: a widget inside that the instance shows, and the value it has for it. */
interface Proxy {
  readonly node: string;
  readonly widget: string;
  /** The node deeper inside that an entry of a nested instance means. */
  readonly deeper: string | undefined;
  readonly value: Json | undefined;
}

/**
 * Instances of older pages list the widgets they show in `properties.proxyWidgets`, with `widgets_values` in the same
 * order. The page makes inputs of them: an entry that one of the instance's inputs already shows gives that its value;
 * any other gets an input of its own, linked to the widget inside. Source: ComfyUI_frontend, `proxyWidgetMigration`.
 * [CV-22]
 */
export function migrateProxies(setUp: SetUp, scope: PageScope, host: PageNode, file: WorkflowNode): void {
  const definition = setUp.definitions.get(host.classType);
  const listed = tuples(host.properties.proxyWidgets);
  if (!definition || listed.length === 0) return;
  const { positions } = savedCopies(file);
  const proxies = listed.map((entry, at) => normalized(setUp, definition, entry, positions?.[at]));
  // What is shown already is told apart before anything is changed.
  const plans = proxies.map((proxy) => ({ proxy, slot: slotShowing(setUp, definition, proxy.node, proxy.widget) }));
  const instances = () => instancesOf(setUp, scope, definition);
  const primitives = new Map<string, Proxy[]>();
  for (const { proxy, slot } of plans) {
    const inner = definition.nodes.get(proxy.node);
    if (slot) give(host, slot, proxy.value);
    else if (inner?.role === 'primitive') primitives.set(inner.id, [...(primitives.get(inner.id) ?? []), proxy]);
    else if (inner) show(setUp, definition, host, inner, proxy, instances);
    else if (proxy.node === '-1') giveNamed(host, proxy);
  }
  for (const [id, cohort] of primitives)
    bypassPrimitive(definition, host, definition.nodes.get(id)!, cohort, instances);
}

type Tuple = readonly [string, string, string?];

function tuples(property: Json | undefined): Tuple[] {
  let listed = property;
  if (typeof property === 'string') {
    try {
      listed = JSON.parse(property);
    } catch {
      return [];
    }
  }
  if (!Array.isArray(listed)) return [];
  const isTuple = (entry: Json): boolean =>
    Array.isArray(entry) && entry.length >= 2 && entry.length <= 3 && entry.every((one) => typeof one === 'string');
  // One entry of another form makes the page drop the list.
  return listed.every(isTuple) ? (listed as unknown as Tuple[]) : [];
}

/** Names of nested widgets once stood behind the ids of the nodes they are in: `12: 7: steps`. */
function normalized(setUp: SetUp, definition: PageScope, entry: Tuple, value: Json | undefined): Proxy {
  const [node, widget, deeper] = entry;
  if (leadsToWidget(setUp, definition, node, widget)) return { node, widget, deeper, value };
  const prefixes = /^((?:\s*\d+\s*:\s*)+)(.+)$/.exec(widget);
  if (!prefixes) return { node, widget, deeper, value };
  const deepest = prefixes[1]!.split(':').at(-2)!.trim();
  return { node, widget: prefixes[2]!, deeper: deepest, value };
}

/** Whether a name is that of a widget of the node, or of an input of an instance that shows one. */
function leadsToWidget(setUp: SetUp, definition: PageScope, id: string, name: string, depth = 0): boolean {
  const node = depth > MOST_NESTED ? undefined : definition.nodes.get(id);
  if (node?.role !== 'instance') return node?.widgets.some((widget) => widget.name === name) ?? false;
  const inner = setUp.definitions.get(node.classType)!;
  const slot = inner.inputs.find((one) => one.name === name);
  const target = slot && firstSource(inner, slot);
  return target !== undefined && leadsToWidget(setUp, inner, target.node, target.widget, depth + 1);
}

/** What a slot shows, as an entry would name it: the node inside and its widget, or its input where it is an instance. */
function firstSource(definition: PageScope, slot: PageSlot): { node: string; widget: string } | undefined {
  for (const { node, input } of slot.targets) {
    const target = definition.nodes.get(node);
    if (target?.role === 'instance') return { node, widget: input.name };
    const widget = target && widgetOf(target, input);
    if (widget) return { node, widget: widget.name };
  }
  return undefined;
}

function slotShowing(_setUp: SetUp, definition: PageScope, node: string, widget: string): PageSlot | undefined {
  return definition.inputs.find((slot) => {
    const source = firstSource(definition, slot);
    return source?.node === node && source.widget === widget;
  });
}

function give(host: PageNode, slot: PageSlot, value: Json | undefined): void {
  const widget = host.widgets.find(({ name }) => name === slot.name);
  if (widget && value !== undefined) widget.value = value;
}

function giveNamed(host: PageNode, { widget: name, value }: Proxy): void {
  const widget = host.widgets.find((one) => one.name === name);
  if (widget && value !== undefined) widget.value = value;
}

/** Links a new slot to the widget inside, and gives the instance that asked for it its value. */
function show(
  setUp: SetUp,
  definition: PageScope,
  host: PageNode,
  inner: PageNode,
  proxy: Proxy,
  instances: () => PageNode[],
): void {
  const source = innerWidget(setUp, inner, proxy);
  if (!source || isView(source.widget)) return;
  const input = inner.inputs.find((one) => one.widget === source.widget.name);
  if (!input) return;
  const slot = addSlot(definition, proxy.widget, input.type);
  connect(definition, slot, inner, input);
  for (const instance of instances()) drawHosts(definition, instance);
  give(host, slot, proxy.value);
}

function innerWidget(
  setUp: SetUp,
  inner: PageNode,
  { widget: name, deeper }: Proxy,
): { widget: PageWidget } | undefined {
  const definition = setUp.definitions.get(inner.classType);
  const slot = definition?.inputs.find((one) => {
    const source = firstSource(definition, one);
    if (deeper !== undefined) return source?.widget === name && source.node === deeper;
    return one.name === name || source?.widget === name;
  });
  const own = inner.widgets.find((one) => one.name === slot?.name) ?? inner.widgets.find((one) => one.name === name);
  return own && { widget: own };
}

/** Previews are shown, not set. */
function isView({ name, saved, sent }: PageWidget): boolean {
  return name.startsWith('$$') || (!saved && !sent);
}

function addSlot(definition: PageScope, name: string, type: string): PageSlot {
  const names = new Set(definition.inputs.map((one) => one.name));
  let unique = name;
  for (let n = 1; names.has(unique); n++) unique = `${name}_${n}`;
  const slot: PageSlot = { key: `new ${unique}`, name: unique, type, targets: [] };
  definition.inputs.push(slot);
  return slot;
}

/** A link from the new slot takes the place of the one that was there. */
function connect(definition: PageScope, slot: PageSlot, node: PageNode, input: PageInput): void {
  for (const other of definition.inputs) {
    const at = other.targets.findIndex((target) => target.input === input);
    if (at >= 0) other.targets.splice(at, 1);
  }
  input.link = { from: INPUT_SIDE, slot: slot.key };
  slot.targets.push({ node: node.id, input });
}

/** A primitive whose value an instance shows: the slot takes its place at all inputs it feeds. */
function bypassPrimitive(
  definition: PageScope,
  host: PageNode,
  primitive: PageNode,
  cohort: readonly Proxy[],
  instances: () => PageNode[],
): void {
  const targets = [...definition.nodes.values()].flatMap((node) =>
    node.inputs.flatMap((input) => (input.link?.from === primitive.id ? [{ node, input }] : [])),
  );
  const [first] = cohort;
  if (targets.length === 0 || cohort.some(({ widget }) => widget !== first!.widget)) return;
  const type = primitive.outputs[0]?.type ?? '*';
  const fits = targets.every(({ input }) => input.type === type || input.type === '*' || type === '*');
  if (!fits) return;
  const renamed = primitive.title !== primitive.classType;
  const slot = addSlot(definition, renamed ? primitive.title : first!.widget, type);
  for (const { node, input } of targets) connect(definition, slot, node, input);
  for (const instance of instances()) drawHosts(definition, instance);
  give(host, slot, cohort.find(({ value }) => value !== undefined)?.value);
}

/** The instances of a definition that are set up so far. */
function instancesOf({ definitions }: SetUp, scope: PageScope, { id }: PageScope): PageNode[] {
  return [...definitions.values(), scope].flatMap(({ nodes }) =>
    [...nodes.values()].filter(({ role, classType }) => role === 'instance' && classType === id),
  );
}
