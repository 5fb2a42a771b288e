import { asMinimised, nonDominatedSort } from '../front.ts';
import type { Fidelity } from '../sampler.ts';
import type { Direction, Trial } from '../trial.ts';

/** The step of the last report; 0 before the first. */
export function reachedBy({ intermediate }: Trial): number {
  return intermediate.at(-1)?.step ?? 0;
}

/**
 * What a trial was worth at a step, small is good: of images the mean of all up to there, of a resolution the report at
 * it. Undefined where it did not report, or not with finite numbers.
 */
export function scoreAt(
  { intermediate }: Trial,
  step: number,
  { kind }: Fidelity,
  directions: readonly Direction[],
): readonly number[] | undefined {
  const reports = intermediate.filter((report) => (kind === 'images' ? report.step <= step : report.step === step));
  if (reports.at(-1)?.step !== step) return undefined;
  const used = kind === 'images' ? reports : reports.slice(-1);
  const means = directions.map((_, k) => used.reduce((sum, { values }) => sum + (values[k] ?? NaN), 0) / used.length);
  return means.every(Number.isFinite) ? asMinimised(means, directions) : undefined;
}

/** Trials of which something is known at a step, best first. */
export interface Standing {
  readonly trial: Trial;
  /** Place among all; of several objectives those of one layer share it. From 0. */
  readonly layer: number;
}

/**
 * Trials in order at a step. Several objectives go by layers of non-dominated points; inside a layer by the sum of the
 * ranks in each objective, then by number. Trials that failed are not there.
 */
export function standings(
  trials: readonly Trial[],
  step: number,
  fidelity: Fidelity,
  directions: readonly Direction[],
): readonly Standing[] {
  const scored = trials.flatMap((trial) => {
    const score = trial.state === 'FAIL' ? undefined : scoreAt(trial, step, fidelity, directions);
    return score ? [{ trial, score }] : [];
  });
  const points = scored.map(({ score }) => score);
  const sums = points.map(() => 0);
  for (const k of directions.keys()) {
    const order = [...points.keys()].sort((a, b) => points[a]![k]! - points[b]![k]!);
    let rank = 0;
    for (const [place, i] of order.entries()) {
      if (place > 0 && points[i]![k]! > points[order[place - 1]!]![k]!) rank = place;
      sums[i]! += rank;
    }
  }
  return nonDominatedSort(points).flatMap((members, layer) =>
    members
      .sort((a, b) => sums[a]! - sums[b]! || scored[a]!.trial.number - scored[b]!.trial.number)
      .map((i) => ({ trial: scored[i]!.trial, layer })),
  );
}
