import { normalQuantile } from '../../base/normal.ts';
import type { Fit } from './fit.ts';

/** One candidate of a ranking. */
export interface Ranked {
  readonly id: string;
  /** 1 is best; candidates of equal score share the better rank. */
  readonly rank: number;
  /** Ranks it may really have: all of these intervals hold at once with the probability that was asked for. */
  readonly rankFrom: number;
  readonly rankTo: number;
  /** Score in logits; the mean of all is 0. */
  readonly score: number;
  /** Standard error of the score, in logits. */
  readonly error: number;
  /** Chance to be chosen over one of average score, where one of the two is. */
  readonly chance: number;
}

/** Scores that differ by less than the search for them leaves open are equal. */
const SAME = 1e-6;

/**
 * The candidates, best first. A rank interval leaves out the ranks of those that are surely better or surely worse: of
 * all pairs together, with Šidák's correction, which holds for normal variables of any correlation (Šidák, JASA 62,
 * 1967; intervals of ranks from those of differences: Klein, Wright and Wieczorek, JRSS A 183, 2020).
 */
export function rankCandidates({ candidates, scores, covariance }: Fit, confidence = 0.95): Ranked[] {
  const n = candidates.length;
  const pairs = Math.max(1, (n * (n - 1)) / 2);
  const sure = normalQuantile((1 + confidence ** (1 / pairs)) / 2);
  const isSurelyBetter = (i: number, j: number): boolean =>
    scores[i]! - scores[j]! > sure * Math.sqrt(differenceVariance(covariance, n, i, j));
  const order = [...candidates.keys()].sort((i, j) =>
    Math.abs(scores[i]! - scores[j]!) < SAME ? i - j : scores[j]! - scores[i]!,
  );
  return order.map((i) => {
    const others = order.filter((j) => j !== i);
    return {
      id: candidates[i]!,
      rank: 1 + others.filter((j) => scores[j]! - scores[i]! >= SAME).length,
      rankFrom: 1 + others.filter((j) => isSurelyBetter(j, i)).length,
      rankTo: n - others.filter((j) => isSurelyBetter(i, j)).length,
      score: scores[i]!,
      error: Math.sqrt(covariance[i * n + i]!),
      chance: 1 / (1 + Math.exp(-scores[i]!)),
    };
  });
}

/** Variance of the difference of two scores. */
export function differenceVariance(covariance: Float64Array, n: number, i: number, j: number): number {
  return Math.max(0, covariance[i * n + i]! + covariance[j * n + j]! - 2 * covariance[i * n + j]!);
}
