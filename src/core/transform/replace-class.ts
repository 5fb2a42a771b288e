import type { JsonObject } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { own } from '../workflow/names.ts';
import { type NodePlace, nodeAt, withNode } from '../workflow/scopes.ts';
import type { LinkSource, Workflow, WorkflowNode } from '../workflow/types.ts';
import { linkFits, refusal } from './checks.ts';
import { drawNode } from './draw.ts';
import { nextId } from './nodes.ts';
import { usersOf } from './scope-wires.ts';
import { inputSlot, inputSlots, outputSlots, sourceType } from './slots.ts';
import { connect, disconnect } from './wiring.ts';

/** How inputs and outputs of the old class are called in the new one; what is absent keeps its name. */
export interface Renaming {
  readonly inputs?: Readonly<Record<string, string>>;
  /** New slot by old slot, for those that moved. */
  readonly outputs?: Readonly<Record<number, number>>;
  /** Values for inputs of the new class. */
  readonly values?: Readonly<JsonObject>;
}

/** The workflow with a node of another class, and what of the old one found no place. */
export interface Replaced {
  readonly workflow: Workflow;
  /** Inputs whose value or link is lost, and outputs (`output 1`) whose users have lost their link. */
  readonly lost: readonly string[];
}

/**
 * A node of another class under the same id: inputs of one name keep value and link where the new class takes them,
 * outputs go by type, first the one of the same name. Title, place, colours and mode stay. [TE-7]
 */
export function replaceClass(
  workflow: Workflow,
  place: NodePlace,
  class_type: string,
  catalog: Catalog,
  renaming: Renaming = {},
): Replaced {
  const old = nodeAt(workflow, place)!;
  const rename = (name: string): string => own(renaming.inputs, name) ?? name;
  const lost: string[] = [];
  const { kept, lostValues } = valuesFor(workflow, place, class_type, catalog, renaming);
  lost.push(...lostValues);
  const drawn = drawNode(workflow, nextId(workflow), { class_type, widgets: kept, ...titleOf(old) }, catalog);
  const node = workflow.format === 'api' ? { ...drawn, ui: old.ui } : withPlaceOf(drawn, old);
  let after = withNode(workflow, place, node);
  for (const [name, link] of Object.entries(old.links)) {
    const wire = { ...place, input: rename(name), ...link };
    const slot = inputSlot(after, wire, catalog);
    const fits = slot ? linkFits(sourceType(workflow, place.scope, link, catalog), slot.type) : false;
    if (fits || isUnknown(workflow, class_type, catalog))
      after = withOldId(connect(after, wire, catalog), wire, old, name);
    else lost.push(name);
  }
  for (const { node: user, input, source } of usersOf(workflow, place)) {
    const to = {
      ...place,
      node: user,
      input: user === place.node ? rename(input) : input,
    };
    const slot = newSlot(workflow, after, place, source, catalog, renaming);
    const type = slot === undefined ? undefined : sourceType(after, place.scope, { from: place.node, slot }, catalog);
    const taken = inputSlot(after, to, catalog)?.type ?? '*';
    if (slot === undefined || !linkFits(type!, taken)) {
      after = disconnect(after, to, catalog);
      lost.push(`output ${source.slot}`);
    } else if (slot !== source.slot) after = connect(after, { ...to, from: place.node, slot }, catalog);
  }
  return { workflow: after, lost: [...new Set(lost)] };
}

/** The values of the old node that the new class takes. */
function valuesFor(
  workflow: Workflow,
  place: NodePlace,
  class_type: string,
  catalog: Catalog,
  { inputs = {}, values = {} }: Renaming,
): { readonly kept: JsonObject; readonly lostValues: string[] } {
  const old = nodeAt(workflow, place)!;
  if (isUnknown(workflow, class_type, catalog)) return { kept: { ...old.widgets, ...values }, lostValues: [] };
  const given: JsonObject = { ...values };
  const origin = new Map<string, string>();
  for (const [name, value] of Object.entries(old.widgets)) {
    const to = own(inputs, name) ?? name;
    if (Object.hasOwn(given, to)) continue;
    given[to] = value;
    origin.set(to, name);
  }
  const bare = drawNode(workflow, nextId(workflow), { class_type, widgets: given }, catalog);
  const trial = withNode(workflow, place, { ...bare, widgets: given, links: {} });
  const declared = new Map(inputSlots(trial, place, catalog).map((slot) => [slot.name, slot.declared]));
  const kept: JsonObject = {};
  const lostValues: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const input = declared.get(name);
    // A control stands beside its seed, and in the file only.
    const isBeside = input === undefined && workflow.format === 'ui' && isDrawnBeside(bare, name, catalog, class_type);
    if (isBeside || (input && !refusal(input, value))) kept[name] = value;
    else if (!isTrivial(name, origin.get(name) ?? name, old)) lostValues.push(origin.get(name) ?? name);
  }
  return { kept, lostValues };
}

