import type { Clock } from '../io/runner/clock.ts';
import { factsOf } from '../io/runner/result.ts';
import type { RunEvent, RunFacts, Runner, RunRequest, RunResult } from '../io/runner/runner.ts';
import { type Action, decide, nextTime } from '../plan/dispatch/decide.ts';
import { needsOf } from '../plan/dispatch/needs.ts';
import { type Credit, type Ended, ended, loaded, told, unreachable } from '../plan/dispatch/report.ts';
import { type Dispatch, emptyDispatch, type Lease, type Settings, submit } from '../plan/dispatch/state.ts';
import { isSilence } from './run-runners.ts';

/** One of several runs. The id is its content: two of one id are one run. */
export interface DispatchedRun {
  readonly id: string;
  readonly request: RunRequest;
}

/** What came of a run on a runner. Only one report of a run is its result; one that is `stale` is a fact and no more. */
export interface RunReport {
  readonly id: string;
  readonly runner: string;
  readonly attempt: number;
  readonly credit: Credit;
  readonly result: RunResult;
}

/** A runner, and how many prompts it runs at once. */
export interface Host {
  readonly runner: Runner;
  readonly workers?: number;
}

/** How runs are dispatched. */
export interface DispatchRunsOptions {
  readonly clock: Clock;
  readonly settings?: Partial<Settings>;
  /** Milliseconds for which all runners may be out of reach once one was in reach. Default ten minutes. */
  readonly patience?: number;
  /** Milliseconds that one run may take on its runner, with the time in the queue there; then it is interrupted. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
  onEvent?(id: string, runner: string, event: RunEvent): void;
  onReport?(report: RunReport): void;
}

/** For which runners may be out of reach. */
export const PATIENCE_MS = 10 * 60_000;

/**
 * Runs all of `runs` on several runners and returns their results by id. What the deciders of plan/dispatch say is done
 * here; a run that was lost is started again elsewhere. Throws RUNNER_UNREACHABLE or RUNNER_ANSWER when no runner can be
 * used, RUNNER_AUTH, and what `Runner.run` throws; all other runs are interrupted then.
 */
export async function dispatchRuns(
  hosts: readonly Host[],
  runs: readonly DispatchedRun[],
  options: DispatchRunsOptions,
): Promise<ReadonlyMap<string, RunResult>> {
  return await new Dispatching(hosts, runs, options).all();
}

class Dispatching {
  private readonly runners: ReadonlyMap<string, Runner>;
  private readonly requests: ReadonlyMap<string, RunRequest>;
  private readonly options: DispatchRunsOptions;
  private readonly results = new Map<string, RunResult>();
  private readonly stops = new Map<string, AbortController>();
  private readonly open = new Set<Promise<void>>();
  private waking = new AbortController();
  private state: Dispatch;
  private wasUp = false;
  private downSince: number | undefined;
  private lastError: unknown;
  private fault: { readonly error: unknown } | undefined;

  constructor(hosts: readonly Host[], runs: readonly DispatchedRun[], options: DispatchRunsOptions) {
    this.runners = new Map(hosts.map(({ runner }) => [runner.name, runner]));
    this.requests = new Map(runs.map(({ id, request }) => [id, request]));
    this.options = options;
    const servers = hosts.map(({ runner, workers }) => ({ name: runner.name, ...(workers ? { workers } : {}) }));
    this.state = runs.reduce(
      (state, { id, request }) => submit(state, { id, needs: needsOf(request.prompt) }),
      emptyDispatch(servers, options.settings),
    );
  }

  async all(): Promise<ReadonlyMap<string, RunResult>> {
    const { clock, signal } = this.options;
    const stopAll = () => this.stopAll();
    signal?.addEventListener('abort', stopAll, { once: true });
    if (signal?.aborted) stopAll();
    try {
      while (this.results.size < this.requests.size) {
        if (signal?.aborted) this.dropWaiting();
        const { state, actions } = decide(this.state, clock.now());
        this.state = state;
        for (const action of actions) this.perform(action);
        if (this.results.size === this.requests.size) break;
        this.checkFault();
        const next = nextTime(this.state) ?? Number.POSITIVE_INFINITY;
        await clock.sleep(Math.min(next, clock.now() + PATIENCE_MS) - clock.now(), this.waking.signal);
        if (this.waking.signal.aborted) this.waking = new AbortController();
        this.checkFault();
      }
      return this.results;
    } finally {
      signal?.removeEventListener('abort', stopAll);
      for (const stop of this.stops.values()) stop.abort();
      // Interrupted runs end in their own time; nothing is left behind that writes later.
      await Promise.all(this.open);
    }
  }

