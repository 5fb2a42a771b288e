import { CwfError } from '../base/errors.ts';
import { findMetric } from '../io/metrics/index.ts';
import { MODEL_KINDS } from '../io/metrics/metric.ts';
import {
  type Limit,
  type Objective,
  PREFERENCE,
  RUN_MEASURES,
  type StudyDefinition,
} from '../plan/optimize/study/definition.ts';
import type { Direction } from '../plan/optimize/trial.ts';
import { GOALS, type Goal } from '../plan/optimize/tunables/goals.ts';
import type { Context } from './context.ts';
import { metricSettings, readModels } from './metric-setup.ts';
import type { DocumentRun } from './run-document.ts';
import { meansOf, type WantedMetrics } from './run-measure.ts';
import { EMBEDDED } from './runners.ts';

/** What a study is for, and why it is measured so. */
export interface ChosenObjectives {
  readonly objectives: readonly Objective[];
  readonly reason: string;
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  max: 'maximize',
  maximize: 'maximize',
  min: 'minimize',
  minimize: 'minimize',
};
/** What judges a picture by itself, best first. */
const JUDGES = ['aesthetic-v2', 'aesthetic-v1'];
const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Seconds, by the units of a limit of `latency`. */
const TIMES: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60 };

/**
 * Reads `name:max`, `name:min`, either with a weight behind it (`name:max:2`), or a name whose metric has a direction of
 * its own. Throws STUDY_OBJECTIVE, METRIC_NOT_FOUND.
 */
export function readObjective(text: string): Objective {
  const [name = '', word, number, ...rest] = text.split(':');
  const fault = (reason: string): CwfError => new CwfError('STUDY_OBJECTIVE', { objective: text, reason });
  if (rest.length > 0 || name === '') throw fault('it is no <name>:max or <name>:min');
  if (name === PREFERENCE && word !== undefined && DIRECTIONS[word] !== 'maximize')
    throw fault('what people prefer can only be as much as may be');
  const own = ownDirection(name);
  if (number !== undefined) {
    const weight = numberIn(number);
    if (weight === undefined || !(weight > 0)) throw fault(`${number} is no weight: a number over 0`);
    return { ...readObjective(`${name}:${word}`), weight };
  }
  if (word === undefined) {
    if (own === 'none') throw fault(`say ${name}:max or ${name}:min: the number by itself is neither good nor bad`);
    return { name, direction: own };
  }
  const direction = DIRECTIONS[word];
  if (direction === undefined) throw fault(`${word} is neither max nor min`);
  return { name, direction };
}

/** Reads a goal, with or without a weight: `speed`, `quality:2`. Throws USAGE, STUDY_OBJECTIVE. */
export function readGoal(text: string): { readonly goal: Goal; readonly weight?: number } {
  const [word, number, ...rest] = text.split(':');
  const goal = GOALS.find((one) => one === word);
  if (goal === undefined || rest.length > 0)
    throw new CwfError('USAGE', { command: 'optimize', reason: `--for: ${text} is none of ${GOALS.join(', ')}` });
  if (number === undefined) return { goal };
  const weight = numberIn(number);
  if (weight !== undefined && weight > 0) return { goal, weight };
  throw new CwfError('STUDY_OBJECTIVE', { objective: text, reason: `${number} is no weight: a number over 0` });
}

/**
 * Reads a limit: `latency:10s`, `vram:8GB`, `file-size:2MB`, or of a metric a number. `<=` and `>=` before the value say
 * which side holds; without one it is the side that the number is good on. Throws STUDY_LIMIT, METRIC_NOT_FOUND.
 */
export function readLimit(text: string): Limit {
  const [, name, sign, value] = /^([^:<>=]+):?(<=|>=)?(.*)$/.exec(text.trim()) ?? [];
  const fault = (reason: string): CwfError => new CwfError('STUDY_LIMIT', { limit: text, reason });
  if (name === undefined || value === undefined || value.trim() === '') throw fault('it is no <name>:<value>');
  if (name === PREFERENCE) throw fault('what people prefer has no limit');
  const own = ownDirection(name);
  const number = limitValue(name, value.trim());
  if (number === undefined) throw fault(`${value.trim()} is no ${unitWords(name)}`);
  if (sign === undefined && own === 'none') throw fault(`say ${name}:<=${value} or ${name}:>=${value}`);
  const isLeast = sign === undefined ? own === 'maximize' : sign === '>=';
  return isLeast ? { name, least: number } : { name, most: number };
}

function limitValue(name: string, text: string): number | undefined {
  if (name === 'vram' || name === 'file-size') return bytesIn(text);
  if (name !== 'latency') return numberIn(text);
  const [, number = '', unit = 's'] = /^([\d.]+)\s*(ms|s|min)?$/.exec(text) ?? [];
  const value = numberIn(number);
  return value !== undefined && value > 0 ? value * TIMES[unit]! : undefined;
}

function unitWords(name: string): string {
  if (name === 'vram' || name === 'file-size') return 'size such as 8GB';
  return name === 'latency' ? 'time such as 10s' : 'number';
}

