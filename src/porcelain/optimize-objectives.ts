import { CwfError } from '../base/errors.ts';
import { findMetric } from '../io/metrics/index.ts';
import { MODEL_KINDS } from '../io/metrics/metric.ts';
import { type Limit, type Objective, PREFERENCE, RUN_MEASURES } from '../plan/optimize/study/definition.ts';
import type { Direction } from '../plan/optimize/trial.ts';
import type { Goal } from '../plan/optimize/tunables/goals.ts';
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

/** Reads `name:max`, `name:min`, or a name whose metric has a direction of its own. Throws STUDY_OBJECTIVE, METRIC_NOT_FOUND. */
export function readObjective(text: string): Objective {
  const [name = '', word, ...rest] = text.split(':');
  const fault = (reason: string): CwfError => new CwfError('STUDY_OBJECTIVE', { objective: text, reason });
  if (rest.length > 0 || name === '') throw fault('it is no <name>:max or <name>:min');
  if (name === PREFERENCE) {
    if (word !== undefined && DIRECTIONS[word] !== 'maximize')
      throw fault('what people prefer can only be as much as may be');
    return { name, direction: 'maximize' };
  }
  const isOfRun = (RUN_MEASURES as readonly string[]).includes(name);
  const own = isOfRun ? 'minimize' : findMetric(name).direction;
  if (word === undefined) {
    if (own === 'none') throw fault(`say ${name}:max or ${name}:min: the number by itself is neither good nor bad`);
    return { name, direction: own };
  }
  const direction = DIRECTIONS[word];
  if (direction === undefined) throw fault(`${word} is neither max nor min`);
  return { name, direction };
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
  names: readonly string[],
  runners: readonly string[],
): Promise<void> {
  const kinds = await modelKinds(ctx);
  for (const objective of names) {
    const reason =
      objective === 'vram' && runners.includes(EMBEDDED)
        ? 'the embedded engine has no graphics memory'
        : isUnmeasured(objective)
          ? undefined
          : missingNeed(objective, kinds);
    if (reason !== undefined) throw new CwfError('STUDY_OBJECTIVE', { objective, reason });
  }
}

/** Reads `8GB`, `800MB`. Throws USAGE. */
export function readBytesText(text: string): number {
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMG]?B)$/i.exec(text.trim()) ?? [];
  if (number === undefined || !(Number(number) > 0))
    throw new CwfError('USAGE', { command: 'optimize', reason: `--vram: ${text} is no size such as 8GB` });
  return Number(number) * UNITS[unit.toUpperCase()]!;
}

/** The metrics that a run of a study is measured by. */
export function metricsOf(objectives: readonly Objective[]): WantedMetrics {
  const names = objectives.map(({ name }) => name).filter((name) => !isUnmeasured(name));
  return names.length === 0 ? 'none' : names;
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
  for (const { name, most } of limits) {
    const value = numberOf(run, name);
    if (value === undefined || !Number.isFinite(value)) return { reason: whyNot(run, name, value) };
    constraints.push((value - most) / most);
  }
  return { values, constraints };
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
