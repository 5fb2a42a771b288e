/**
 * What makes a point worth trying, as functions of what the models say about it. All are logarithms, since far from the
 * data the chances themselves are too small for numbers (Ament et al., "Unexpected improvements to expected
 * improvement", arXiv 2310.20708).
 */

import { logNormalCdf, mills, normalCdf, normalDensity } from '../../../base/normal.ts';

/**
 * A score to be made as large as may be, from one mean and one deviation for each model; adds its derivatives to
 * `byMean` and `byDeviation`.
 */
export interface Score {
  (means: Float64Array, deviations: Float64Array, byMean: Float64Array, byDeviation: Float64Array): number;
  /** No less than the score with these means and any deviations up to these; absent where nothing is known of that. */
  readonly most?: (means: Float64Array, deviations: Float64Array) => number;
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * log(z Phi(z) + phi(z)): the expected part of a standard normal variable below z. In the tail the two terms cancel, and
 * it is phi(z) (1 + z mills(-z)); far out that cancels too, and is 1/z^2 to first order.
 */
export function logExpectedExcess(z: number): number {
  if (z > -3.5) return Math.log(z * normalCdf(z) + normalDensity(z));
  const log = -0.5 * z * z - HALF_LOG_TWO_PI;
  return z > -1000 ? log + Math.log1p(z * mills(-z)) : log - 2 * Math.log(-z);
}

/** Log expected improvement of model `index` below `best`. */
export function logExpectedImprovement(best: number, index = 0): Score {
  const score: Score = (means, deviations, byMean, byDeviation) => {
    const deviation = deviations[index]!;
    const z = (best - means[index]!) / deviation;
    const log = logExpectedExcess(z);
    byMean[index] = byMean[index]! - Math.exp(logNormalCdf(z) - log) / deviation;
    byDeviation[index] = byDeviation[index]! + Math.exp(-0.5 * z * z - HALF_LOG_TWO_PI - log) / deviation;
    return log + Math.log(deviation);
  };
  // The less is known, the more may be gained.
  const most: Score['most'] = (means, deviations) =>
    logExpectedExcess((best - means[index]!) / deviations[index]!) + Math.log(deviations[index]!);
  return Object.assign(score, { most });
}

/** Log chance that model `index` stays below `limit`. */
export function logChanceBelow(limit: number, index: number): Score {
  const score: Score = (means, deviations, byMean, byDeviation) => {
    const deviation = deviations[index]!;
    const z = (limit - means[index]!) / deviation;
    const log = logNormalCdf(z);
    const slope = Math.exp(-0.5 * z * z - HALF_LOG_TWO_PI - log) / deviation;
    byMean[index] = byMean[index]! - slope;
    byDeviation[index] = byDeviation[index]! - z * slope;
    return log;
  };
  const most: Score['most'] = (means, deviations) =>
    limit >= means[index]! ? 0 : logNormalCdf((limit - means[index]!) / deviations[index]!);
  return Object.assign(score, { most });
}

/** The sum: the product of what the scores are logarithms of. */
export function sumOf(scores: readonly Score[]): Score {
  const sum: Score = (means, deviations, byMean, byDeviation) => {
    let total = 0;
    for (const score of scores) total += score(means, deviations, byMean, byDeviation);
    return total;
  };
  const bounds = scores.flatMap(({ most }) => (most ? [most] : []));
  if (bounds.length < scores.length) return sum;
  const most: Score['most'] = (means, deviations) => {
    let total = 0;
    for (const each of bounds) total += each(means, deviations);
    return total;
  };
  return Object.assign(sum, { most });
}