  private perform(action: Action): void {
    if (action.kind === 'start') this.inBackground(this.run(action.lease));
    else if (action.kind === 'ask') this.inBackground(this.ask(action.server));
    else if (action.kind === 'stop') this.stops.get(action.lease.token)?.abort();
    else if (action.kind === 'give-up') {
      this.results.set(action.id, { ...notRun(action.attempts), kind: 'lost', reason: 'unreachable' });
    } else {
      const lacks = action.lacks.join(', ');
      const message = lacks === '' ? 'no runner is left that can run it' : `no runner has ${lacks}`;
      const error = { type: 'not_supported', message, details: '' };
      this.results.set(action.id, { kind: 'refused', status: 400, error, nodeErrors: {} });
    }
  }

  private inBackground(work: Promise<void>): void {
    const task = work
      .catch((error: unknown) => {
        this.fault ??= { error };
      })
      .finally(() => {
        this.open.delete(task);
        this.waking.abort();
      });
    this.open.add(task);
  }

  private async run(lease: Lease): Promise<void> {
    const runner = this.runners.get(lease.server)!;
    const { id } = lease.job;
    const stop = new AbortController();
    this.stops.set(lease.token, stop);
    try {
      const onEvent = (event: RunEvent) => this.options.onEvent?.(id, runner.name, event);
      const { deadline } = this.options;
      const limit = { signal: stop.signal, ...(deadline === undefined ? {} : { deadline }) };
      const result = await runner.run(this.requests.get(id)!, { ...limit, onEvent });
      const report = ended(this.state, lease.token, endOf(result), this.options.clock.now());
      this.state = report.state;
      const { credit } = report;
      if (credit === 'credited' || credit === 'given-up') this.results.set(id, result);
      this.options.onReport?.({ id, runner: runner.name, attempt: lease.attempts, credit, result });
      await this.measure(runner);
    } catch (error) {
      if (!isSilence(error)) throw error;
      this.lastError = error;
      const kind = error.code === 'RUNNER_UNREACHABLE' ? 'unreachable' : 'lost';
      const report = ended(this.state, lease.token, { kind }, this.options.clock.now());
      this.state = report.state;
      if (report.credit === 'given-up') throw error;
    } finally {
      this.stops.delete(lease.token);
    }
  }

  private async ask(name: string): Promise<void> {
    const runner = this.runners.get(name)!;
    try {
      const has = await runner.capabilities(this.options.signal);
      this.state = told(this.state, name, has);
      this.wasUp = true;
      await this.measure(runner);
    } catch (error) {
      if (!isSilence(error)) throw error;
      this.lastError = error;
      this.state = unreachable(this.state, name, this.options.clock.now());
    }
  }

  private async measure(runner: Runner): Promise<void> {
    const load = await runner.load().catch(() => undefined);
    if (!load) return;
    const ours = this.state.leases.filter(({ server }) => server === runner.name).length;
    const { vramFree } = load;
    const foreign = Math.max(0, load.queued - ours);
    this.state = loaded(this.state, runner.name, { foreign, ...(vramFree === undefined ? {} : { vramFree }) });
  }

  private dropWaiting(): void {
    for (const { job, attempts } of this.state.waiting) {
      this.results.set(job.id, { ...notRun(attempts), kind: 'interrupted', by: 'signal', stopped: true });
    }
    this.state = { ...this.state, waiting: [] };
  }

  private stopAll(): void {
    for (const stop of this.stops.values()) stop.abort();
    this.waking.abort();
  }

  private checkFault(): void {
    if (this.fault) throw this.fault.error;
    const now = this.options.clock.now();
    const isDown = this.state.servers.every(({ has, failures }) => has === undefined && failures > 0);
    this.downSince = isDown ? (this.downSince ?? now) : undefined;
    if (this.downSince === undefined) return;
    const patience = this.wasUp ? (this.options.patience ?? PATIENCE_MS) : 0;
    if (now - this.downSince >= patience) throw this.lastError;
  }
}

function endOf(result: RunResult): Ended {
  if (result.kind === 'interrupted') return { kind: result.by === 'others' ? 'interrupted-by-others' : 'interrupted' };
  const ms = result.kind === 'finished' ? result.timings.run : undefined;
  return { kind: result.kind, ...(ms === undefined ? {} : { ms }) };
}

/** The facts of a run that has none. */
function notRun(attempts: number): RunFacts {
  return factsOf({ promptId: '', attempts, nodes: [] });
}
