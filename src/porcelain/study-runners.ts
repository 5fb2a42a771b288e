import type { CwfError } from '../base/errors.ts';
import { type Clock, systemClock } from '../io/runner/clock.ts';
import type { Definitions, Runner } from '../io/runner/runner.ts';
import { pauseAfter } from '../plan/dispatch/report.ts';
import { PATIENCE_MS } from './dispatch-runs.ts';
import { isSilence, type KnownRunner } from './run-runners.ts';

/** How the runners of a study are watched. */
export interface StudyRunnersOptions {
  readonly clock?: Clock;
  /** Nobody waits for a runner any more that does not answer. */
  readonly signal?: AbortSignal;
  /** Why a runner is of no use for the study; undefined for one that is. */
  judge?(known: KnownRunner): Promise<string | undefined>;
  onRemark?(text: string): void;
}

/** One of the runners: free, in somebody's hands, out of reach, or of no use. */
interface Place {
  known: KnownRunner;
  state: 'free' | 'held' | 'lost' | 'useless';
  /** Whether it ever said what it has. */
  hasAnswered: boolean;
  /** By the clock, while it is lost. */
  lostAt: number;
  reason: string;
}

interface Waiting {
  readonly wanted: Runner | undefined;
  readonly resolve: (place: Place | undefined) => void;
}

/**
 * The runners of a study, each in the hands of one trial at a time. One that does not answer is asked until it does, and
 * nobody has it before that. [ST-14, ST-29]
 */
export class StudyRunners {
  private readonly clock: Clock;
  private readonly options: StudyRunnersOptions;
  private readonly closing = new AbortController();
  private readonly places: Place[] = [];
  private waiting: Waiting[] = [];

  private constructor(options: StudyRunnersOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    if (options.signal?.aborted) this.close();
    options.signal?.addEventListener('abort', this.close);
  }

  /**
   * Asks runners for their classes. Those that do not answer are asked on, as long as one does; those that are of no use
   * are left out, as long as one is. Throws what the first one throws when none answers, and RUNNER_AUTH.
   */
  static async open(runners: readonly Runner[], options: StudyRunnersOptions = {}): Promise<StudyRunners> {
    const opened = new StudyRunners(options);
    try {
      await opened.ask(runners);
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  }

  get count(): number {
    return this.places.length;
  }

  /** Why nothing can be run at all: what the last one said that was lost. Undefined while something can. */
  get outage(): string | undefined {
    if (this.places.some(({ state }) => state === 'free' || state === 'held')) return undefined;
    return this.places.toSorted((a, b) => b.lostAt - a.lostAt)[0]?.reason;
  }

  /** @internal Those that may have a trial, now or later, the free ones first. */
  get useful(): KnownRunner[] {
    const order = ['free', 'held', 'lost'];
    const places = this.places.filter(({ state, hasAnswered }) => hasAnswered && state !== 'useless');
    return places.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)).map(({ known }) => known);
  }

  /** @internal The one with the most memory of those that answer, where that is more than this one has; as far as they tell. */
  async larger(than: Runner): Promise<Runner | undefined> {
    const own = await memoryOf(than);
    let [best, most]: [Runner | undefined, number] = [undefined, own];
    for (const { known, state } of own > 0 ? this.places : []) {
      const memory = state === 'free' || state === 'held' ? await memoryOf(known.runner) : 0;
      if (memory > most) [best, most] = [known.runner, memory];
    }
    return best;
  }

  /** A place for one that has none yet. */
  seat(): Seat {
    return new Seat(this);
  }

  /** Nobody waits any more for what does not answer. */
  readonly close = (): void => {
    this.options.signal?.removeEventListener('abort', this.close);
    this.closing.abort();
    this.serve();
  };

  /**
   * @internal A free runner, the wanted one or any. Undefined where none can come any more. Those who want a certain one,
   * or have a trial already, are served first.
   */
  take(wanted: Runner | undefined, isFirst: boolean): Promise<Place | undefined> {
    return new Promise((resolve) => {
      const one = { wanted, resolve };
      if (isFirst) this.waiting.unshift(one);
      else this.waiting.push(one);
      this.serve();
    });
  }

  /** @internal */
  give(place: Place): void {
    place.state = 'free';
    this.serve();
  }

  /** @internal */
  lose(place: Place, reason: string): void {
    Object.assign(place, { state: 'lost', reason, lostAt: this.clock.now() });
    void this.askAgain(place);
    this.serve();
  }

  private async ask(runners: readonly Runner[]): Promise<void> {
    let first: CwfError | undefined;
    for (const runner of runners) {
      const known = { runner, definitions: undefined };
      const place: Place = { known, state: 'free', hasAnswered: false, lostAt: 0, reason: '' };
      try {
        await this.learn(place, await runner.definitions(this.options.signal));
      } catch (error) {
        if (!isSilence(error)) throw error;
        first ??= error;
        Object.assign(place, { state: 'lost', reason: error.message });
      }
      this.places.push(place);
    }
    if (first && this.places.every(({ state }) => state === 'lost')) throw first;
    const useless = this.places.filter(({ state }) => state === 'useless');
    // Where none takes it, each trial tells why.
    if (!this.places.some(({ state }) => state === 'free')) for (const place of useless) place.state = 'free';
    else for (const { known, reason } of useless) this.remark(`${known.runner.name} is left out: ${reason}`);
    for (const place of this.places.filter(({ state }) => state === 'lost')) {
      this.remark(`${place.reason}; it is asked again`);
      this.lose(place, place.reason);
    }
  }

  /** What a runner has now, and whether that is of use. */
  private async learn(place: Place, definitions: Definitions | undefined): Promise<void> {
    place.known = { runner: place.known.runner, definitions };
    place.hasAnswered = true;
    const fault = await this.options.judge?.(place.known);
    place.state = fault === undefined ? 'free' : 'useless';
    place.reason = fault ?? '';
  }

  private async askAgain(place: Place): Promise<void> {
    const { signal } = this.closing;
    const { runner } = place.known;
    for (let failures = 0; ; failures++) {
      await this.clock.sleep(pauseAfter(failures), signal);
      if (signal.aborted) return;
      try {
        await this.learn(place, await runner.definitions(signal));
        const said = place.reason === '' ? 'answers again' : `answers again, and is left out: ${place.reason}`;
        this.remark(`${runner.name} ${said}`);
        return this.serve();
      } catch (error) {
        if (!isSilence(error)) {
          Object.assign(place, { state: 'useless', reason: error instanceof Error ? error.message : String(error) });
          return this.serve();
        }
        this.serve();
      }
    }
  }

  /** Gives free runners to those who wait, and nothing to those who wait for nothing. */
  private serve(): void {
    const before = this.waiting;
    this.waiting = [];
    for (const one of before) {
      const fitting = this.places.filter(({ known }) => one.wanted === undefined || known.runner === one.wanted);
      const free = fitting.find(({ state }) => state === 'free');
      if (free) free.state = 'held';
      if (free || !fitting.some((place) => this.canCome(place))) one.resolve(free);
      else this.waiting.push(one);
    }
  }

  private canCome({ state, lostAt }: Place): boolean {
    if (state !== 'lost') return state === 'held';
    return !this.closing.signal.aborted && this.clock.now() - lostAt <= PATIENCE_MS;
  }

  private remark(text: string): void {
    this.options.onRemark?.(text);
  }
}