function numberIn(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function ownDirection(name: string): Direction | 'none' {
  if (name === PREFERENCE) return 'maximize';
  return (RUN_MEASURES as readonly string[]).includes(name) ? 'minimize' : findMetric(name).direction;
}

/** The objectives of a goal among what can be measured here. Throws STUDY_OBJECTIVE where nothing measures it. */
export async function objectivesFor(ctx: Context, goal: Goal): Promise<ChosenObjectives> {
  if (goal === 'speed')
    return { objectives: [{ name: 'latency', direction: 'minimize' }], reason: 'seconds of a run, without the queue' };
  if (goal === 'vram')
    return {
      objectives: [{ name: 'vram', direction: 'minimize' }],
      reason: 'the most memory that a run was seen to use',
    };
  const kinds = await modelKinds(ctx);
  const judge = JUDGES.find((name) => missingNeed(name, kinds) === undefined);
  if (judge === undefined)
    throw new CwfError(
      'STUDY_OBJECTIVE',
      { objective: 'quality', reason: `no model that judges pictures is here (${JUDGES.join(', ')})` },
      { hint: 'Set up a model as docs/metrics.md says, or say what is good: --objective sharpness:max, for example.' },
    );
  return {
    objectives: [{ name: judge, direction: 'maximize' }],
    reason: `${judge} is the best judge of pictures here`,
  };
}

/** Refuses what no run here would have a number for. Throws STUDY_OBJECTIVE. [ST-7] */
export async function refuseUnmeasurable(
  ctx: Context,
  { objectives, limits }: Pick<StudyDefinition, 'objectives' | 'limits'>,
  runners: readonly string[],
): Promise<void> {
  const kinds = await modelKinds(ctx);
  for (const { name: objective } of [...objectives, ...limits]) {
    const reason =
      objective === 'vram' && runners.includes(EMBEDDED)
        ? 'the embedded engine has no graphics memory'
        : isUnmeasured(objective)
          ? undefined
          : missingNeed(objective, kinds);
    if (reason !== undefined) throw new CwfError('STUDY_OBJECTIVE', { objective, reason });
  }
}

/** What says as much of the runner as of the trial. */
export const OF_RUNNERS: ReadonlySet<string> = new Set(['latency', 'vram']);

/** Reads `8GB`, `800MB`. Throws USAGE. */
export function readBytesText(text: string): number {
  const bytes = bytesIn(text);
  if (bytes !== undefined) return bytes;
  throw new CwfError('USAGE', { command: 'optimize', reason: `--vram: ${text} is no size such as 8GB` });
}

function bytesIn(text: string): number | undefined {
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMG]?B)$/i.exec(text.trim()) ?? [];
  return Number(number) > 0 ? Number(number) * UNITS[unit.toUpperCase()]! : undefined;
}

/** The metrics that a run of a study is measured by. */
export function metricsOf(numbers: readonly (Objective | Limit)[]): WantedMetrics {
  const names = numbers.map(({ name }) => name).filter((name) => !isUnmeasured(name));
  return names.length === 0 ? 'none' : [...new Set(names)];
}

/** Whether no metric tells it. */
function isUnmeasured(name: string): boolean {
  return name === PREFERENCE || (RUN_MEASURES as readonly string[]).includes(name);
}

/** What one run of a trial comes to: a number for each objective and limit, or why there is none. [ST-7] */
export function valuesOf(
  run: Pick<DocumentRun, 'note' | 'measured'>,
  objectives: readonly Objective[],
  limits: readonly Limit[],
): { readonly values: number[]; readonly constraints: number[] } | { readonly reason: string } {
  const values: number[] = [];
  for (const { name } of objectives) {
    const value = numberOf(run, name);
    if (value === undefined || !Number.isFinite(value)) return { reason: whyNot(run, name, value) };
    values.push(value);
  }
  const constraints: number[] = [];
  for (const limit of limits) {
    const value = numberOf(run, limit.name);
    if (value === undefined || !Number.isFinite(value)) return { reason: whyNot(run, limit.name, value) };
    constraints.push(violation(limit, value));
  }
  return { values, constraints };
}

/** By what share of itself a limit is broken; of a limit of 0 by how much. */
function violation(limit: Limit, value: number): number {
  const [over, of] = 'most' in limit ? [value - limit.most, limit.most] : [limit.least - value, limit.least];
  return over / (Math.abs(of) || 1);
}

function numberOf({ note, measured }: Pick<DocumentRun, 'note' | 'measured'>, name: string): number | undefined {
  if (name === 'latency') return (note.ran ?? note.took) / 1000;
  if (name === 'vram') return note.memory?.used;
  if (name === 'file-size') {
    const kept = note.outputs.filter(({ folder }) => folder === 'output');
    return kept.length === 0 ? undefined : kept.reduce((sum, { size }) => sum + size, 0);
  }
  // Nobody has seen it yet: what people choose stands elsewhere, and takes this place whenever it is read.
  if (name === PREFERENCE) return 0;
  const means = meansOf(measured);
  return means[name] ?? means[findMetric(name).id];
}

function whyNot({ measured, note }: Pick<DocumentRun, 'note' | 'measured'>, name: string, value?: number): string {
  if (value !== undefined) return `${name} is ${value}`;
  if (name === 'vram') return `${note.runner} does not tell its memory`;
  if (note.outputs.length === 0) return `${name}: the run left nothing`;
  const told = measured.files.flatMap(({ measurements }) => measurements).find((one) => one.kind !== 'value');
  return told && 'reason' in told ? `${name}: ${told.reason}` : `${name} was not measured`;
}

async function modelKinds(ctx: Context): Promise<ReadonlySet<string>> {
  const { folders } = await metricSettings({ cwd: ctx.cwd, env: ctx.env, open: async () => ctx });
  return new Set(readModels(folders).map(({ kind }) => kind));
}

/** What a metric needs that a run does not give it; undefined where it can be measured. */
function missingNeed(name: string, kinds: ReadonlySet<string>): string | undefined {
  const models: readonly string[] = MODEL_KINDS;
  for (const need of findMetric(name).needs) {
    if (need === 'image' || need === 'frames' || kinds.has(need)) continue;
    if (models.includes(need)) return `no model of the kind ${need} is here`;
    return `it needs a ${need}, and a run of a study has none`;
  }
  return undefined;
}
