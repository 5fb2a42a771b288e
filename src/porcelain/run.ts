import { CwfError } from '../base/errors.ts';
import type { RunEvent, Runner } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import type { InvalidRun } from './run-check.ts';
import { dispatchPrepared } from './run-dispatch.ts';
import { type DocumentRun, runPrepared } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { type WantedMetrics, wantedMetrics } from './run-measure.ts';
import type { PreparedRun, RunChanges } from './run-prepare.ts';
import { knownRunners, prepareFor } from './run-runners.ts';
import { type RunSource, runSource } from './run-source.ts';
import { openRunners } from './runners.ts';
import { defineVerb } from './verb.ts';

/** What to run, and how. */
export interface RunInput extends Omit<RunChanges, 'files' | 'at' | 'fittedSeed'> {
  /** A revision, `<rev>:<file>`, or a working file; HEAD by default. */
  readonly what?: string;
  /** The workflow of a revision that has several. */
  readonly file?: string;
  /** A runner; without it those of `.cwfrc`, or the embedded engine. */
  readonly on?: string;
  readonly metrics?: WantedMetrics;
  /** Whether the run is noted. Default true. */
  readonly record?: boolean;
  /** Seconds, with the time in the queue. */
  readonly timeout?: number;
  /** Everything but the run itself. */
  readonly dryRun?: boolean;
}

/** One step of a run, as callers at a door are told: without pictures on the way. */
export type RunStep =
  /** Where it goes, and how many nodes it has. */
  | { readonly kind: 'ready'; readonly runner: string; readonly nodes: number }
  | Exclude<RunEvent, { readonly kind: 'preview' | 'output' }>;

/** How a run is watched and ended by who asked for it. */
export interface RunWatch {
  readonly signal?: AbortSignal;
  /** What is about to be sent, and where. */
  onReady?(prepared: PreparedRun, runner: string): void;
  onEvent?(event: RunEvent): void;
}

/** The id of the one run that is dispatched. */
const ONLY = 'run';

/** What became of one workflow that was to be run. */
export type RunOutcome =
  | (InvalidRun & { readonly runner: string })
  /** A dry run: what would be sent. */
  | { readonly kind: 'planned'; readonly source: RunSource; readonly runner: string; readonly prepared: PreparedRun }
  | (DocumentRun & { readonly kind: 'ran'; readonly source: RunSource; readonly error?: CwfError });

/**
 * `cwf run`: runs one workflow, keeps and measures what it leaves, and notes it. Throws RUN_UNCOMMITTED, what
 * `runSource`, `openRunners` and `runDocument` throw.
 */
export async function runWorkflow(ctx: Context, input: RunInput, watch: RunWatch = {}): Promise<RunOutcome> {
  const metrics = input.metrics ?? 'all';
  wantedMetrics(metrics);
  const source = await runSource(ctx, input.what, input.file);
  if (source.commit === undefined && input.record !== false)
    throw new CwfError('RUN_UNCOMMITTED', { file: source.file });
  const { runners, close } = await openRunners(ctx, input.on);
  try {
    const { prepared, known } = await prepareFor(ctx, source, input, await knownRunners(runners, watch.signal));
    const runner = known.runner.name;
    if (prepared.kind === 'invalid') return { ...prepared, runner };
    if (input.dryRun) return { kind: 'planned', source, runner, prepared };
    const run = await runOn(ctx, runners, prepared, { ...input, metrics }, watch);
    const error = runFailure(run.note, source.commit);
    return { kind: 'ran', source, ...run, ...(error ? { error } : {}) };
  } finally {
    await close();
  }
}

/** A run whose steps are told. */
export interface ReportedRunInput extends RunInput {
  readonly report?: (step: RunStep) => void;
}

/** The verb: as `runWorkflow`, with its steps told to `report`. */
export const run = defineVerb<ReportedRunInput, RunOutcome>({
  name: 'run',
  summary: 'Run a workflow, and note its outputs, numbers and environment on its commit',
  mutates: true,
  long: true,
  reports: true,
  scope: 'propose',
  run: (ctx, { report, ...input }) => runWorkflow(ctx, input, report && reportSteps(report)),
});

function reportSteps(report: (step: RunStep) => void): RunWatch {
  return {
    onReady: ({ classes }, runner) => report({ kind: 'ready', runner, nodes: classes.size }),
    onEvent: (event) => {
      if (event.kind !== 'preview' && event.kind !== 'output') report(event);
    },
  };
}

/** Runs it on the only runner, or on the one of several that would have it done first. */
async function runOn(
  ctx: Context,
  runners: readonly Runner[],
  prepared: PreparedRun,
  { metrics, record, timeout }: Pick<RunInput, 'metrics' | 'record' | 'timeout'>,
  watch: RunWatch,
): Promise<DocumentRun> {
  const [runner, ...others] = runners as readonly [Runner, ...Runner[]];
  const { signal } = watch;
  const options = { metrics, ...(record === undefined ? {} : { record }), ...(signal ? { signal } : {}) };
  const limit = timeout === undefined ? undefined : timeout * 1000;
  if (others.length === 0) {
    watch.onReady?.(prepared, runner.name);
    const onEvent = (event: RunEvent) => watch.onEvent?.(event);
    return runPrepared(ctx, prepared, runner, { ...options, onEvent, ...(limit ? { deadline: limit } : {}) });
  }
  watch.onReady?.(prepared, runners.map(({ name }) => name).join(', '));
  const done = await dispatchPrepared(ctx, runners, new Map([[ONLY, prepared]]), {
    ...options,
    ...(limit ? { deadline: limit } : {}),
    onEvent: (_id, _runner, event) => watch.onEvent?.(event),
  });
  const run = done.get(ONLY);
  if (!run) {
    const reason = 'it was stopped before it began';
    throw new CwfError('RUN_STOPPED', { source: prepared.source.file, runner: 'its runner', reason });
  }
  return run;
}
