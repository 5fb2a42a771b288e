import { join } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { findMetric } from '../io/metrics/index.ts';
import type { Need } from '../io/metrics/metric.ts';
import { type MetricPool, openMetricPool } from '../io/metrics/pool.ts';
import { type OutputPlace, outputPath } from '../io/outputs/place.ts';
import { hasOutput } from '../io/outputs/store.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Judge, Judgement } from './bisect-judge.ts';
import type { Context } from './context.ts';
import { outputsOf } from './output-names.ts';
import { byPlace } from './output-pairs.ts';
import { type DocumentRun, runPrepared } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { meansOf, measureRun } from './run-measure.ts';
import { type RunNote, type RunOutput, readRuns } from './run-note.ts';
import type { RunChanges } from './run-prepare.ts';
import { type KnownRunner, knownRunners, prepareFor } from './run-runners.ts';
import { committedSource, type RunSource, runSource } from './run-source.ts';
import { type OpenRunners, openRunners } from './runners.ts';

/** What makes a picture bad: a number on the wrong side of a limit, or another picture than a good commit has. */
export interface Limit {
  /** The id or an alias of a metric that needs nothing but the picture, or a model. */
  readonly metric?: string;
  /** Bad is less than this. */
  readonly below?: number;
  /** Bad is more than this. */
  readonly above?: number;
  /** Bad is a share of pixels above this that are not those of the good commit. */
  readonly imageDiffers?: number;
}

/** How a workflow is run to be measured. */
export interface MeasureTerms extends Limit, Pick<RunChanges, 'set' | 'seed' | 'input' | 'allowSecrets'> {
  readonly on?: string | undefined;
  /** The workflow that is run. */
  file(): Promise<string>;
  /** A commit that is known to be good. */
  readonly good: Oid;
  readonly signal?: AbortSignal | undefined;
}

/** What a picture needs beside itself that a search cannot give. */
const OTHERS: readonly Need[] = ['reference', 'set', 'prompt'];

/** Says what is wrong with a limit. Throws USAGE and METRIC_NOT_FOUND. */
export function checkLimit({ metric, below, above, imageDiffers }: Limit): void {
  const usage = (reason: string) => new CwfError('USAGE', { command: 'bisect run', reason });
  if (imageDiffers !== undefined) {
    if (metric !== undefined || below !== undefined || above !== undefined)
      throw usage('--image-differs and --metric exclude each other');
    if (!(imageDiffers >= 0 && imageDiffers < 1)) throw usage('--image-differs is a share of the pixels, from 0 to 1');
    return;
  }
  if (metric === undefined) throw usage('--below and --above belong to --metric');
  if ((below === undefined) === (above === undefined)) throw usage('say with --below or --above which numbers are bad');
  const { needs } = findMetric(metric);
  const missing = needs.find((need) => OTHERS.includes(need));
  if (missing !== undefined)
    throw usage(`${metric} needs a ${missing}, which a search has not got; see --image-differs and \`cwf metric ls\``);
}

/**
 * Judges by what a run of the workflow leaves. A run is noted on its commit like that of `cwf run`; one that is noted
 * already is not made again. What cannot be run or measured is passed over, with the reason. Its methods throw what
 * `openRunners` and `Runner.run` throw, and RUN_STOPPED, RUN_LOST.
 */
export function measureJudge(ctx: Context, terms: MeasureTerms): Judge {
  return new MeasureJudge(ctx, terms);
}

/** Outputs of one run, or why there are none. */
type Pictures = { readonly run: DocumentRun } | { readonly reason: string };

class MeasureJudge implements Judge {
  private readonly ctx: Context;
  private readonly terms: MeasureTerms;
  private readonly place: OutputPlace;
  private open: OpenRunners | undefined;
  private known: readonly KnownRunner[] | undefined;
  private pool: MetricPool | undefined;
  private reference: readonly RunOutput[] | undefined;

  constructor(ctx: Context, terms: MeasureTerms) {
    this.ctx = ctx;
    this.terms = terms;
    this.place = outputsOf(ctx);
  }

  /** A limit that both ends lie on one side of finds the bad end whatever lies between. */
  async begin(bad: Oid): Promise<void> {
    const { good } = this.terms;
    for (const [oid, verdict] of [
      [bad, 'bad'],
      [good, 'good'],
    ] as const) {
      const rev = oid.slice(0, 8);
      const file = await this.terms.file();
      const found = await this.judge(() => committedSource(this.ctx, oid, file, rev));
      if (found.verdict === verdict || found.value === undefined) continue;
      throw new CwfError('BISECT_LIMIT', { commit: rev, value: this.words(found.value), verdict });
    }
  }

  commit(): Promise<Judgement> {
    return this.judgeWorking();
  }

  candidate(): Promise<Judgement> {
    return this.judgeWorking();
  }

  async close(): Promise<void> {
    await this.pool?.close();
    await this.open?.close();
  }

