import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog, InputDefinition, NodeDefinition } from '../catalog/catalog.ts';
import { isLinkOnly } from '../catalog/check-value.ts';
import { type DeclaredInput, declaredInputs } from '../catalog/declared-inputs.ts';
import { allowedTypes } from '../catalog/socket-types.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE, OUTPUT_SIDE } from '../workflow/read-links.ts';
import { type NodePlace, nodeAt } from '../workflow/scopes.ts';
import type { LinkSource, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { socketSlots } from '../workflow/write-node.ts';

/** One input of a node, as far as catalog and file tell: `*` is the type of one that takes anything. */
export interface InputSlot {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** Takes links only: no value can stand there. */
  readonly isLinkOnly: boolean;
  /** What the catalog says; absent for inputs that only the file knows. */
  readonly declared?: DeclaredInput;
}

/** One output of a node; `slot` is what a link from it says. */
export interface OutputSlot {
  readonly slot: number | string;
  readonly name: string;
  readonly type: string;
}

/** Nodes one behind the other whose type follows from their input; more is a cycle. */
const MOST_STEPS = 100;
const MATCH = 'COMFY_MATCHTYPE_V3';

/** The side of a definition from which its inputs come, or to which its outputs go. */
export function isSide(scope: string | undefined, node: string): boolean {
  return scope !== undefined && (node === INPUT_SIDE || node === OUTPUT_SIDE);
}

/** The inputs of a node: those of its class (slots of growing inputs, inputs below a combo), then those only the file has. */
export function inputSlots(workflow: Workflow, place: NodePlace, catalog: Catalog): InputSlot[] {
  if (isSide(place.scope, place.node)) {
    return place.node === OUTPUT_SIDE ? sideInputs(workflow.subgraphs[place.scope!]!) : [];
  }
  const node = nodeAt(workflow, place);
  if (!node) return [];
  const inner = own(workflow.subgraphs, node.class_type);
  const known = inner ? instanceInputs(inner) : definedInputs(workflow, place, node, catalog);
  const names = new Set(known.map(({ name }) => name));
  return [...known, ...fileInputs(node).filter(({ name }) => !names.has(name))];
}

/** One input by its name; undefined where neither class nor file has it. */
export function inputSlot(workflow: Workflow, place: InputPlace, catalog: Catalog): InputSlot | undefined {
  return inputSlots(workflow, place, catalog).find(({ name }) => name === place.input);
}

/** The outputs of a node; undefined where nothing says which it has: an API file with an unknown class. */
export function outputSlots(
  workflow: Workflow,
  place: NodePlace,
  catalog: Catalog,
  steps = 0,
): OutputSlot[] | undefined {
  if (isSide(place.scope, place.node)) {
    const { input_order, inputs } = workflow.subgraphs[place.scope!]!;
    if (place.node === OUTPUT_SIDE) return [];
    return input_order.map((key) => ({ slot: key, name: inputs[key]!.name, type: typeText(inputs[key]!.type) }));
  }
  const node = nodeAt(workflow, place);
  if (!node) return undefined;
  const inner = own(workflow.subgraphs, node.class_type);
  if (inner) {
    return inner.output_order.map((key, slot) => {
      const { name, type } = inner.outputs[key]!;
      return { slot, name, type: typeText(type) };
    });
  }
  if (node.class_type === 'Reroute') return [{ slot: 0, name: '', type: typePassed(workflow, place, catalog, steps) }];
  const definition = catalog.node(node.class_type);
  if (definition) {
    return definition.outputs.map(({ name, type }, slot) => {
      const matched = type === MATCH ? matchedType(workflow, place, definition, catalog, steps) : typeText(type);
      return { slot, name, type: matched };
    });
  }
  const listed = node.ui.outputs as JsonObject | undefined;
  if (!listed) return undefined;
  const slots = Object.keys(listed).sort((a, b) => Number(a) - Number(b));
  return slots.map((key) => {
    const { name, type } = listed[key] as JsonObject;
    return { slot: Number(key), name: typeof name === 'string' ? name : '', type: typeText(type) };
  });
}

/** The type that comes from an output, `*` where nothing says it. */
export function sourceType(
  workflow: Workflow,
  scope: string | undefined,
  { from, slot }: LinkSource,
  catalog: Catalog,
  steps = 0,
): string {
  if (steps > MOST_STEPS) return '*';
  const place = { ...(scope === undefined ? {} : { scope }), node: from };
  return outputSlots(workflow, place, catalog, steps + 1)?.find((one) => one.slot === slot)?.type ?? '*';
}

/** A type as text; a list of options is a `COMBO`, and what says nothing takes anything. */
export function typeText(type: Json | undefined): string {
  if (Array.isArray(type)) return 'COMBO';
  return typeof type === 'string' && type !== '' ? type : '*';
}

/** The outputs of a definition as inputs of its output side, by their keys. */
function sideInputs({ output_order, outputs }: Subgraph): InputSlot[] {
  return output_order.map((key) => {
    return { name: key, type: typeText(outputs[key]!.type), isRequired: false, isLinkOnly: true };
  });
}

function instanceInputs({ input_order, inputs }: Subgraph): InputSlot[] {
  return input_order.map((key) => {
    const type = typeText(inputs[key]!.type);
    return { name: inputs[key]!.name, type, isRequired: false, isLinkOnly: !PLAIN.has(type) };
  });
}

const PLAIN = new Set(['INT', 'FLOAT', 'STRING', 'BOOLEAN', 'COMBO', '*']);

function definedInputs(workflow: Workflow, place: NodePlace, node: WorkflowNode, catalog: Catalog): InputSlot[] {
  const definition = catalog.node(node.class_type);
  if (!definition) return [];
  const { byName } = declaredInputs(definition, (name) => own(node.widgets, name));
  return [...byName.values()].map((declared) => ({
    name: declared.name,
    type: takenType(workflow, place, declared, definition, catalog),
    isRequired: declared.section === 'required',
    isLinkOnly: isLinkOnly(declared),
    declared,
  }));
}

/** A MatchType takes what its other inputs have already agreed on, else all that its template lets through. */
function takenType(
  workflow: Workflow,
  place: NodePlace,
  declared: DeclaredInput,
  definition: NodeDefinition,
  catalog: Catalog,
): string {
  const allowed = allowedTypes(declared);
  if (allowed === undefined) return declared.type;
  const bound = matchedType(workflow, place, definition, catalog, 0, declared);
  return bound === '*' ? allowed : bound;
}

/** The type that the linked MatchType inputs of a node give; `except` is one that does not count. */
function matchedType(
  workflow: Workflow,
  place: NodePlace,
  { inputs }: NodeDefinition,
  catalog: Catalog,
  steps: number,
  except?: DeclaredInput,
): string {
  const { links } = nodeAt(workflow, place)!;
  const wanted = except && templateOf(except);
  for (const input of inputs) {
    const link = own(links, input.name);
    const isOther = except && (input.name === except.name || templateOf(input) !== wanted);
    if (!link || input.type !== MATCH || isOther) continue;
    const type = sourceType(workflow, place.scope, link, catalog, steps);
    if (type !== '*') return type;
  }
  return '*';
}

function templateOf({ options }: InputDefinition): Json | undefined {
  return isObject(options.template) ? options.template.template_id : undefined;
}

function typePassed(workflow: Workflow, place: NodePlace, catalog: Catalog, steps: number): string {
  const node = nodeAt(workflow, place)!;
  const [link] = Object.values(node.links);
  if (link) return sourceType(workflow, place.scope, link, catalog, steps);
  const outputs = node.ui.outputs as JsonObject | undefined;
  return typeText((outputs?.['0'] as JsonObject | undefined)?.type);
}

/** Inputs that the file alone tells of: sockets, links and values of classes the catalog does not know. */
function fileInputs(node: WorkflowNode): InputSlot[] {
  const sockets = (node.ui.sockets ?? {}) as JsonObject;
  const linked = socketSlots(node).map(([name]): InputSlot => {
    const socket = (own(sockets, name) ?? {}) as JsonObject;
    return { name, type: typeText(socket.type), isRequired: false, isLinkOnly: socket.widget === undefined };
  });
  const names = new Set(linked.map(({ name }) => name));
  const held = Object.keys(node.widgets).filter((name) => !names.has(name));
  return [...linked, ...held.map((name) => ({ name, type: '*', isRequired: false, isLinkOnly: false }))];
}
