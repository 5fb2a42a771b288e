import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly wake: () => void;
}

/**
 * A clock whose time passes only while everybody sleeps: once nothing else is to be done, it jumps to the next sleeper.
 * Sleepers wake in the order of their times, those of one time in the order in which they lay down, so that a study
 * goes the same way each time. Real work (files, a network) happens inside `during`, where time stands.
 */
export class VirtualClock implements Clock {
  private time: number;
  private count = 0;
  private working = 0;
  private isPlanned = false;
  private timers: Timer[] = [];

  /** `start`: milliseconds since 1970. */
  constructor(start = 0) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const ended = () => {
        this.timers = this.timers.filter((one) => one !== timer);
        resolve();
      };
      const wake = () => {
        signal?.removeEventListener('abort', ended);
        resolve();
      };
      const timer = { at: this.time + Math.max(0, ms), number: this.count++, wake };
      this.add(timer);
      signal?.addEventListener('abort', ended, { once: true });
      this.plan();
    });
  }

  /** Does real work while time stands. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.working++;
    try {
      return await work();
    } finally {
      this.working--;
      this.plan();
    }
  }

  /** Kept in order: the next one last. */
  private add(timer: Timer): void {
    let low = 0;
    let high = this.timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      // A later one of the same time has the greater number, and stands before.
      if (this.timers[middle]!.at > timer.at) low = middle + 1;
      else high = middle;
    }
    this.timers.splice(low, 0, timer);
  }

  /** All that can go on without time goes first: promises before, and immediates that were set before this one. */
  private plan(): void {
    if (this.isPlanned || this.working > 0 || this.timers.length === 0) return;
    this.isPlanned = true;
    setImmediate(() => {
      this.isPlanned = false;
      if (this.working > 0) return;
      const next = this.timers.pop();
      if (!next) return;
      this.time = next.at;
      next.wake();
      this.plan();
    });
  }
}
