import type { Json } from '../../base/json.ts';
import { joinPointer, jsonEqual } from '../../base/json-text.ts';
import type { InterfaceSlot, Subgraph, Workflow } from '../workflow/types.ts';
import type { EditKind } from './kinds.ts';
import { type MergedPlace, mergeValue } from './merge-value.ts';
import { type Remint, remintCollisions } from './remint.ts';
import { findViolations, type Violation } from './violations.ts';

/** Which side wins where both changed one value; `undefined` leaves the decision open. */
export type Favor = 'ours' | 'theirs';

/**
 * What a merge decided at one place. `action`: the side taken; `both` when both made the same change; `auto` when both
 * changed presentation differently and a fixed rule chose; `open` is a conflict, where the merged workflow holds the
 * base's value. Absent sides mean that nothing stands there.
 */
export interface Decision {
  /** The place as a JSON pointer over the keyed form; unique in one merge. */
  readonly id: string;
  readonly kind: EditKind;
  readonly path: readonly string[];
  readonly base?: Json;
  readonly ours?: Json;
  readonly theirs?: Json;
  readonly action: 'ours' | 'theirs' | 'both' | 'auto' | 'open';
  readonly conflict: boolean;
}

/** Outcome of a three-way merge. Clean when no decision is a conflict and there are no violations. */
export interface MergeResult {
  readonly workflow: Workflow;
  readonly decisions: readonly Decision[];
  /** Constraints that the merged graph breaks and neither side broke. */
  readonly violations: readonly Violation[];
  /** New nodes and groups that got another id because both sides used theirs for different things. */
  readonly reminted: readonly Remint[];
}

/**
 * Three-way merge over the keyed form, nodes matched by scope and id [MG-1]. Without a base both sides count as
 * additions. Swapping the sides swaps the labels of the decisions and nothing else [MG-2]; nothing is dropped without a
 * decision that says so.
 */
export function merge3(base: Workflow | undefined, ours: Workflow, theirs: Workflow, favor?: Favor): MergeResult {
  const start: Workflow = base ?? { format: smallest(ours.format, theirs.format), nodes: {}, subgraphs: {}, ui: {} };
  const sides = remintCollisions(start, ours, theirs);
  const places: MergedPlace[] = [];
  const merged = mergeValue([], asJson(start), asJson(sides.ours), asJson(sides.theirs), favor, places);
  const workflow = withWholeOrders(merged as unknown as Workflow);
  const isMixed = ours.format !== theirs.format && !isSame(base, ours) && !isSame(base, theirs);
  const decisions = (isMixed ? withOpenFormat(places, base, ours, theirs) : places).map((place) => ({
    ...place,
    id: joinPointer(place.path),
  }));
  const isOpen = decisions.some(({ conflict }) => conflict);
  const violations = isOpen ? [] : findViolations(workflow, [sides.ours, sides.theirs]);
  return { workflow, decisions, violations, reminted: sides.reminted };
}

/** Whether a merge needs nobody's decision. */
export function isClean({ decisions, violations }: Pick<MergeResult, 'decisions' | 'violations'>): boolean {
  return violations.length === 0 && decisions.every(({ conflict }) => !conflict);
}

/** One side speaks another format and both changed: no node of one format is a node of the other. */
function withOpenFormat(
  places: readonly MergedPlace[],
  base: Workflow | undefined,
  ours: Workflow,
  theirs: Workflow,
): MergedPlace[] {
  const before = base === undefined ? {} : { base: base.format };
  const sides = { ...before, ours: ours.format, theirs: theirs.format };
  const open: MergedPlace = { kind: 'set-format', path: ['format'], ...sides, action: 'open', conflict: true };
  return [open, ...places.filter(({ path }) => path[0] !== 'format')];
}

/** A slot that one side removed and the decision kept stands last: a slot outside its order would be lost. */
function withWholeOrders(workflow: Workflow): Workflow {
  const whole = (slots: Readonly<Record<string, InterfaceSlot>>, order: readonly string[]): readonly string[] => {
    const missing = Object.keys(slots).filter((key) => !order.includes(key));
    if (missing.length === 0 && order.every((key) => Object.hasOwn(slots, key))) return order;
    return [...order.filter((key) => Object.hasOwn(slots, key)), ...missing.sort()];
  };
  const subgraphs: Record<string, Subgraph> = {};
  for (const [id, one] of Object.entries(workflow.subgraphs)) {
    const [input_order, output_order] = [whole(one.inputs, one.input_order), whole(one.outputs, one.output_order)];
    const isWhole = input_order === one.input_order && output_order === one.output_order;
    subgraphs[id] = isWhole ? one : { ...one, input_order, output_order };
  }
  return { ...workflow, subgraphs };
}

function isSame(a: Workflow | undefined, b: Workflow): boolean {
  return a !== undefined && jsonEqual(asJson(a), asJson(b));
}

function smallest<T extends string>(a: T, b: T): T {
  return a < b ? a : b;
}

function asJson(workflow: Workflow): Json {
  return workflow as unknown as Json;
}
