import type { Fidelity, History } from '../sampler.ts';
import type { Space } from '../space.ts';
import type { Trial } from '../trial.ts';
import type { Confirmation } from './confirmation.ts';
import type { StudyDefinition } from './definition.ts';
import { type Answer, withPreference } from './preference.ts';
import { countingOf, type OpenTrial, type TrialRecord, trialOf } from './record.ts';
import { asUtility, isWeighted } from './utility.ts';

/** A study as its records tell it. */
export interface StudyState {
  /** By number, one of each. */
  readonly records: readonly TrialRecord[];
  /** Asked for and not ended, by number: also trials that were taken up again, whose earlier part is a record. */
  readonly open: readonly OpenTrial[];
  /** What people chose among the trials, oldest first; where an objective is what they prefer. */
  readonly answers?: readonly Answer[];
  /** Runs of trials under seeds that the study does not have; samplers do not see them. [ST-28] */
  readonly confirmations?: readonly Confirmation[];
}

/** The state that records tell, in whatever order and however often they come. [ST-3] */
export function foldRecords(records: Iterable<TrialRecord>): StudyState {
  const byNumber = new Map<number, TrialRecord>();
  for (const record of records) {
    const known = byNumber.get(record.number);
    byNumber.set(record.number, known ? countingOf(known, record) : record);
  }
  // Of two that saw the same trial run the one that ended last knows best; equal ones say the same.
  const open = new Map<number, OpenTrial>();
  for (const record of [...byNumber.values()].sort((a, b) => a.end - b.end || a.number - b.number)) {
    for (const one of record.open) if (isOpenAfter(one, byNumber.get(one.number))) open.set(one.number, bareOpen(one));
  }
  return { records: settled(byNumber), open: [...open.values()].sort((a, b) => a.number - b.number) };
}

/** The state with one more trial that was asked for, or taken up again. */
export function withOpen(state: StudyState, trial: OpenTrial): StudyState {
  return { ...state, open: [...state.open, trial].sort((a, b) => a.number - b.number) };
}

/** The state after a trial ended, or stopped. */
export function withRecord(state: StudyState, record: TrialRecord): StudyState {
  const byNumber = new Map([...state.records, record].map((one) => [one.number, one]));
  const open = state.open.filter(({ number }) => number !== record.number);
  return { ...state, records: settled(byNumber), open };
}

/** The number that no trial has yet. */
export function nextNumber({ records, open }: StudyState): number {
  const taken = new Set([...records, ...open].map(({ number }) => number));
  let number = 0;
  while (taken.has(number)) number++;
  return number;
}

/** What a trial of a study can be given less of; undefined where it is one run. */
export function fidelityOf({ fidelity, repeats }: Pick<StudyDefinition, 'fidelity' | 'repeats'>): Fidelity | undefined {
  if (fidelity) return fidelity;
  const rungs = Array.from({ length: repeats }, (_, i) => i + 1);
  return repeats > 1 ? { kind: 'images', rungs, reduction: 3 } : undefined;
}

/**
 * What the samplers may know, with trials that are nearer than the state tells in place of those of their numbers.
 * Objectives with weights are one utility. [ST-16]
 */
export function historyOf(
  definition: StudyDefinition,
  space: Space,
  { records, open, answers }: StudyState,
  nearer: readonly Trial[] = [],
): History {
  const all = new Map(records.map((record) => [record.number, trialOf(record)]));
  for (const { number, params } of open) {
    const { intermediate = [], constraints } = records.find((one) => one.number === number) ?? {};
    all.set(number, { number, params, state: 'RUNNING', intermediate, ...(constraints ? { constraints } : {}) });
  }
  for (const trial of nearer) all.set(trial.number, trial);
  const { objectives } = definition;
  const fidelity = fidelityOf(definition);
  const history = {
    space,
    directions: objectives.map(({ direction }) => direction),
    trials: [...all.values()].sort((a, b) => a.number - b.number),
    ...(fidelity ? { fidelity } : {}),
  };
  const judged = withPreference(history, objectives, answers, records);
  return isWeighted(objectives) ? asUtility(judged, objectives) : judged;
}

/**
 * The first ended trial of the same workflow, whose outcome holds for this one, too: points that differ may write the same
 * values, and nothing is run twice. What the world made fail says nothing. [ST-6]
 */
export function knownOutcome({ records }: StudyState, document: string): TrialRecord | undefined {
  return records.find(
    ({ state, failure, document: other }) =>
      other === document && (state !== 'FAIL' || (failure ?? 'error') !== 'error'),
  );
}

/** A later part counts only where the one before it is known and may go on. */
function isOpenAfter({ part = 0 }: OpenTrial, record: TrialRecord | undefined): boolean {
  if (record === undefined) return part === 0;
  return part === (record.part ?? 0) + 1 && record.state === 'PRUNED' && record.copies === undefined;
}

function bareOpen({ number, params, part, step, answers }: OpenTrial): OpenTrial {
  return {
    number,
    params,
    ...(part === undefined ? {} : { part }),
    ...(step === undefined ? {} : { step }),
    ...(answers ? { answers } : {}),
  };
}

/** By number; a trial that took the outcome of another has what that one has by now. */
function settled(byNumber: ReadonlyMap<number, TrialRecord>): TrialRecord[] {
  return [...byNumber.values()]
    .sort((a, b) => a.number - b.number)
    .map((record) => {
      const original = record.copies === undefined ? undefined : byNumber.get(record.copies);
      if (original === undefined || original.copies !== undefined) return record;
      const { values: _v, constraints: _c, failure: _f, intermediate: _i, ...rest } = record;
      return { ...rest, ...outcomeOf(original) };
    });
}

/** What a record says of how its trial came out. */
export function outcomeOf({
  state,
  values,
  constraints,
  failure,
  intermediate,
}: TrialRecord): Pick<TrialRecord, 'state' | 'values' | 'constraints' | 'failure' | 'intermediate'> {
  return {
    state,
    ...(values ? { values } : {}),
    ...(constraints ? { constraints } : {}),
    ...(failure ? { failure } : {}),
    ...(intermediate ? { intermediate } : {}),
  };
}
