import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../base/json.ts';
import { VERSION } from '../base/version.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Runner, RunOptions, RunResult } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import { outputsOf } from './output-names.ts';
import {
  type MeasuredRun,
  measureRun,
  numbersOfRun,
  type WantedMetrics,
  wantedMetrics,
  withPixels,
} from './run-measure.ts';
import { RUN_SCHEMA, type RunNote, runFact } from './run-note.ts';
import { keepOutputs } from './run-outputs.ts';
import { type PreparedRun, prepareRun, type RunChanges } from './run-prepare.ts';
import type { RunSource } from './run-source.ts';

/** Ids of nodes as times are kept by them; ComfyUI puts dots and colons into those of nodes that nodes made. */
const NODE_ID = /^(?!(__proto__|constructor|prototype)$)[\w.:-]{1,100}$/;
/** The slowest nodes of a run. */
const MOST_TIMES = 1_000;

/** How a document is run. */
export interface RunDocumentOptions extends RunChanges, RunOptions {
  /** Default `all`: what needs nothing but the picture. */
  readonly metrics?: WantedMetrics;
  /** Whether the run is noted on its commit. Default true; without a commit nothing ever is. */
  readonly record?: boolean;
  /** What it is to make again: the id of a run, or the output (`sha256:`) of one that nobody noted. */
  readonly reproduces?: string;
}

/** A run that is over: its outputs are in the store, `note` is what its commit says or would say of it. */
export interface DocumentRun {
  readonly note: RunNote;
  readonly measured: MeasuredRun;
  readonly warnings: readonly string[];
  /** Whether the note was written. */
  readonly recorded: boolean;
}

/**
 * Runs a workflow on a runner, keeps what it leaves, measures it, and notes run and numbers on the commit in one
 * operation. However the run ends is a value (`note.kind`). Throws RUN_INVALID for one that would be refused, what
 * `prepareRun`, `Runner.run` and the store throw, and METRIC_NOT_FOUND.
 */
export async function runDocument(
  ctx: Context,
  source: RunSource,
  runner: Runner,
  options: RunDocumentOptions = {},
): Promise<DocumentRun> {
  const prepared = await prepareRun(ctx, source, options, await runner.definitions(options.signal));
  if (prepared.kind === 'invalid') throw prepared.error;
  return runPrepared(ctx, prepared, runner, options);
}

/** As `runDocument`, of a run that is prepared. */
export async function runPrepared(
  ctx: Context,
  prepared: PreparedRun,
  runner: Runner,
  options: RunDocumentOptions = {},
): Promise<DocumentRun> {
  wantedMetrics(options.metrics ?? 'all');
  const startedAt = ctx.now();
  const result = await runner.run(prepared.request, options);
  return finishRun(ctx, prepared, { runner, result, took: ctx.now() - startedAt }, options);
}

/** What a runner made of a prepared run; `took`: milliseconds. */
export interface EndedRun {
  readonly runner: Runner;
  readonly result: RunResult;
  readonly took: number;
}

/** Keeps, measures and notes what came of a run. Throws as `runDocument` does once the run is over. */
export async function finishRun(
  ctx: Context,
  prepared: PreparedRun,
  { runner, result, took }: EndedRun,
  { metrics = 'all', record = true, reproduces }: Pick<RunDocumentOptions, 'metrics' | 'record' | 'reproduces'> = {},
): Promise<DocumentRun> {
  const place = outputsOf(ctx);
  const { outputs, lost } =
    result.kind === 'refused' ? { outputs: [], lost: [] } : await keepOutputs(runner, result, place);
  // What an interrupted or failed run left is kept and not judged.
  const wanted = result.kind === 'finished' || result.kind === 'partial' ? metrics : 'none';
  const measured = await measureRun(ctx, place, outputs, wanted, prepared.known.prompt);
  const note: RunNote = {
    schema: RUN_SCHEMA,
    run: randomUUID(),
    time: ctx.now() / 1000,
    actor: ctx.actor,
    runner: runner.name,
    kind: result.kind,
    ...(reproduces === undefined ? {} : { reproduces }),
    ...prepared.known,
    outputs: withPixels(outputs, measured),
    ...(lost.length > 0 ? { lost } : {}),
    ...endingOf(result, prepared),
    took,
    ...factsOf(result, prepared),
  };
  const { commit } = prepared.source;
  const isRecorded = record && commit !== undefined && ctx.dryRun !== true;
  if (isRecorded) await recordRuns(ctx, commit, 'run', [{ note, measured }]);
  return { note, measured, warnings: prepared.warnings, recorded: isRecorded };
}

