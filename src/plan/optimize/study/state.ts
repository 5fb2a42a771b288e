import type { History } from '../sampler.ts';
import type { Space } from '../space.ts';
import type { Trial } from '../trial.ts';
import type { StudyDefinition } from './definition.ts';
import { type Answer, withPreference } from './preference.ts';
import { firstOf, type OpenTrial, type TrialRecord, trialOf } from './record.ts';

/** A study as its records tell it. */
export interface StudyState {
  /** By number, one of each. */
  readonly records: readonly TrialRecord[];
  /** Asked for and not ended, by number. */
  readonly open: readonly OpenTrial[];
  /** What people chose among the trials, oldest first; where an objective is what they prefer. */
  readonly answers?: readonly Answer[];
}

/** The state that records tell, in whatever order and however often they come. [ST-3] */
export function foldRecords(records: Iterable<TrialRecord>): StudyState {
  const byNumber = new Map<number, TrialRecord>();
  for (const record of records) {
    const known = byNumber.get(record.number);
    byNumber.set(record.number, known ? firstOf(known, record) : record);
  }
  const all = [...byNumber.values()].sort((a, b) => a.number - b.number);
  // Of two that saw the same trial run the one that ended last knows best; equal ones say the same.
  const open = new Map<number, OpenTrial>();
  for (const record of [...all].sort((a, b) => a.end - b.end || a.number - b.number)) {
    for (const one of record.open) if (!byNumber.has(one.number)) open.set(one.number, bareOpen(one));
  }
  return { records: all, open: [...open.values()].sort((a, b) => a.number - b.number) };
}

/** The state with one more trial that was asked for. */
export function withOpen(state: StudyState, trial: OpenTrial): StudyState {
  return { ...state, open: [...state.open, trial].sort((a, b) => a.number - b.number) };
}

/** The state after a trial ended. */
export function withRecord(state: StudyState, record: TrialRecord): StudyState {
  return {
    ...state,
    records: [...state.records, record].sort((a, b) => a.number - b.number),
    open: state.open.filter(({ number }) => number !== record.number),
  };
}

/** The number that no trial has yet. */
export function nextNumber({ records, open }: StudyState): number {
  const taken = new Set([...records, ...open].map(({ number }) => number));
  let number = 0;
  while (taken.has(number)) number++;
  return number;
}

/** What the samplers may know. */
export function historyOf(definition: StudyDefinition, space: Space, { records, open, answers }: StudyState): History {
  const running = open.map(({ number, params }): Trial => ({ number, params, state: 'RUNNING', intermediate: [] }));
  const { objectives, repeats } = definition;
  const rungs = Array.from({ length: repeats }, (_, i) => i + 1);
  const history = {
    space,
    directions: objectives.map(({ direction }) => direction),
    trials: [...records.map(trialOf), ...running].sort((a, b) => a.number - b.number),
    ...(repeats > 1 ? { fidelity: { kind: 'images' as const, rungs, reduction: 3 } } : {}),
  };
  return withPreference(history, objectives, answers, records);
}

function bareOpen({ number, params, answers }: OpenTrial): OpenTrial {
  return { number, params, ...(answers ? { answers } : {}) };
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