  private async judgeWorking(): Promise<Judgement> {
    const file = await this.terms.file();
    return this.judge(() => runSource(this.ctx, join(this.ctx.repo.workDir, file)));
  }

  private async judge(find: () => Promise<RunSource>): Promise<Judgement> {
    const made = await this.run(find);
    if ('reason' in made) return { verdict: 'unresolved', reason: made.reason };
    const { metric, below, above, imageDiffers } = this.terms;
    if (metric !== undefined) {
      const value = meansOf(made.run.measured)[metric];
      if (value === undefined) return { verdict: 'unresolved', reason: withoutNumber(made.run, metric) };
      const isBad = below !== undefined ? value < below : value > above!;
      return { verdict: isBad ? 'bad' : 'good', value };
    }
    const value = await this.difference(made.run.note.outputs);
    return { verdict: value > imageDiffers! ? 'bad' : 'good', value };
  }

  private words(value: number): string {
    const { metric = 'image-differs', below, above, imageDiffers } = this.terms;
    const limit = below === undefined ? `above ${above ?? imageDiffers}` : `below ${below}`;
    return `${metric} ${Number(value.toPrecision(4))} for a limit of ${limit}`;
  }

  /** Runs a workflow, or finds the run of the same prompt that its commit has. */
  private async run(find: () => Promise<RunSource>): Promise<Pictures> {
    const { on, signal, metric } = this.terms;
    this.open ??= await openRunners(this.ctx, on);
    this.known ??= await knownRunners(this.open.runners, signal);
    const metrics = metric === undefined ? ('none' as const) : [metric];
    try {
      const source = await find();
      const { prepared, known } = await prepareFor(this.ctx, source, this.terms, this.known);
      if (prepared.kind === 'invalid') return { reason: prepared.error.message };
      const { prompt } = prepared.known;
      const done = source.commit && this.isWhole(await readRuns(this.ctx, source.commit), prompt, source.file);
      if (done) {
        const measured = await measureRun(this.ctx, this.place, done.outputs, metrics, prompt);
        return { run: { note: done, measured, warnings: [], recorded: true } };
      }
      const { runner } = known;
      const run = await runPrepared(this.ctx, prepared, runner, { metrics, ...(signal ? { signal } : {}) });
      const failure = runFailure(run.note);
      if (!failure) return { run };
      // Nobody knows what such a run would have left: the commit is asked again.
      if (run.note.kind === 'interrupted' || run.note.kind === 'lost') throw failure;
      return { reason: failure.message };
    } catch (error) {
      if (isCwfError(error) && (error.kind === 'invalid' || error.kind === 'not-found'))
        return { reason: error.message };
      throw error;
    }
  }

  /** The last finished run of a prompt whose files are all still there. */
  private isWhole(runs: readonly RunNote[], prompt: string, file: string): RunNote | undefined {
    return runs.findLast(
      (run) =>
        run.kind === 'finished' &&
        run.prompt === prompt &&
        run.file === file &&
        run.lost === undefined &&
        run.outputs.every(({ id }) => hasOutput(this.place, id)),
    );
  }

  /** The greatest share of pixels in which an output is not that of the good commit; 1 where there is no such output. */
  private async difference(outputs: readonly RunOutput[]): Promise<number> {
    this.reference ??= await this.goodOutputs();
    const [here, there] = [byPlace(outputs), byPlace(this.reference)];
    if (here.size !== there.size || [...here.keys()].some((place) => !there.has(place))) return 1;
    let most = 0;
    for (const [place, output] of here) {
      const other = there.get(place)!;
      if (output.id !== other.id) most = Math.max(most, await this.between(output, other));
    }
    return most;
  }

  private async between(output: RunOutput, other: RunOutput): Promise<number> {
    this.pool ??= openMetricPool();
    const image = ({ id, filename }: RunOutput) => ({ path: outputPath(this.place, id), name: filename });
    try {
      const { measurements } = await this.pool.measure({
        image: image(output),
        reference: image(other),
        metrics: ['image-differs'],
      });
      const [differs] = measurements;
      return differs?.kind === 'value' ? differs.value : 1;
    } catch (error) {
      // Sizes that differ, a picture beside a sound: nothing of the good one is there.
      if (isCwfError(error) && error.kind === 'invalid') return 1;
      throw error;
    }
  }

  private async goodOutputs(): Promise<readonly RunOutput[]> {
    const { good } = this.terms;
    const file = await this.terms.file();
    const made = await this.run(() => committedSource(this.ctx, good, file, good.slice(0, 8)));
    if ('run' in made) return made.run.note.outputs;
    throw new CwfError('BISECT_REFERENCE', { commit: good.slice(0, 8), file, reason: made.reason });
  }
}

function withoutNumber({ measured }: DocumentRun, metric: string): string {
  const [file] = measured.files;
  if (!file) return 'the run left no picture';
  const said = file.measurements.find(({ name }) => name === metric);
  return said?.kind === 'unavailable' ? `${metric}: ${said.reason}` : (file.error?.message ?? `no ${metric}`);
}
