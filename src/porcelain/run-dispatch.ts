import { systemClock } from '../io/runner/clock.ts';
import type { RunEvent, Runner, RunResult } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import { dispatchRuns, type RunReport } from './dispatch-runs.ts';
import { type DocumentRun, finishRun, type RunDocumentOptions } from './run-document.ts';
import type { PreparedRun } from './run-prepare.ts';

/** How prepared runs are spread over runners. */
export interface DispatchPrepared extends Pick<RunDocumentOptions, 'metrics' | 'record' | 'signal'> {
  /** Milliseconds that one run may take; half an hour for one that is given none, and then it is begun again. */
  readonly deadline?: number;
  onEvent?(id: string, runner: string, event: RunEvent): void;
  /** A run is over, kept and noted. */
  onDone?(id: string, run: DocumentRun): void;
}

/** From the deadline of a run to the end of its lease: it is interrupted meanwhile. */
const GRACE_MS = 60_000;

/**
 * Runs all of `runs` (by ids that the caller has made) over several runners, and keeps, measures and notes each when it
 * is over. Runs that no runner began have no entry. Throws what `dispatchRuns` and `finishRun` throw; what was noted by
 * then stays.
 */
export async function dispatchPrepared(
  ctx: Context,
  runners: readonly Runner[],
  runs: ReadonlyMap<string, PreparedRun>,
  options: DispatchPrepared = {},
): Promise<ReadonlyMap<string, DocumentRun>> {
  const done = new Map<string, DocumentRun>();
  const byName = new Map(runners.map((runner) => [runner.name, runner]));
  const since = new Map<string, number>();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  let fault: { readonly error: unknown } | undefined;
  // One after the other: a note is a compare-and-swap, and measuring has its own threads.
  let last = Promise.resolve();
  const finish = (id: string, runner: Runner, result: RunResult): void => {
    const took = ctx.now() - (since.get(id) ?? ctx.now());
    last = last.then(async () => {
      if (fault) return;
      try {
        const run = await finishRun(ctx, runs.get(id)!, { runner, result, took }, options);
        done.set(id, run);
        options.onDone?.(id, run);
      } catch (error) {
        fault = { error };
        stop.abort();
      }
    });
  };
  const onReport = ({ id, runner, credit, result }: RunReport): void => {
    if (credit === 'credited' || credit === 'given-up') finish(id, byName.get(runner)!, result);
  };
  const onEvent = (id: string, runner: string, event: RunEvent): void => {
    if (event.kind === 'queued') since.set(id, ctx.now());
    options.onEvent?.(id, runner, event);
  };
  const sent = [...runs].map(([id, { request }]) => ({ id, request }));
  const { deadline } = options;
  const limit = deadline === undefined ? {} : { deadline, settings: { lease: deadline + GRACE_MS } };
  try {
    const hosts = runners.map((runner) => ({ runner }));
    const results = await dispatchRuns(hosts, sent, { clock: systemClock, ...limit, signal, onReport, onEvent });
    await last;
    // What no runner can run was sent to none, and is noted nowhere.
    for (const [id, result] of results) {
      if (fault || done.has(id) || result.kind === 'interrupted') continue;
      const run = await finishRun(ctx, runs.get(id)!, { runner: runners[0]!, result, took: 0 }, { record: false });
      done.set(id, run);
      options.onDone?.(id, run);
    }
  } finally {
    await last;
  }
  if (fault) throw fault.error;
  return done;
}
