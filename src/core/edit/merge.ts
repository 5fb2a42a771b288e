import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { joinPointer, jsonEqual } from '../../base/json-text.ts';
import { own } from '../workflow/names.ts';
import type { InterfaceSlot, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { type Aligned, align } from './align.ts';
import type { EditKind } from './kinds.ts';
import { matchWorkflows } from './match.ts';
import { withSideIds } from './merge-ids.ts';
import { followMoves } from './merge-moved.ts';
import { type MergedPlace, mergeValue } from './merge-value.ts';
import { type Remint, remintCollisions } from './remint.ts';
import { findViolations, type Violation } from './violations.ts';

/** Which side wins where both changed one value; `undefined` leaves the decision open. */
export type Favor = 'ours' | 'theirs';

/** Resolutions of violations that bring up others, one after the other. */
const MAX_ROUNDS = 16;

/** What somebody chose where a merge asks: what one side has, or a value of their own. */
export type Resolution = { readonly take: 'ours' | 'theirs' | 'base' } | { readonly value: Json };

/** How a merge decides what its rules leave open. */
export interface MergeOptions {
  readonly favor?: Favor;
  /** Any two changes of what one node does are one decision. */
  readonly isStrict?: boolean;
  /** By id of the decision, or of the violation (which takes a side). */
  readonly resolutions?: ReadonlyMap<string, Resolution>;
}

/**
 * What a merge decided at one place. `action`: the side taken; `both` when both made the same change; `auto` when both
 * changed presentation differently and a fixed rule chose; `value` where somebody gave one; `open` is a conflict, where
 * the merged workflow holds the base's value. Absent sides mean that nothing stands there.
 */
export interface Decision {
  /** The place as a JSON pointer over the keyed form; unique in one merge. */
  readonly id: string;
  readonly kind: EditKind;
  readonly path: readonly string[];
  readonly base?: Json;
  readonly ours?: Json;
  readonly theirs?: Json;
  readonly action: 'ours' | 'theirs' | 'base' | 'both' | 'auto' | 'value' | 'open';
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
  /** What decisions and violations speak of: both sides in the ids of the base. */
  readonly sides: { readonly base: Workflow; readonly ours: Workflow; readonly theirs: Workflow };
}

/**
 * Three-way merge over the keyed form [MG-1], nodes of each side matched to those of the base whatever their ids
 * [MG-12]. Without a base both sides count as additions. Swapping the sides swaps the labels of the decisions and nothing else [MG-2]; nothing is dropped without a
 * decision that says so.
 */
export function merge3(
  base: Workflow | undefined,
  ours: Workflow,
  theirs: Workflow,
  options: MergeOptions = {},
): MergeResult {
  const start: Workflow = base ?? { format: smallest(ours.format, theirs.format), nodes: {}, subgraphs: {}, ui: {} };
  const [left, right] = [inIdsOf(base, ours), inIdsOf(base, theirs)];
  const sides = remintCollisions(start, left.workflow, right.workflow);
  const isMixed = ours.format !== theirs.format && !isSame(base, ours) && !isSame(base, theirs);
  const whole = isMixed ? wholeSide(start, ours, theirs, options) : undefined;
  if (whole) return { ...whole, violations: [], reminted: [], sides: { base: start, ours, theirs } };
  const places: MergedPlace[] = [];
  const { ours: x, theirs: y } = followMoves(
    start,
    sides,
    { ours: left.isMoved, theirs: right.isMoved },
    options,
    places,
  );
  const merged = mergeValue([], asJson(start), asJson(x), asJson(y), options, places);
  const decisions = (isMixed ? withOpenFormat(places, base, ours, theirs) : places).map((place) => ({
    ...place,
    id: joinPointer(place.path),
  }));
  const workflow = asWritable(merged as unknown as Workflow);
  const isOpen = decisions.some(({ conflict }) => conflict);
  const all = { base: start, ours: sides.ours, theirs: sides.theirs };
  const mended = isOpen ? { workflow, violations: [] } : withoutViolations(workflow, all, options);
  return { ...mended, decisions, sides: all, ...withSideIds(start, mended.workflow, left, right, sides.reminted) };
}

/** A side in the ids of the base, so that both speak of one node by one id. */
function inIdsOf(base: Workflow | undefined, side: Workflow): Aligned & { readonly isMoved: boolean } {
  if (base === undefined || base.format !== side.format) return { workflow: side, renumbering: [], isMoved: false };
  const matching = matchWorkflows(base, side);
  return { ...align(base, side, matching), isMoved: matching.moved.length > 0 };
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

/** The formats differ and a side was chosen: it is taken as a whole. */
function wholeSide(
  base: Workflow,
  ours: Workflow,
  theirs: Workflow,
  { favor, resolutions }: MergeOptions,
): Pick<MergeResult, 'workflow' | 'decisions'> | undefined {
  const resolution = resolutions?.get('/format');
  const action = resolution === undefined ? favor : 'take' in resolution ? resolution.take : undefined;
  if (action === undefined) return undefined;
  const formats = { base: base.format, ours: ours.format, theirs: theirs.format };
  const decision: Decision = {
    id: '/format',
    kind: 'set-format',
    path: ['format'],
    ...formats,
    action,
    conflict: false,
  };
  return { workflow: { base, ours, theirs }[action], decisions: [decision] };
}

/**
 * The merged workflow with every violation resolved that somebody chose a side for, and those that are left. What one
 * resolution brings back may break another rule in turn: then that is asked next.
 */
function withoutViolations(
  merged: Workflow,
  sides: Readonly<Record<'base' | 'ours' | 'theirs', Workflow>>,
  { resolutions }: MergeOptions,
): Pick<MergeResult, 'workflow' | 'violations'> {
  let workflow = merged;
  for (let round = 0; ; round++) {
    const violations = findViolations(workflow, [sides.ours, sides.theirs]);
    const before = asJson(workflow);
    for (const { id, places } of violations) {
      const resolution = resolutions?.get(id);
      if (resolution === undefined || !('take' in resolution)) continue;
      for (const path of places) workflow = takePlace(workflow, sides[resolution.take], path);
    }
    // Different sides taken at places that hang together may go in circles: then the violations stand.
    if (round === MAX_ROUNDS || jsonEqual(before, asJson(workflow))) return { workflow, violations };
    workflow = asWritable(workflow);
  }
}

/** A workflow with one place as another has it, be it nothing. */
function takePlace(workflow: Workflow, from: Workflow, path: readonly string[]): Workflow {
  const take = (to: JsonObject, source: Json | undefined, at: number): JsonObject => {
    const key = path[at]!;
    const value = isObject(source) ? own(source, key) : undefined;
    const { [key]: old, ...rest } = to;
    if (at < path.length - 1 && isObject(old)) return { ...to, [key]: take(old, value, at + 1) };
    if (at < path.length - 1 && old === undefined) return to;
    return value === undefined ? rest : { ...to, [key]: value };
  };
  return path.length === 0 ? from : (take(asJson(workflow) as JsonObject, asJson(from), 0) as unknown as Workflow);
}

/** What the text would lose: a slot that one side removed and the decision kept stands last in its order again. */
function asWritable(workflow: Workflow): Workflow {
  const whole = (slots: Readonly<Record<string, InterfaceSlot>>, order: readonly string[]): readonly string[] => {
    const missing = Object.keys(slots).filter((key) => !order.includes(key));
    if (missing.length === 0 && order.every((key) => Object.hasOwn(slots, key))) return order;
    return [...order.filter((key) => Object.hasOwn(slots, key)), ...missing.sort()];
  };
  const subgraphs: Record<string, Subgraph> = {};
  for (const [id, one] of Object.entries(workflow.subgraphs)) {
    const [input_order, output_order] = [whole(one.inputs, one.input_order), whole(one.outputs, one.output_order)];
    const isWhole = input_order === one.input_order && output_order === one.output_order;
    subgraphs[id] = { ...(isWhole ? one : { ...one, input_order, output_order }), nodes: withPositions(one.nodes) };
  }
  return { ...workflow, nodes: withPositions(workflow.nodes), subgraphs };
}

/** One side gave a node a copy of its values by name, the other values by position alone: those have no name in it. */
function withPositions(nodes: Readonly<Record<string, WorkflowNode>>): Readonly<Record<string, WorkflowNode>> {
  const out: Record<string, WorkflowNode> = {};
  for (const [id, node] of Object.entries(nodes)) {
    const unnamed = (node.ui.unnamed ?? []) as string[];
    const missing = Object.keys(node.widgets).filter((name) => /^#\d+$/.test(name) && !unnamed.includes(name));
    const isWhole = node.ui.named !== true || missing.length === 0;
    out[id] = isWhole ? node : { ...node, ui: { ...node.ui, unnamed: [...unnamed, ...missing] } };
  }
  return out;
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