/** Notes runs and their numbers on a commit, in one operation of a command. */
export async function recordRuns(
  ctx: Context,
  commit: string,
  command: string,
  runs: readonly Pick<DocumentRun, 'note' | 'measured'>[],
): Promise<void> {
  await ctx.repo.transaction({ command, actor: ctx.actor }, async (tx) => stageRuns(ctx, tx, commit, runs));
}

/** Stages runs and their numbers as notes on a commit. */
export function stageRuns(
  ctx: Context,
  tx: Transaction,
  commit: string,
  runs: readonly Pick<DocumentRun, 'note' | 'measured'>[],
): void {
  for (const { note, measured } of runs) {
    ctx.repo.notes('runs').add(tx, commit, runFact(note));
    const { actor, time, run } = note;
    for (const number of numbersOfRun(measured)) {
      const fact: JsonObject = { actor, time, run, ...number, output: `sha256:${number.output}` };
      ctx.repo.notes('metrics').add(tx, commit, fact);
    }
  }
}

/** Why a run did not finish. */
function endingOf(result: RunResult, { classes }: PreparedRun): Pick<RunNote, 'error' | 'missing'> {
  switch (result.kind) {
    case 'finished':
      return {};
    case 'failed':
    case 'out-of-memory':
      return { error: result.error };
    case 'interrupted': {
      const by = { signal: 'by a signal', deadline: 'at its deadline', others: 'by others' }[result.by];
      return { error: { message: `interrupted ${by}${result.stopped ? '' : '; the runner had not stopped yet'}` } };
    }
    case 'lost': {
      const reasons = {
        gone: 'it was taken out of the queue, or forgotten',
        restarted: 'the runner was started again',
        unreachable: 'the runner does not answer any more',
      };
      return { error: { message: reasons[result.reason] } };
    }
    case 'partial':
      return {
        missing: [...new Set([...result.missing, ...Object.keys(result.nodeErrors)])].filter((id) => classes.has(id)),
      };
    case 'refused': {
      const { type, message, details } = result.error;
      return { error: { type, message, ...(details === '' ? {} : { details }) } };
    }
  }
}

/** The facts of a run; nodes and their times by ids that can be those of a node, whatever the runner says. */
function factsOf(result: RunResult, { classes }: PreparedRun): Partial<RunNote> {
  if (result.kind === 'refused') return {};
  const { promptId, attempts, warmth, timings, memory, environment } = result;
  const cached = result.cached.filter((node) => classes.has(node));
  const times = timings.nodes.filter(({ node }) => NODE_ID.test(node)).sort((a, b) => b.ms - a.ms);
  const nodes = Object.fromEntries(times.slice(0, MOST_TIMES).map(({ node, ms }) => [node, ms]));
  return {
    ...(promptId === '' ? {} : { id: promptId }),
    attempts,
    warmth,
    ...(cached.length > 0 ? { cached } : {}),
    ...(timings.queue === undefined ? {} : { queue: timings.queue }),
    ...(timings.run === undefined ? {} : { ran: timings.run }),
    ...(times.length > 0 ? { nodes } : {}),
    ...(memory ? { memory } : {}),
    ...(environment ? { environment: { ...environment, cwf: VERSION } } : {}),
  };
}
