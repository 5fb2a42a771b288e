import type { JsonObject } from '../base/json.ts';
import { findMetric, METRICS } from '../io/metrics/index.ts';
import type { Metric } from '../io/metrics/metric.ts';
import { openMetricPool } from '../io/metrics/pool.ts';
import { type OutputPlace, outputPath } from '../io/outputs/place.ts';
import type { Context } from './context.ts';
import { type MeasuredFile, type MeasuredMetric, measureEach, numbersOf, toldMetrics } from './measure-files.ts';
import { usesModel } from './metric-run.ts';
import { metricSettings, readModels } from './metric-setup.ts';
import { listRuns, type RunOutput } from './run-note.ts';

/** Which metrics: ids or aliases, all that need nothing but the picture, or none. */
export type WantedMetrics = readonly string[] | 'all' | 'none';

/** One output with its numbers; outputs of one content are measured once, under the first name. */
export interface MeasuredOutput extends MeasuredFile {
  readonly id: string;
}

/** What was measured of the outputs of a run. */
export interface MeasuredRun {
  readonly metrics: readonly MeasuredMetric[];
  readonly files: readonly MeasuredOutput[];
}

/** A number as the note of a metric has it. */
export interface RunNumber {
  readonly metric: string;
  readonly value: number;
  readonly provenance: JsonObject;
  readonly output: string;
}

/** Outputs of one run that are measured; a run can leave thousands of frames. */
const MOST_MEASURED = 64;

/** The metrics that were asked for. Throws METRIC_NOT_FOUND: before a run, not after it. */
export function wantedMetrics(wanted: WantedMetrics): readonly { readonly name: string; readonly metric: Metric }[] {
  if (wanted === 'none') return [];
  if (wanted !== 'all') return wanted.map((name) => ({ name, metric: findMetric(name) }));
  return METRICS.filter(({ needs }) => needs.every((need) => need === 'image' || need === 'frames')).map((metric) => ({
    name: metric.id,
    metric,
  }));
}

/**
 * Measures the pictures and videos of a run in worker threads, each content once, and holds them against the outputs of
 * earlier runs of other prompts. What cannot be measured says so. Throws METRIC_NOT_FOUND, MODEL_MANIFEST.
 */
export async function measureRun(
  ctx: Context,
  place: OutputPlace,
  outputs: readonly RunOutput[],
  wanted: WantedMetrics,
  prompt: string,
): Promise<MeasuredRun> {
  const asked = wantedMetrics(wanted);
  const once = new Map<string, RunOutput[]>();
  for (const output of outputs.filter(isSeen)) once.set(output.id, [...(once.get(output.id) ?? []), output]);
  const same = [...once.values()].slice(0, MOST_MEASURED);
  const measured = same.map(([first]) => first!);
  if (measured.length === 0) return { metrics: [], files: [] };
  const { folders, ffmpeg } = await metricSettings({ cwd: ctx.cwd, env: ctx.env, open: async () => ctx });
  const models = asked.some(({ metric }) => usesModel(metric)) ? readModels(folders) : [];
  const pool = openMetricPool({ models, modelFolders: folders, ...(ffmpeg === undefined ? {} : { ffmpeg }) });
  try {
    const files = await measureEach(
      pool,
      measured.map(({ id, filename }) => ({ path: outputPath(place, id), name: filename })),
      { metrics: [...new Set(asked.map(({ name }) => name))] },
      { stills: wanted !== 'all', lenient: true, earlier: [] },
    );
    const known = await earlierOutputs(ctx, prompt);
    const told = files.map((file, at) => withEarlier(withSame({ ...file, id: measured[at]!.id }, same[at]!), known));
    return { metrics: toldMetrics(asked, told), files: told };
  } finally {
    await pool.close();
  }
}

/** The outputs with what measuring found out of their pixels. */
export function withPixels(outputs: readonly RunOutput[], { files }: MeasuredRun): RunOutput[] {
  const facts = new Map(files.map((file) => [file.id, file.facts]));
  return outputs.map((output) => {
    const known = facts.get(output.id);
    return known ? { ...output, pixels: known.pixelSha256, dhash: known.dhash64 } : output;
  });
}

/** The numbers of all outputs, as they are noted. */
export function numbersOfRun({ files }: MeasuredRun): RunNumber[] {
  return files.flatMap((file) => numbersOf(file, {}).map((number) => ({ ...number, output: file.id })));
}

/** The mean of each number over the outputs of a run, by the names under which they are noted. */
export function meansOf(measured: MeasuredRun): Record<string, number> {
  const values = new Map<string, number[]>();
  for (const { metric, value } of numbersOfRun(measured)) values.set(metric, [...(values.get(metric) ?? []), value]);
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.reduce((sum, value) => sum + value, 0) / all.length]),
  );
}

function isSeen({ type }: RunOutput): boolean {
  return /^(image\/(png|jpeg|webp|gif)|video\/)/.test(type);
}

/** Outputs by the digest of their pixels, with a name that people know; runs of the same prompt are no duplicates. */
async function earlierOutputs(ctx: Context, prompt: string): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for await (const { oid, runs } of listRuns(ctx)) {
    for (const run of runs) {
      if (run.prompt === prompt) continue;
      for (const { pixels, filename } of run.outputs) {
        if (pixels !== undefined) known.set(pixels, `${filename} of ${oid.slice(0, 8)}`);
      }
    }
  }
  return known;
}

/** Says of an output that the run left it more than once. */
function withSame(file: MeasuredOutput, [, ...others]: readonly RunOutput[]): MeasuredOutput {
  if (others.length === 0) return file;
  const [next, ...more] = others.map(({ filename }) => filename);
  const reason = `the run left it again as ${next}${more.length > 0 ? `, and ${more.length} more` : ''}`;
  return { ...file, gates: [...file.gates, { gate: 'duplicate', reason }] };
}

function withEarlier(file: MeasuredOutput, earlier: ReadonlyMap<string, string>): MeasuredOutput {
  const name = file.facts && earlier.get(file.facts.pixelSha256);
  if (name === undefined || file.gates.some(({ gate }) => gate === 'duplicate')) return file;
  return { ...file, gates: [...file.gates, { gate: 'duplicate', reason: `the pixels are those of ${name}` }] };
}
