import { isCwfError } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Clock } from '../clock.ts';
import { factsOf, type Known, resultOf } from '../result.ts';
import type { RunEvent, RunRequest, RunResult, SampledMemory } from '../runner.ts';
import { readRecord } from '../status-messages.ts';
import type { Watch } from '../watch.ts';
import type { Server } from './address.ts';
import { backoff } from './backoff.ts';
import type { HttpLimits } from './http.ts';
import { cancelJob, isBlank, type JobState, type JobsApi, jobState } from './jobs.ts';
import { greatest, readStats, type Stats } from './system.ts';

/** What a prompt is followed with. */
export interface World {
  readonly server: Server;
  readonly clock: Clock;
  readonly limits: HttpLimits;
  readonly api: JobsApi;
  readonly watch: Watch;
  readonly stats: Stats | undefined;
  random(): number;
}

/** What one attempt is bound by. */
export interface Trip {
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** A time of the clock. */
  readonly endsBy?: number;
  emit(event: RunEvent): void;
}

/** A prompt that is in the queue, or may be. */
export interface Queued {
  readonly promptId: string;
  /** Ours, by which a prompt under an id of the server is known for ours. */
  readonly clientId: string;
  /** What the server did not like of it and left out. */
  readonly nodeErrors: JsonObject;
}

/** Milliseconds: between questions, */
const POLL_MS = 1_000;
/** between questions once the end was heard of, */
const SOON_MS = 100;
/** for the history to be written after that, */
const HISTORY_MS = 2_000;
/** for a server to stop what it was asked to stop, */
const STOP_MS = 10_000;
/** and for one that does not answer. It takes 9 s to start again, with many node packs some minutes. */
const UNREACHABLE_MS = 180_000;
/** How often in a row a prompt must be nowhere. */
const ABSENT_TIMES = 2;

type Ended = Extract<JobState, { kind: 'ended' }>;

/**
 * Follows a prompt to its end by asking the server; what comes over the socket only makes the next question come
 * sooner. Throws RUNNER_AUTH when the server no longer lets us ask.
 */
export async function follow(world: World, queued: Queued, request: RunRequest, trip: Trip): Promise<RunResult> {
  const wake = () => world.watch.wake();
  if (trip.signal.aborted) wake();
  trip.signal.addEventListener('abort', wake, { once: true });
  world.watch.follow(queued.promptId);
  try {
    return await new Following(world, queued, request, trip).end();
  } finally {
    trip.signal.removeEventListener('abort', wake);
  }
}

class Following {
  private readonly world: World;
  private readonly queued: Queued;
  private readonly request: RunRequest;
  private readonly trip: Trip;
  private memory: SampledMemory | undefined;
  private state: JobState['kind'] = 'pending';
  private absent = 0;
  private failures = 0;
  private answeredAt: number;
  private isBroken = false;
  private stop: { readonly by: 'signal' | 'deadline'; readonly until: number; told?: JobState['kind'] } | undefined;

  constructor(world: World, queued: Queued, request: RunRequest, trip: Trip) {
    this.world = world;
    this.queued = queued;
    this.request = request;
    this.trip = trip;
    this.answeredAt = world.clock.now();
  }

  async end(): Promise<RunResult> {
    for (;;) {
      await this.world.watch.wait(this.pause());
      this.stopIfAsked();
      try {
        const state = await this.ask();
        this.failures = 0;
        this.answeredAt = this.now();
        if (state.kind === 'ended') return this.isOurs(state) ? this.ended(state) : this.lost('gone');
        if (state.kind === 'absent' && this.isGone()) return await this.gone();
        if (state.kind !== 'absent') this.absent = 0;
        this.state = state.kind;
        await this.interrupt();
        if (state.kind === 'running') {
          this.world.watch.start();
          await this.sample();
        }
      } catch (error) {
        if (!isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER')) throw error;
        this.failures++;
        this.isBroken ||= error.code === 'RUNNER_UNREACHABLE';
        if (this.now() - this.answeredAt > UNREACHABLE_MS) return this.lost('unreachable');
      }
      if (this.stop && this.now() >= this.stop.until) return this.interrupted(this.stop.by, false);
    }
  }

  private now(): number {
    return this.world.clock.now();
  }

  private ask(): Promise<JobState> {
    const { server, api, limits } = this.world;
    return jobState(server, this.queued.promptId, api, limits);
  }

  private pause(): number {
    const { endsBy } = this.trip;
    const until = this.stop?.until ?? endsBy ?? Number.POSITIVE_INFINITY;
    const left = Math.max(1, until - this.now());
    if (this.failures > 0) return Math.min(left, backoff(this.failures, this.world.random()));
    return Math.min(left, this.isEndNear() ? SOON_MS : POLL_MS);
  }

  /** Whether the end was heard of a moment ago: the history is written after the message. */
  private isEndNear(): boolean {
    const { endedAt } = this.world.watch;
    return endedAt !== undefined && this.now() - endedAt <= HISTORY_MS;
  }

  private isGone(): boolean {
    this.absent++;
    return this.absent >= ABSENT_TIMES && !this.isEndNear();
  }

  private stopIfAsked(): void {
    if (this.stop) return;
    const { signal, endsBy } = this.trip;
    const isLate = endsBy !== undefined && this.now() >= endsBy;
    if (!signal.aborted && !isLate) return;
    this.stop = { by: signal.aborted ? 'signal' : 'deadline', until: this.now() + STOP_MS };
  }

  /** Once for each place where the prompt is: asked twice, some servers interrupt the next one. */
  private async interrupt(): Promise<void> {
    if (!this.stop || this.stop.told === this.state || this.state === 'absent') return;
    const { server, api, limits } = this.world;
    await cancelJob(server, this.queued.promptId, this.state, api, limits);
    this.stop.told = this.state;
  }

  private async sample(): Promise<void> {
    if (!this.world.stats?.memory) return;
    const { server, limits } = this.world;
    const stats = await readStats(server, limits).catch(() => undefined);
    this.memory = greatest(this.memory, stats?.memory);
  }

  /** Gone after we asked for it is what we asked for: a prompt taken out of the queue leaves nothing. */
  private async gone(): Promise<RunResult> {
    if (this.stop?.told !== undefined) return this.interrupted(this.stop.by, true);
    const { server, limits, watch } = this.world;
    const restarted = (this.isBroken || watch.isDropped) && (await isBlank(server, limits));
    return this.lost(restarted ? 'restarted' : 'gone');
  }

  private isOurs({ client }: Ended): boolean {
    return client === undefined || client === this.queued.clientId;
  }

  private ended({ status, outputs, createdAt }: Ended): RunResult {
    const booked = { record: readRecord(status), outputs, createdAt };
    const { nodeErrors } = this.queued;
    const wanted = this.request.expected ?? [];
    return resultOf(this.known(), booked, { wanted, nodeErrors, stoppedBy: this.stop?.by });
  }

  private lost(reason: 'gone' | 'restarted' | 'unreachable'): RunResult {
    return { ...factsOf(this.known()), kind: 'lost', reason };
  }

  private interrupted(by: 'signal' | 'deadline', stopped: boolean): RunResult {
    return { ...factsOf(this.known()), kind: 'interrupted', by, stopped };
  }

  private known(): Known {
    const { watch, stats } = this.world;
    const { promptId } = this.queued;
    const { memory } = this;
    return { promptId, attempts: this.trip.attempt, nodes: watch.nodes, memory, environment: stats?.environment };
  }
}