/** The place of whoever runs trials one after the other: on a runner, or on none for a while. */
export class Seat {
  private readonly runners: StudyRunners;
  private place: Place | undefined;

  /** @internal */
  constructor(runners: StudyRunners) {
    this.runners = runners;
  }

  /** The runner that is held. */
  get known(): KnownRunner {
    if (!this.place) throw new Error('no runner is held');
    return this.place.known;
  }

  /** All that could be held, this one first, then the free ones. */
  get choice(): KnownRunner[] {
    return [this.known, ...this.runners.useful.filter((one) => one !== this.known)];
  }

  /** Waits for any runner, to begin with something. False where none can come any more. */
  take(): Promise<boolean> {
    return this.has(this.place ?? this.runners.take(undefined, false));
  }

  /** One with more memory than this, where there is such a one. */
  larger(): Promise<Runner | undefined> {
    return this.runners.larger(this.known.runner);
  }

  /** Gives the runner back for another one. False where that cannot be had any more. */
  async move(to: Runner): Promise<boolean> {
    this.give();
    return this.has(this.runners.take(to, true));
  }

  /** The runner does not answer: waits for any that does, maybe this one again. False where none can come any more. */
  async leave(reason: string): Promise<boolean> {
    const { place } = this;
    this.place = undefined;
    if (place) this.runners.lose(place, reason);
    return this.has(this.runners.take(undefined, true));
  }

  /** Lets others have the runner. */
  give(): void {
    const { place } = this;
    this.place = undefined;
    if (place) this.runners.give(place);
  }

  private async has(place: Place | undefined | Promise<Place | undefined>): Promise<boolean> {
    this.place = await place;
    return this.place !== undefined;
  }
}

/** Bytes of the largest device; 0 where it does not say. */
async function memoryOf(runner: Runner): Promise<number> {
  const devices = await runner.capabilities().then(
    ({ environment }) => environment.devices,
    () => [],
  );
  return Math.max(0, ...devices.map(({ vramTotal = 0 }) => vramTotal));
}
