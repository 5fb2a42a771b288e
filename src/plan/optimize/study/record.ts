import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { canonicalJson } from '../../../base/json-text.ts';
import type { Params } from '../space.ts';
import type { Intermediate, Trial } from '../trial.ts';

/** The form of the note; another number means other members. */
export const TRIAL_SCHEMA = 'cwf.trial/1';

/** A trial that was asked for and has not ended. */
export interface OpenTrial {
  readonly number: number;
  readonly params: Params;
  /** How often it had stopped when it was taken up; 0 where absent. */
  readonly part?: number;
  /** How far it goes, an amount of the fidelity; to its end where absent. */
  readonly step?: number;
  /** Ids of the choices that its point was asked with and that of no trial before. [ST-25] */
  readonly answers?: readonly string[];
}

/** How a trial ended, or a part of it after which it may be taken up again, as a line of refs/notes/cwf/study on its commit tells it (docs/studies.md). */
export interface TrialRecord extends OpenTrial {
  readonly study: string;
  /** docDigest of its workflow. */
  readonly document: string;
  readonly state: 'COMPLETE' | 'PRUNED' | 'FAIL';
  /** Of all its parts, as `intermediate` and `runs`. */
  readonly values?: readonly number[];
  readonly constraints?: readonly number[];
  readonly failure?: NonNullable<Trial['failure']>;
  /** Why it failed, in words; or what is to be known of it. */
  readonly reason?: string;
  readonly intermediate?: readonly Intermediate[];
  /** Ids of its runs. */
  readonly runs: readonly string[];
  /** The trial of the same workflow whose values it took; it was not run. */
  readonly copies?: number;
  readonly runner?: string;
  /** Seconds since 1970, by the clock of the coordinator. */
  readonly start: number;
  readonly end: number;
  /** What the sampler expected it to gain, where it says that. */
  readonly expected?: number;
  /** Others that ran when this one ended: they are taken up with the same points if nobody tells how they ended. */
  readonly open: readonly OpenTrial[];
}

/** The fact that stands in the note. */
export function trialFact(record: TrialRecord): JsonObject {
  return { schema: TRIAL_SCHEMA, ...(record as unknown as JsonObject) };
}

/** The trial that a fact tells of; undefined for another fact. */
export function readTrialFact(fact: Json): TrialRecord | undefined {
  if (!isObject(fact) || fact.schema !== TRIAL_SCHEMA) return undefined;
  const { schema: _schema, study, state, values, runs, open, start, end } = fact;
  if (typeof study !== 'string' || typeof fact.document !== 'string' || !isOpen(fact)) return undefined;
  if (state !== 'COMPLETE' && state !== 'PRUNED' && state !== 'FAIL') return undefined;
  if (state === 'COMPLETE' && !(isNumbers(values) && values.length > 0)) return undefined;
  if (fact.constraints !== undefined && !isNumbers(fact.constraints)) return undefined;
  if (typeof start !== 'number' || typeof end !== 'number' || !Array.isArray(runs)) return undefined;
  if (!Array.isArray(open) || !open.every(isOpen)) return undefined;
  const { schema: _, ...record } = fact;
  return record as unknown as TrialRecord;
}

/** The trial as samplers see it. */
export function trialOf(record: TrialRecord): Trial {
  const { number, state, params, values, constraints, failure, intermediate = [] } = record;
  return {
    number,
    state,
    params,
    ...(values ? { values } : {}),
    ...(constraints ? { constraints } : {}),
    ...(failure ? { failure } : {}),
    intermediate,
  };
}

/**
 * Which of two records of one number counts, whatever the order they are read in: the later part, of one part the earlier
 * end.
 */
export function countingOf(a: TrialRecord, b: TrialRecord): TrialRecord {
  const [first, second] = [a.part ?? 0, b.part ?? 0];
  if (first !== second) return first > second ? a : b;
  if (a.end !== b.end) return a.end < b.end ? a : b;
  const text = (one: TrialRecord): string => canonicalJson(one as unknown as Json);
  return text(a) <= text(b) ? a : b;
}

function isOpen(json: Json): json is JsonObject {
  if (!isObject(json) || !isObject(json.params)) return false;
  const values = Object.values(json.params);
  const isCount = (one: Json | undefined): boolean => Number.isInteger(one) && Number(one) >= 0;
  const { answers = [] } = json;
  if (!Array.isArray(answers) || !answers.every((id) => typeof id === 'string')) return false;
  if (json.part !== undefined && !isCount(json.part)) return false;
  if (json.step !== undefined && typeof json.step !== 'number') return false;
  return isCount(json.number) && values.every((value) => typeof value !== 'object');
}

function isNumbers(json: Json | undefined): json is number[] {
  return Array.isArray(json) && json.every((one) => typeof one === 'number');
}
