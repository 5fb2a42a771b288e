import { resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { ImageInput } from '../io/metrics/decode.ts';
import { failedGates, type Gate, type GateFacts } from '../io/metrics/gates.ts';
import { findMetric, METRICS } from '../io/metrics/index.ts';
import type { Measurement, MeasureRequest, Provenance, Report } from '../io/metrics/measure.ts';
import { type Direction, type Metric, MODEL_KINDS, type Need } from '../io/metrics/metric.ts';
import type { ModelManifest } from '../io/metrics/models/manifest.ts';
import { type MetricPool, openMetricPool } from '../io/metrics/pool.ts';
import { type MetricWorld, metricSettings, readModels } from './metric-setup.ts';
import { addFacts, type NotesOf } from './note.ts';
import { defineVerb } from './verb.ts';

/** What to measure, and what to hold it against. */
export interface MetricRunInput {
  /** Images, animations or videos. */
  readonly files: readonly string[];
  /** Ids or aliases; without any all that need nothing else than what is given (`wantedMetrics`). */
  readonly metrics?: readonly string[];
  /** The image that the files are compared with. */
  readonly compare?: string;
  /** Images that the files belong beside. */
  readonly set?: readonly string[];
  /** The text that fed the sampler. */
  readonly prompt?: string;
  /** A revision: the numbers of the one file are noted on its commit. */
  readonly note?: string;
  readonly dryRun?: boolean;
}

/** One file with what was measured of it, or why it could not be read. */
export interface MeasuredFile {
  readonly file: string;
  /** `PNG`, `MP4`, ... by its bytes; absent for a file that was not looked into. */
  readonly type?: string;
  /** Zero where nothing was decoded. */
  readonly frames: number;
  readonly facts?: GateFacts;
  readonly measurements: readonly Measurement[];
  /** Signs that this output failed. */
  readonly gates: readonly Gate[];
  readonly error?: CwfError;
}

/** What a row of the table is about. */
export interface MeasuredMetric {
  /** The name that was asked for. */
  readonly name: string;
  readonly id: string;
  readonly direction: Direction;
  readonly unit: string;
}

/** The files in the order in which they were named; the metrics in the order of the measurements of each. */
export interface MetricRunOutput {
  readonly metrics: readonly MeasuredMetric[];
  readonly files: readonly MeasuredFile[];
  /** What was noted; absent without a note, and where there was no number. */
  readonly noted?: NotesOf;
}

/** Files that are measured or wait for it at once; the threads of the pool are fewer. */
const AT_ONCE = 16;

/**
 * `cwf metric run`: measures files in worker threads, in a repository or not. A file that cannot be read is told beside
 * the others; alone, its error is thrown, as is that of an image to compare with. Throws METRIC_NOT_FOUND,
 * MODEL_MANIFEST, CONFIG_INVALID and USAGE too.
 */
export async function measureFiles(input: MetricRunInput, world: MetricWorld): Promise<MetricRunOutput> {
  const usage = (reason: string) => new CwfError('USAGE', { command: 'metric run', reason });
  if (input.files.length === 0) throw usage('name an image or a video');
  if (input.note !== undefined && input.files.length > 1) throw usage('--note takes the numbers of one file');
  const asked = input.metrics?.map((name) => ({ name, metric: findMetric(name) }));
  const noteOn = input.note === undefined ? undefined : await (await world.open()).repo.resolve(input.note);
  const { folders, ffmpeg } = await metricSettings(world);
  const needsModel = asked ? asked.some(({ metric }) => usesModel(metric)) : isAboutMore(input);
  const models = needsModel ? readModels(folders) : [];
  const wanted = asked ?? wantedMetrics(input, models).map((metric) => ({ name: metric.id, metric }));

  const pool = openMetricPool({ models, modelFolders: folders, ...(ffmpeg === undefined ? {} : { ffmpeg }) });
  try {
    const image = (file: string): ImageInput => ({ path: resolve(world.cwd, file), name: file });
    const others = await digestsOf(pool, input, image);
    const request = {
      metrics: [...new Set(wanted.map(({ name }) => name))],
      ...(input.compare === undefined ? {} : { reference: image(input.compare) }),
      ...(input.set?.length ? { set: input.set.map(image) } : {}),
      ...(input.prompt === undefined ? {} : { prompt: input.prompt }),
    };
    const reports = await measureAll(pool, input.files, image, request);
    const files = withGates(asked ? reports : withoutStills(reports));
    const told = new Set(files.flatMap(({ measurements }) => measurements.map(({ name }) => name)));
    const metrics = wanted
      .filter(({ name }, at) => told.has(name) && wanted.findIndex((other) => other.name === name) === at)
      .map(({ name, metric: { id, direction, unit } }) => ({ name, id, direction, unit }));
    if (noteOn === undefined) return { metrics, files };
    const facts = numbersOf(files[0]!, others);
    if (facts.length === 0) return { metrics, files };
    const noted = await addFacts(await world.open(), 'metric run', noteOn, { metrics: facts, dryRun: input.dryRun });
    return { metrics, files, noted };
  } finally {
    await pool.close();
  }
}

/** The verb: as `measureFiles`, in a repository. */
export const metricRun = defineVerb<MetricRunInput, MetricRunOutput>({
  name: 'metric run',
  summary: 'Measure images and videos, and note the numbers on a commit',
  mutates: true,
  run: (ctx, input) => measureFiles(input, { cwd: ctx.cwd, env: ctx.env, open: async () => ctx }),
});

/**
 * What is measured when nothing is asked for: all that needs no model and is given what it compares with, and with a
 * prompt or a set also the metrics of those, by CLIP and by the models at hand. Metrics of frames are left out of the
 * answer where no file has more than one.
 */
function wantedMetrics({ compare, set, prompt }: MetricRunInput, models: readonly ModelManifest[]): readonly Metric[] {
  const given = new Set<Need>(['image', 'frames']);
  if (compare !== undefined) given.add('reference');
  const more = new Set<Need>([
    ...(set?.length ? (['set'] as const) : []),
    ...(prompt === undefined ? [] : (['prompt'] as const)),
  ]);
  const kinds = new Set<Need>(['clip', ...models.map(({ kind }) => kind)]);
  return METRICS.filter(({ needs }) => {
    const isAbout = needs.some((need) => more.has(need));
    return needs.every((need) => given.has(need) || more.has(need) || (isAbout && kinds.has(need)));
  });
}

function isAboutMore({ set, prompt }: MetricRunInput): boolean {
  return (set?.length ?? 0) > 0 || prompt !== undefined;
}

function usesModel({ needs }: Metric): boolean {
  return needs.some((need) => (MODEL_KINDS as readonly string[]).includes(need));
}

/** Digests of the pixels of what is compared with; reading it first also ends the command where it is no image. */
async function digestsOf(
  pool: MetricPool,
  { compare, set = [] }: MetricRunInput,
  image: (file: string) => ImageInput,
): Promise<JsonObject> {
  const digest = async (file: string) => {
    const { facts } = await pool.measure({ image: image(file), metrics: [] });
    return facts?.pixelSha256 ?? '';
  };
  const reference = compare === undefined ? '' : await digest(compare);
  const digests: string[] = [];
  for (const file of set) digests.push(await digest(file));
  return {
    ...(reference === '' ? {} : { reference }),
    ...(digests.length === 0 ? {} : { set: sha256(digests.sort().join('\n')) }),
  };
}

/** What the pool said of each file, in their order. */
async function measureAll(
  pool: MetricPool,
  files: readonly string[],
  image: (file: string) => ImageInput,
  request: Omit<MeasureRequest, 'image'>,
): Promise<readonly Measuring[]> {
  const reports: Measuring[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < files.length) {
      const at = next++;
      const file = files[at]!;
      try {
        reports[at] = { file, report: await pool.measure({ ...request, image: image(file) }) };
      } catch (error) {
        if (files.length === 1 || !isCwfError(error) || error.kind === 'bug') throw error;
        reports[at] = { file, error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return reports;
}

type Measuring = { readonly file: string } & ({ readonly report: Report } | { readonly error: CwfError });

/** Without the metrics of frames, where every file that was read is a still image. */
function withoutStills(all: readonly Measuring[]): readonly Measuring[] {
  if (all.some((one) => 'report' in one && one.report.frames !== 1)) return all;
  const isKept = ({ name }: Measurement) => !findMetric(name).needs.includes('frames');
  return all.map((one) =>
    'report' in one ? { ...one, report: { ...one.report, measurements: one.report.measurements.filter(isKept) } } : one,
  );
}

/** Each output is held against those that were named before it. */
function withGates(all: readonly Measuring[]): readonly MeasuredFile[] {
  const earlier: (GateFacts & { readonly name: string })[] = [];
  return all.map((one) => {
    if ('error' in one) return { file: one.file, frames: 0, measurements: [], gates: [], error: one.error };
    const { file } = one;
    const { type, frames, facts, measurements } = one.report;
    const gates = facts ? failedGates(facts, { earlier }) : [];
    if (facts) earlier.push({ ...facts, name: file });
    return {
      file,
      ...(type === undefined ? {} : { type }),
      frames,
      ...(facts ? { facts } : {}),
      measurements,
      gates,
    };
  });
}

/** The numbers of a file as they are noted: under the name that was asked for, the id and its aliases. */
function numbersOf(
  { facts, measurements }: MeasuredFile,
  others: JsonObject,
): readonly { readonly metric: string; readonly value: number; readonly provenance: JsonObject }[] {
  const numbers = new Map<string, { metric: string; value: number; provenance: JsonObject }>();
  for (const measured of measurements) {
    if (measured.kind !== 'value') continue;
    const { needs, id, aliases = [] } = findMetric(measured.name);
    const compared = Object.fromEntries(Object.entries(others).filter(([need]) => needs.includes(need as Need)));
    const image: JsonObject = facts ? { image: facts.pixelSha256 } : {};
    const provenance: JsonObject = { ...plain(measured.provenance), ...image, ...compared };
    for (const metric of [id, ...aliases]) numbers.set(metric, { metric, value: measured.value, provenance });
  }
  return [...numbers.values()];
}

function plain(provenance: Provenance): JsonObject {
  return Object.fromEntries(Object.entries(provenance).filter(([, value]) => value !== undefined)) as JsonObject;
}
