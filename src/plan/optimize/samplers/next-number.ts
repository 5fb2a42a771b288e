import type { Trial } from '../trial.ts';

/** The number that the next trial of a history has: one over the highest. */
export function nextNumber(trials: readonly Trial[]): number {
  return trials.reduce((highest, { number }) => Math.max(highest, number), -1) + 1;
}
