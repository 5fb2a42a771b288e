import { CwfError } from '../base/errors.ts';
import type { RunEvent, Runner } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import type { InvalidRun } from './run-check.ts';
import { type DocumentRun, runPrepared } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { type WantedMetrics, wantedMetrics } from './run-measure.ts';
import { type PreparedRun, prepareRun, type RunChanges } from './run-prepare.ts';
import { type RunSource, runSource } from './run-source.ts';
import { openRunners } from './runners.ts';
import { defineVerb } from './verb.ts';

/** What to run, and how. */
export interface RunInput extends RunChanges {
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

/** How a run is watched and ended by who asked for it. */
export interface RunWatch {
  readonly signal?: AbortSignal;
  /** What is about to be sent, and where. */
  onReady?(prepared: PreparedRun, runner: string): void;
  onEvent?(event: RunEvent): void;
}

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
    const { runner, prepared } = await firstThatCan(ctx, source, input, runners, watch.signal);
    if (prepared.kind === 'invalid') return { ...prepared, runner: runner.name };
    if (input.dryRun) return { kind: 'planned', source, runner: runner.name, prepared };
    watch.onReady?.(prepared, runner.name);
    const { signal, onEvent } = watch;
    const run = await runPrepared(ctx, prepared, runner, {
      metrics,
      record: input.record,
      ...(signal ? { signal } : {}),
      ...(onEvent ? { onEvent: (event) => onEvent.call(watch, event) } : {}),
      ...(input.timeout === undefined ? {} : { deadline: input.timeout * 1000 }),
    });
    const error = runFailure(run.note, source.commit);
    return { kind: 'ran', source, ...run, ...(error ? { error } : {}) };
  } finally {
    await close();
  }
}

/** The verb: as `runWorkflow`, with nobody watching. */
export const run = defineVerb<RunInput, RunOutcome>({
  name: 'run',
  summary: 'Run a workflow, and note its outputs, numbers and environment on its commit',
  mutates: true,
  run: (ctx, input) => runWorkflow(ctx, input),
});

/** The first runner that would take the workflow; what the last one says where none would. */
async function firstThatCan(
  ctx: Context,
  source: RunSource,
  changes: RunChanges,
  runners: readonly Runner[],
  signal: AbortSignal | undefined,
): Promise<{ readonly runner: Runner; readonly prepared: PreparedRun | InvalidRun }> {
  let last: { readonly runner: Runner; readonly prepared: InvalidRun } | { readonly error: unknown } | undefined;
  for (const runner of runners) {
    try {
      const prepared = await prepareRun(ctx, source, changes, await runner.definitions(signal));
      if (prepared.kind === 'ready') return { runner, prepared };
      last = { runner, prepared };
    } catch (error) {
      if (!(error instanceof CwfError) || runners.length === 1) throw error;
      last ??= { error };
    }
  }
  if (last && 'prepared' in last) return last;
  throw last?.error;
}
