import { resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { ImageInput } from '../io/metrics/decode.ts';
import { findMetric, METRICS } from '../io/metrics/index.ts';
import { type Metric, MODEL_KINDS, type Need } from '../io/metrics/metric.ts';
import type { ModelManifest } from '../io/metrics/models/manifest.ts';
import { type MetricPool, openMetricPool } from '../io/metrics/pool.ts';
import { type MeasuredFile, type MeasuredMetric, measureEach, numbersOf, toldMetrics } from './measure-files.ts';
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

/** The files in the order in which they were named; the metrics in the order of the measurements of each. */
export interface MetricRunOutput {
  readonly metrics: readonly MeasuredMetric[];
  readonly files: readonly MeasuredFile[];
  /** What was noted; absent without a note, and where there was no number. */
  readonly noted?: NotesOf;
}

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
    const files = await measureEach(pool, input.files.map(image), request, { stills: asked !== undefined });
    const metrics = toldMetrics(wanted, files);
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

/** Whether a metric needs the files of a model. */
export function usesModel({ needs }: Metric): boolean {
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
