import type { Clock } from './clock.ts';
import type { RunOptions } from './runner.ts';

/** Why a run is to end early. */
export type StoppedBy = 'signal' | 'deadline';

/** What ends a run early: its signal, the end of its runner, its deadline. `done` must be called once it is over. */
export interface Limit {
  readonly signal: AbortSignal;
  /** What came first; undefined as long as nothing did. */
  by(): StoppedBy | undefined;
  done(): void;
}

/** Starts the deadline of a run by a clock. */
export function startLimit(clock: Clock, options: RunOptions, closing: AbortSignal): Limit {
  const ends = new AbortController();
  const over = new AbortController();
  let first: StoppedBy | undefined;
  const end = (by: StoppedBy) => {
    if (over.signal.aborted) return;
    first ??= by;
    ends.abort();
  };
  const aborted = () => end('signal');
  // A signal of its own: one that many runs share would warn of its many listeners.
  const stop = AbortSignal.any([closing, ...(options.signal ? [options.signal] : [])]);
  if (stop.aborted) aborted();
  stop.addEventListener('abort', aborted, { once: true });
  if (options.deadline !== undefined) void clock.sleep(options.deadline, over.signal).then(() => end('deadline'));
  return {
    signal: ends.signal,
    by: () => first,
    done: () => {
      over.abort();
      stop.removeEventListener('abort', aborted);
    },
  };
}
