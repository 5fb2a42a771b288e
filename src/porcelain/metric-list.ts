import { isCwfError } from '../base/errors.ts';
import { whyNoVideo, whyUnavailable } from '../io/metrics/available.ts';
import type { Unavailable } from '../io/metrics/decode.ts';
import { findMetric, METRICS } from '../io/metrics/index.ts';
import { type Direction, type Metric, MODEL_KINDS, type Need } from '../io/metrics/metric.ts';
import type { ModelManifest } from '../io/metrics/models/manifest.ts';
import { type MetricWorld, metricSettings, readModels } from './metric-setup.ts';
import { defineVerb } from './verb.ts';

/** Which metrics to list: ids or aliases; all without any. */
export interface MetricListInput {
  readonly metrics?: readonly string[];
}

/** Why something cannot be measured here, and the next step. */
export type Lack = Omit<Unavailable, 'kind'>;

/** One metric as it is here. */
export interface ListedMetric {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly version: number;
  /** What the number means, in one sentence. */
  readonly summary: string;
  readonly direction: Direction;
  /** Smallest and greatest value; null where there is no bound. */
  readonly range: readonly [number | null, number | null];
  readonly unit: string;
  readonly needs: readonly Need[];
  /** Absent for a metric that can be measured here. */
  readonly unavailable?: Lack;
}

/** The metrics in the order of docs/metrics.md, and what keeps videos from being measured. */
export interface MetricListOutput {
  readonly metrics: readonly ListedMetric[];
  /** Folders that models are looked for in, first to last. */
  readonly folders: readonly string[];
  readonly videos?: Lack;
}

/** `cwf metric ls`: what every metric means and whether it can be measured here. Throws METRIC_NOT_FOUND, CONFIG_INVALID. */
export async function listMetrics(input: MetricListInput, world: MetricWorld): Promise<MetricListOutput> {
  const wanted = input.metrics?.length ? [...new Set(input.metrics.map(findMetric))] : METRICS;
  const { folders, ffmpeg } = await metricSettings(world);
  const lackOf = lacks(folders);
  const metrics: ListedMetric[] = [];
  for (const metric of wanted) {
    const { id, aliases = [], version, summary, direction, range, unit, needs } = metric;
    const unavailable = await lackOf(metric);
    const [least, greatest] = range.map((end) => (Number.isFinite(end) ? end : null)) as [number, number];
    const told = { id, aliases, version, summary, direction, range: [least, greatest] as const, unit, needs };
    metrics.push({ ...told, ...(unavailable ? { unavailable } : {}) });
  }
  const videos = withoutKind(await whyNoVideo(ffmpeg, world.env));
  return { metrics, folders, ...(videos ? { videos } : {}) };
}

/** The verb: as `listMetrics`, in a repository. */
export const metricList = defineVerb<MetricListInput, MetricListOutput>({
  name: 'metric ls',
  summary: 'List the metrics and which of them can be measured here',
  mutates: false,
  run: (ctx, input) => listMetrics(input, { cwd: ctx.cwd, env: ctx.env, open: async () => ctx }),
});

/** Says what a metric lacks. Broken manifests keep metrics with models from running, and no others. */
function lacks(folders: readonly string[]): (metric: Metric) => Promise<Lack | undefined> {
  let models: readonly ModelManifest[] = [];
  let broken: Lack | undefined;
  try {
    models = readModels(folders);
  } catch (error) {
    if (!isCwfError(error)) throw error;
    broken = { reason: error.message, hint: error.hint };
  }
  const kinds: readonly string[] = MODEL_KINDS;
  return async (metric) => {
    if (broken && metric.needs.some((need) => kinds.includes(need))) return broken;
    return withoutKind(await whyUnavailable(metric, { models, modelFolders: folders }));
  };
}

function withoutKind(lack: Unavailable | undefined): Lack | undefined {
  return lack && { reason: lack.reason, hint: lack.hint };
}
