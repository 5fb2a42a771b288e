import { dominates, hypervolume } from '../front.ts';
import { type Measured, measuredTrials, type Results } from './best.ts';

/** What was known after a trial. */
export interface Step {
  readonly number: number;
  /** The best feasible value so far, or the hypervolume of the front so far. */
  readonly value: number;
  /** Whether this trial made it so. */
  readonly isBetter: boolean;
}

/** The best feasible value of one objective after each measured trial, from the first feasible one on. [PL-3] */
export function bestSoFar(results: Results, objective = 0): Step[] {
  let best: Measured | undefined;
  return measuredTrials(results).flatMap((one) => {
    const isBetter = one.violation === 0 && (!best || one.losses[objective]! < best.losses[objective]!);
    if (isBetter) best = one;
    return best ? [{ number: one.trial.number, value: best.values[objective]!, isBetter }] : [];
  });
}

/**
 * The hypervolume of the feasible front after each measured trial. Without a reference point of the study the point is
 * `defaultReference`: then the numbers compare trials of this study alone. [PL-3]
 */
export function hypervolumeSoFar(results: Results, reference?: readonly number[]): Step[] {
  const measured = measuredTrials(results);
  const corner = reference
    ? reference.map((value, i) => (results.directions[i] === 'maximize' ? -value : value))
    : defaultReference(measured);
  let front: (readonly number[])[] = [];
  let value = 0;
  return measured.map(({ trial, losses, violation }) => {
    const isNew = violation === 0 && !front.some((other) => dominates(other, losses) || isSame(other, losses));
    const before = value;
    if (isNew) {
      front = [...front.filter((other) => !dominates(losses, other)), losses];
      // It never shrinks, though its rounding may; of the greatest numbers there are it is not known.
      value = Math.max(value, hypervolume(front, corner) || 0);
    }
    return { number: trial.number, value, isBetter: value > before };
  });
}

/** A reference point where nobody gave one, minimised: the worst of each objective and a tenth of its range more. */
export function defaultReference(measured: readonly Measured[]): number[] {
  const size = measured[0]?.losses.length ?? 0;
  return Array.from({ length: size }, (_, k) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { losses } of measured) {
      low = Math.min(low, losses[k]!);
      high = Math.max(high, losses[k]!);
    }
    return high + 0.1 * (high - low || Math.abs(high) || 1);
  });
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value === b[i]);
}
