import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import type { Source } from '../gp/transfer.ts';
import { FIDELITY_KINDS, type Fidelity } from '../sampler.ts';
import type { Params } from '../space.ts';
import type { Direction } from '../trial.ts';
import type { Goal } from '../tunables/goals.ts';

/** The form of the file; another number means other members. */
export const STUDY_SCHEMA = 'cwf.study/1';

/** What a run tells of itself, without a metric: seconds, bytes, bytes. */
export const RUN_MEASURES = ['latency', 'vram', 'file-size'] as const;

/** The objective that people and no metric decide: utilities that explain what they chose among the trials. */
export const PREFERENCE = 'preference';

/** One number that is to be small or large. */
export interface Objective {
  /** A metric, one of RUN_MEASURES, or PREFERENCE. */
  readonly name: string;
  readonly direction: Direction;
  /** What it counts beside the others; where one of a study has it they are one utility (`utility.ts`). */
  readonly weight?: number;
}

/** A number that must not be above, or below, its limit, in its unit. */
export type Limit = { readonly name: string } & ({ readonly most: number } | { readonly least: number });

/** What a trial can be given less of, and the values that a run at each rung has in place of the workflow's. */
export interface StudyFidelity extends Fidelity {
  /** One list for each rung; none at the top, and none of images. */
  readonly set?: readonly (readonly SetValue[])[];
}

/** A value of a run that is not that of the workflow, as `cwf run --set` has it. */
export interface SetValue {
  readonly address: string;
  readonly value: string;
}

/** What runs may cost, in whatever unit; both are what the user says. */
export interface Money {
  /** At most, in all. */
  readonly most: number;
  readonly perRun: number;
}

/** Amounts of money are decimal fractions, their sums nearly so. */
const SLACK = 1e-9;

/** Whether so many runs can be paid for, in all. [ST-20] */
export function affords({ most, perRun }: Money, runs: number): boolean {
  return runs * perRun <= most * (1 + SLACK);
}

/** An earlier study as it stood when this one began: what it knows is a part of this one. */
export interface StudySource extends Source {
  readonly study: string;
}

/** All that a study is decided by, besides its trials. It does not change but for its budget. */
export interface StudyDefinition {
  readonly schema: typeof STUDY_SCHEMA;
  readonly name: string;
  /** The workflow in the tree of the base. */
  readonly file: string;
  /** The commit that every trial is made on. */
  readonly base: string;
  /** docDigest of the workflow there. */
  readonly document: string;
  /** What can be varied, as a space file says it. */
  readonly space: JsonObject;
  /** The parameters that are searched, in their order; all of the space where absent. */
  readonly only?: readonly string[];
  /** Values of parameters that are not searched, where they are not those of the base. */
  readonly fixed: Params;
  readonly goal?: Goal;
  /** The family of the model, by its id. */
  readonly family?: string;
  readonly objectives: readonly Objective[];
  readonly limits: readonly Limit[];
  readonly sampler: string;
  readonly samplerReason: string;
  /** Runs of each trial, with other seeds from the second on: the same ones in every trial. */
  readonly repeats: number;
  /** Decides between the runs of a trial, and which one is taken up again. */
  readonly pruner?: string;
  readonly fidelity?: StudyFidelity;
  /** Where nodes of the workflow cost money. */
  readonly money?: Money;
  readonly seed: number;
  /** Trials in all; with a pruner that takes trials up again, what so many whole trials cost. */
  readonly budget: number;
  /** Seconds, of each time it is run. */
  readonly seconds?: number;
  readonly sources: readonly StudySource[];
  /** Seconds since 1970. */
  readonly created: number;
}

/** What the ref of a study says: its definition and how it stands. */
export interface StudyFile {
  readonly definition: StudyDefinition;
  /** `running` also where its process died. */
  readonly status: 'running' | 'stopped' | 'finished';
  readonly reason: string;
  /** Whoever runs it now: another one has taken over where this is not one's own. */
  readonly claim: string;
  /** Runs that were begun and cost money, lost ones included. */
  readonly paid?: number;
}

/** The file as JSON. */
export function studyJson({ definition, status, reason, claim, paid }: StudyFile): JsonObject {
  const json = { ...(definition as unknown as JsonObject), status, reason, claim };
  return paid === undefined ? json : { ...json, paid };
}

/** Reads what `studyJson` wrote; undefined for anything else. */
export function readStudy(json: Json): StudyFile | undefined {
  if (!isObject(json) || json.schema !== STUDY_SCHEMA) return undefined;
  const { status, reason, claim, paid, ...definition } = json;
  const texts = [reason, claim, json.name, json.file, json.base, json.document, json.sampler, json.samplerReason];
  if (texts.some((text) => typeof text !== 'string')) return undefined;
  if (status !== 'running' && status !== 'stopped' && status !== 'finished') return undefined;
  if (![json.seed, json.budget, json.repeats, json.created].every(Number.isFinite)) return undefined;
  if (!isObject(json.space) || !isObject(json.fixed)) return undefined;
  const isObjective = (one: Json): boolean =>
    isObject(one) && typeof one.name === 'string' && (one.direction === 'maximize' || one.direction === 'minimize');
  const { objectives, limits, sources } = json;
  if (!Array.isArray(objectives) || objectives.length === 0 || !objectives.every(isObjective)) return undefined;
  if (!Array.isArray(limits) || !Array.isArray(sources)) return undefined;
  const isLimit = (one: Json): boolean =>
    isObject(one) && typeof one.name === 'string' && (typeof one.most === 'number') !== (typeof one.least === 'number');
  const isSource = (one: Json): boolean => isObject(one) && Array.isArray(one.trials);
  if (!limits.every(isLimit) || !sources.every(isSource)) return undefined;
  if (json.fidelity !== undefined && !isFidelity(json.fidelity)) return undefined;
  if (json.money !== undefined && !(isObject(json.money) && isAmount(json.money.most) && isAmount(json.money.perRun)))
    return undefined;
  return {
    definition: definition as unknown as StudyDefinition,
    status,
    reason: String(reason),
    claim: String(claim),
    ...(Number.isInteger(paid) ? { paid: Number(paid) } : {}),
  };
}

function isFidelity(json: Json): boolean {
  if (!isObject(json) || !(FIDELITY_KINDS as readonly unknown[]).includes(json.kind)) return false;
  const { rungs, reduction } = json;
  return Array.isArray(rungs) && rungs.length > 0 && rungs.every(isAmount) && isAmount(reduction) && reduction >= 2;
}

function isAmount(json: Json | undefined): json is number {
  return typeof json === 'number' && Number.isFinite(json) && json > 0;
}

/** Why a text cannot be the name of a study, or undefined: it becomes a part of refs. [ST-1] */
export function studyNameProblem(name: string): string | undefined {
  if (name === '' || name.length > 100) return name === '' ? 'it is empty' : 'it is over 100 characters';
  if (!/^[a-z0-9]/.test(name)) return 'it begins with no lower-case letter or digit';
  if (!/^[a-z0-9._-]+$/.test(name)) return 'it has something else than lower-case letters, digits, dot, dash and _';
  if (name.includes('..') || name.endsWith('.') || name.endsWith('.lock')) return 'git takes no such name';
  return undefined;
}
