import type { Json } from '../../base/json.ts';
import { joinPointer } from '../../base/json-text.ts';
import type { Workflow } from '../workflow/types.ts';
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
  const start: Workflow = base ?? { format: ours.format, nodes: {}, subgraphs: {}, ui: {} };
  const sides = remintCollisions(start, ours, theirs);
  const places: MergedPlace[] = [];
  const merged = mergeValue([], asJson(start), asJson(sides.ours), asJson(sides.theirs), favor, places);
  const workflow = merged as unknown as Workflow;
  const decisions = places.map((place) => ({ ...place, id: joinPointer(place.path) }));
  const isOpen = decisions.some(({ conflict }) => conflict);
  const violations = isOpen ? [] : findViolations(workflow, [sides.ours, sides.theirs]);
  return { workflow, decisions, violations, reminted: sides.reminted };
}

/** Whether a merge needs nobody's decision. */
export function isClean({ decisions, violations }: Pick<MergeResult, 'decisions' | 'violations'>): boolean {
  return violations.length === 0 && decisions.every(({ conflict }) => !conflict);
}

function asJson(workflow: Workflow): Json {
  return workflow as unknown as Json;
}
