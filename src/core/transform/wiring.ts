import type { Json, JsonObject } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { declaredInputs } from '../catalog/declared-inputs.ts';
import { isDrawn } from '../convert/draw-node.ts';
import { countsItself, effectiveValue, type InputPlace } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE, OUTPUT_SIDE } from '../workflow/read-links.ts';
import { withNamesAnew } from '../workflow/read-node.ts';
import { nodeAt, withNode, withValue } from '../workflow/scopes.ts';
import type { LinkSource, Workflow, WorkflowNode } from '../workflow/types.ts';
import { refusal } from './checks.ts';
import { defaultsOf, redrawNode } from './draw.ts';
import { listedByOrigin } from './link-rows.ts';
import { inputSlot, sourceType } from './slots.ts';
import { ONE_BY_ONE, type Writing } from './writing.ts';

/** A link to be made: an output, and the input that takes it. Of a definition's own slots: its keys, and ids -10 and -20. */
export interface Wire extends InputPlace, LinkSource {}

const COMBO = 'COMFY_DYNAMICCOMBO_V3';

/**
 * A value in the widget of an input. A link that fed it goes, save one by which an instance shows that very widget; so
 * does what a dynamic combo no longer has below it.
 */
export function setInput(
  workflow: Workflow,
  place: InputPlace,
  value: Json,
  catalog: Catalog,
  writing: Writing = ONE_BY_ONE,
): Workflow {
  const node = nodeAt(workflow, place);
  if (!node) return workflow;
  const isNew = !Object.hasOwn(node.widgets, place.input);
  const isCombo = inputSlot(workflow, place, catalog)?.declared?.type === COMBO;
  const isShown = own(node.links, place.input)?.from === INPUT_SIDE && countsItself(workflow, place);
  const set = withValue(isShown ? node : withoutLink(node, place.input), place.input, value);
  if (!isCombo) return writing.put(workflow, place, namedAnew(settled(workflow, set, catalog, isNew), catalog));
  const after = chosen(namedAnew(set, catalog), place.input, catalog, workflow.format);
  return writing.put(workflow, place, namedAnew(settled(workflow, after, catalog, true), catalog));
}

/** A link into an input, in the place of what fed it. In a UI file its value stays beside it, as the page keeps it. */
export function connect(workflow: Workflow, wire: Wire, catalog: Catalog, writing: Writing = ONE_BY_ONE): Workflow {
  const { scope, node: id, input, from, slot } = wire;
  if (workflow.format === 'api') return connectInPrompt(workflow, wire, writing);
  const type = sourceType(workflow, scope, wire, catalog);
  const attrs = { id: writing.linkId(workflow, scope), type };
  const ready = listedByOrigin(workflow, scope, wire);
  if (scope !== undefined && id === OUTPUT_SIDE) return withOutput(ready, scope, input, { from, slot }, attrs);
  const node = nodeAt(ready, wire);
  if (!node) return workflow;
  const links = { ...node.links, [input]: { from, slot } };
  const found = inputSlot(workflow, wire, catalog);
  const sockets = (node.ui.sockets ?? {}) as JsonObject;
  const socket = own(sockets, input) as JsonObject | undefined;
  const hasWidget = found?.declared ? isDrawn(found.declared) : Object.hasOwn(node.widgets, input);
  const fresh: JsonObject = { type: found?.type ?? type, ...(hasWidget ? { widget: { name: input } } : {}) };
  const { link: _dangling, no_link: _none, ...shape } = socket ?? fresh;
  const order = (node.ui.socket_order ?? []) as string[];
  const { odd_inputs: _odd, ...ui } = node.ui;
  const linked: WorkflowNode = {
    ...node,
    links,
    ui: {
      ...ui,
      sockets: { ...sockets, [input]: shape },
      socket_order: order.includes(input) ? order : [...order, input],
      link_attrs: { ...(ui.link_attrs as JsonObject | undefined), [input]: attrs },
    },
  };
  const isGrowing = found?.declared?.growing !== undefined;
  const after = writing.put(ready, wire, settled(ready, linked, catalog, socket === undefined || isGrowing));
  return withPrimitive(after, wire, found?.type ?? type);
}

/** A prompt has no ids of links, and an input of it holds a value or a link. */
function connectInPrompt(workflow: Workflow, wire: Wire, writing: Writing): Workflow {
  const { input, from, slot } = wire;
  const node = nodeAt(workflow, wire);
  if (!node) return workflow;
  const { [input]: _, ...widgets } = node.widgets;
  return writing.put(workflow, wire, { ...node, widgets, links: { ...node.links, [input]: { from, slot } } });
}

/**
 * The input without its link. Where it has a widget this holds what counted before, as far as something held it, else
 * what it had or the default: to disconnect changes no result by itself. [TE-5]
 */
export function disconnect(
  workflow: Workflow,
  place: InputPlace,
  catalog: Catalog,
  writing: Writing = ONE_BY_ONE,
): Workflow {
  const { scope, node: id, input } = place;
  if (scope !== undefined && id === OUTPUT_SIDE) return withOutput(workflow, scope, input);
  const node = nodeAt(workflow, place);
  if (!node || !Object.hasOwn(node.links, input)) return workflow;
  const free = withoutLink(node, input);
  const value = valueLeft(workflow, place, node, catalog);
  const after = value === undefined ? free : withValue(free, input, value);
  const isNew = value !== undefined && !Object.hasOwn(node.widgets, input);
  return writing.put(workflow, place, settled(workflow, after, catalog, isNew));
}