function isDrawnBeside(bare: WorkflowNode, name: string, catalog: Catalog, class_type: string): boolean {
  const order = (bare.ui.widget_order ?? []) as string[];
  const isDeclared = catalog.node(class_type)?.inputs.some((input) => input.name === name);
  return !isDeclared && order.includes(name);
}

/** What nobody would miss: the value beside a link, the control of a seed, a place without a name. */
function isTrivial(name: string, oldName: string, { links }: WorkflowNode): boolean {
  return (
    Object.hasOwn(links, oldName) || name === 'control_after_generate' || name === 'upload' || name.startsWith('#')
  );
}

/** The output of the new class for the users of an old one. */
function newSlot(
  before: Workflow,
  after: Workflow,
  place: NodePlace,
  { slot }: LinkSource,
  catalog: Catalog,
  { outputs }: Renaming,
): number | string | undefined {
  const stated = own(outputs, String(slot));
  if (stated !== undefined) return stated;
  const [was, is] = [outputSlots(before, place, catalog), outputSlots(after, place, catalog)];
  if (!was || !is) return slot;
  const old = was.find((one) => one.slot === slot);
  if (!old) return is.some((one) => one.slot === slot) ? slot : undefined;
  const same = is.filter(({ type }) => type === old.type || type === '*' || old.type === '*');
  const rank = was.filter(({ type }) => type === old.type).indexOf(old);
  return (same.find(({ name }) => name === old.name) ?? same[rank] ?? same[0])?.slot;
}

/** A link that stays what it was keeps its number. */
function withOldId(workflow: Workflow, wire: NodePlace & { input: string }, old: WorkflowNode, name: string): Workflow {
  const attrs = own(old.ui.link_attrs as JsonObject | undefined, name);
  const node = nodeAt(workflow, wire)!;
  if (attrs === undefined || workflow.format === 'api') return workflow;
  const all = { ...(node.ui.link_attrs as JsonObject), [wire.input]: attrs };
  return withNode(workflow, wire, { ...node, ui: { ...node.ui, link_attrs: all } });
}

const LOOKS = ['pos', 'flags', 'order', 'title', 'color', 'bgcolor', 'shape', 'id_form', 'no_mode', 'boxcolor'];
/** Properties that tell of the class, and of the pack it is from. */
const OF_CLASS = ['Node name for S&R', 'cnr_id', 'aux_id', 'ver', 'widget_ue_connectable', 'models'];

function withPlaceOf(drawn: WorkflowNode, old: WorkflowNode): WorkflowNode {
  const looks: JsonObject = {};
  for (const key of LOOKS) if (old.ui[key] !== undefined) looks[key] = old.ui[key];
  const properties = Object.entries((old.ui.properties ?? {}) as JsonObject).filter(([key]) => !OF_CLASS.includes(key));
  const ui = {
    ...drawn.ui,
    ...looks,
    properties: { ...(drawn.ui.properties as JsonObject), ...Object.fromEntries(properties) },
  };
  return { ...drawn, ...(old.mode === undefined ? {} : { mode: old.mode }), ui };
}

function titleOf({ ui }: WorkflowNode): { readonly title?: string } {
  return typeof ui.title === 'string' ? { title: ui.title } : {};
}

function isUnknown({ subgraphs }: Workflow, class_type: string, catalog: Catalog): boolean {
  return catalog.node(class_type) === undefined && own(subgraphs, class_type) === undefined;
}
