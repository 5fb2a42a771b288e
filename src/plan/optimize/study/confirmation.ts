import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { canonicalJson } from '../../../base/json-text.ts';
import type { Trial } from '../trial.ts';

/** The form of the note; another number means other members. */
export const CONFIRMATION_SCHEMA = 'cwf.confirmation/1';

/**
 * One run of a trial under a seed that its study did not have, as a line of refs/notes/cwf/study on its commit tells it
 * (docs/studies.md).
 */
export interface Confirmation {
  readonly study: string;
  readonly number: number;
  /** Which seed, the same one in every trial: those of the study itself are below its `repeats`. */
  readonly image: number;
  /** In the order of the objectives; absent where it failed. */
  readonly values?: readonly number[];
  /** In the order of the limits; over 0 is violated. */
  readonly constraints?: readonly number[];
  readonly failure?: NonNullable<Trial['failure']>;
  readonly reason?: string;
  /** Id of its run; absent where it could not be sent. */
  readonly run?: string;
  readonly runner: string;
  /** Seconds since 1970. */
  readonly end: number;
}

/** The fact that stands in the note. */
export function confirmationFact(confirmation: Confirmation): JsonObject {
  return { schema: CONFIRMATION_SCHEMA, ...(confirmation as unknown as JsonObject) };
}

/** The confirmation that a fact tells of; undefined for another fact. */
export function readConfirmation(fact: Json): Confirmation | undefined {
  if (!isObject(fact) || fact.schema !== CONFIRMATION_SCHEMA) return undefined;
  const { schema: _schema, study, number, image, values, constraints, failure, runner, end } = fact;
  if (typeof study !== 'string' || typeof runner !== 'string' || typeof end !== 'number') return undefined;
  if (!isCount(number) || !isCount(image)) return undefined;
  if (values === undefined ? typeof failure !== 'string' : !isNumbers(values)) return undefined;
  if (constraints !== undefined && !isNumbers(constraints)) return undefined;
  const { schema: _, ...confirmation } = fact;
  return confirmation as unknown as Confirmation;
}

/** One for each seed of each trial, whatever the order they are read in and however often: the earliest one counts. */
export function foldConfirmations(all: Iterable<Confirmation>): Confirmation[] {
  const found = new Map<string, Confirmation>();
  for (const one of all) {
    const key = `${one.number} ${one.image}`;
    const known = found.get(key);
    if (known === undefined || isEarlier(one, known)) found.set(key, one);
  }
  return [...found.values()].sort((a, b) => a.number - b.number || a.image - b.image);
}

function isEarlier(a: Confirmation, b: Confirmation): boolean {
  if (a.end !== b.end) return a.end < b.end;
  return canonicalJson(a as unknown as Json) < canonicalJson(b as unknown as Json);
}

function isCount(json: Json | undefined): boolean {
  return Number.isInteger(json) && Number(json) >= 0;
}

function isNumbers(json: Json): json is number[] {
  return Array.isArray(json) && json.length > 0 && json.every((one) => typeof one === 'number');
}