/** A node whose link into an input is gone, with all that the file says of that link. */
function withoutLink(node: WorkflowNode, input: string): WorkflowNode {
  if (!Object.hasOwn(node.links, input)) return node;
  const { [input]: _, ...links } = node.links;
  if (node.ui.link_attrs === undefined) return { ...node, links };
  const { link_attrs, ...ui } = node.ui;
  const { [input]: _attrs, ...attrs } = link_attrs as JsonObject;
  return { ...node, links, ui: Object.keys(attrs).length > 0 ? { ...ui, link_attrs: attrs } : ui };
}

/** The output of a definition, fed by a link or by none. */
function withOutput(workflow: Workflow, scope: string, key: string, link?: LinkSource, attrs?: JsonObject): Workflow {
  const inner = workflow.subgraphs[scope]!;
  const { link: _link, ui, ...output } = inner.outputs[key]!;
  const { link_attrs: _attrs, linkIds: _ids, ...rest } = ui;
  const after = {
    ...output,
    ...(link ? { link: { from: link.from, slot: link.slot } } : {}),
    ui: attrs ? { ...rest, link_attrs: attrs } : rest,
  };
  const outputs = { ...inner.outputs, [key]: after };
  return { ...workflow, subgraphs: { ...workflow.subgraphs, [scope]: { ...inner, outputs } } };
}

/** What a widget holds once its link is gone; undefined where it has none, or keeps what it has. */
function valueLeft(workflow: Workflow, place: InputPlace, node: WorkflowNode, catalog: Catalog): Json | undefined {
  const { input } = place;
  const declared = inputSlot(workflow, place, catalog)?.declared;
  const socket = own((node.ui.sockets ?? {}) as JsonObject, input) as JsonObject | undefined;
  const canHold = declared ? isDrawn(declared) : socket?.widget !== undefined;
  if (!canHold) return undefined;
  const found = effectiveValue(workflow, place);
  const mayStand = (value: Json): boolean => declared === undefined || refusal(declared, value) === undefined;
  if (found.kind === 'value' && mayStand(found.value)) return found.value;
  if (Object.hasOwn(node.widgets, input)) return undefined;
  return own(defaultsOf(node.class_type, catalog, node.widgets, workflow.format), input);
}

/** After another key of a dynamic combo: nothing below it that it does not have, and its defaults in a prompt. */
function chosen(node: WorkflowNode, combo: string, catalog: Catalog, format: Workflow['format']): WorkflowNode {
  const { byName } = declaredInputs(catalog.node(node.class_type)!, (name) => own(node.widgets, name));
  const isGone = (name: string): boolean => name.startsWith(`${combo}.`) && !byName.has(name);
  let after: WorkflowNode = node;
  for (const name of Object.keys(node.links)) if (isGone(name)) after = withoutLink(after, name);
  const widgets = Object.fromEntries(Object.entries(after.widgets).filter(([name]) => !isGone(name)));
  if (format === 'ui') return { ...after, widgets };
  for (const [name, value] of Object.entries(defaultsOf(node.class_type, catalog, widgets))) {
    const isBelow = name.startsWith(`${combo}.`) && !Object.hasOwn(after.links, name);
    if (isBelow && !Object.hasOwn(widgets, name)) widgets[name] = value;
  }
  return { ...after, widgets };
}

/** The key of a dynamic combo says what the positions after it are called, and one odd value less may. */
function namedAnew(node: WorkflowNode, catalog: Catalog): WorkflowNode {
  return Object.keys(node.widgets).some((name) => name.startsWith('#')) ? withNamesAnew(node, catalog) : node;
}

/** A node of a UI file drawn anew where its sockets or widgets are others now. */
function settled({ format }: Workflow, node: WorkflowNode, catalog: Catalog, isOther: boolean): WorkflowNode {
  return format === 'ui' && isOther ? redrawNode(node, catalog) : node;
}

/** A primitive takes on the type and the widget of what it feeds first, and that widget's value. */
function withPrimitive(workflow: Workflow, { scope, node: user, input, from }: Wire, type: string): Workflow {
  const place = { ...(scope === undefined ? {} : { scope }), node: from };
  const node = nodeAt(workflow, place);
  if (node?.class_type !== 'PrimitiveNode') return workflow;
  const outputs = (node.ui.outputs ?? {}) as JsonObject;
  const first = (outputs['0'] ?? {}) as JsonObject;
  if (first.type !== '*' && first.type !== undefined) return workflow;
  const held = own(nodeAt(workflow, { ...place, node: user })?.widgets, input);
  const isEmpty = Object.keys(node.widgets).length === 0 && held !== undefined;
  return withNode(workflow, place, {
    ...node,
    ...(isEmpty ? { widgets: { '#0': held } } : {}),
    ui: {
      ...node.ui,
      ...(isEmpty ? { widgets_form: 'list' } : {}),
      outputs: { ...outputs, 0: { ...first, name: type, type, widget: { name: input } } },
    },
  });
}
