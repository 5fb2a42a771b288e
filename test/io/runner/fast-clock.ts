import { type Clock, systemClock } from '../../../src/io/runner/clock.ts';

/** A clock that runs ahead: each sleep takes a few real milliseconds, and its own on the clock. */
export interface FastClock extends Clock {
  /** What was slept, one after the other. */
  readonly slept: number[];
}

/** Starts at a round time. `real`: milliseconds that a sleep takes. */
export function fastClock(real = 3): FastClock {
  let now = 5_000_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(() => {
          now += ms;
          slept.push(ms);
          signal?.removeEventListener('abort', woken);
          resolve();
        }, real);
        const woken = () => {
          clearTimeout(timer);
          resolve();
        };
        signal?.addEventListener('abort', woken, { once: true });
      }),
  };
}

/** A clock that goes so many times as fast as that of the machine: for several who sleep at the same time. */
export function scaledClock(times: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}
