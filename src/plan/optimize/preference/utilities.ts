/**
 * Utilities from comparisons of points: a Gaussian process seen through a logistic likelihood, P(a over b) =
 * 1 / (1 + exp(f(b) - f(a))) (Chu and Ghahramani, "Preference learning with Gaussian processes", ICML 2005; the likelihood
 * of Bradley and Terry in the place of the probit). Large is good. A tie counts as half a win each way.
 */

import { dot } from '../../../base/cholesky.ts';
import { matern, maternSlope, pairwise, squaredDelta } from '../gp/kernel.ts';
import type { Predictor } from '../gp/model.ts';
import { minimize, type Smooth } from '../lbfgs.ts';
import { addPair, type Comparison, type Factors, JITTER, propagate, takenBy } from './propagation.ts';

export interface Utilities {
  readonly points: readonly Float64Array[];
  readonly categories: readonly boolean[];
  readonly theta: Float64Array;
  readonly scale: number;
  /** The expected utilities of the points. */
  readonly means: Float64Array;
  /** K^-1 times the means. */
  readonly alpha: Float64Array;
  /** (K + W^-1)^-1 with the precisions W of the comparisons: what they take from a variance. */
  readonly taken: Float64Array;
}

/** Comparisons at which hyperparameters are fitted; between them the last ones stay, which costs little and is fast. */
const STAGES = [10, 16, 25, 40, 64, 100];
const BOUNDS = { theta: [-5, 4], scale: [-2, 5] } as const;
const DEFAULT = { theta: 1, scale: 4 };
/** What is left of the variance of a difference that is believed, as one in so many. */
const BELIEF = 100;

/**
 * The utilities of all points, those that were never compared too. Of the pairs of `believed`, which may hang on the means,
 * the difference counts as known at what is expected of it: somebody is about to tell, and until then their neighbours can
 * wait.
 */
export function fitUtilities(
  points: readonly Float64Array[],
  comparisons: readonly Comparison[],
  categories: readonly boolean[],
  believed: (means: Float64Array) => readonly (readonly [number, number])[] = () => [],
): Utilities {
  const d = categories.length;
  let logs = Float64Array.from({ length: d + 1 }, (_, i) => Math.log(i < d ? DEFAULT.theta : DEFAULT.scale));
  for (const stage of STAGES) {
    if (stage > comparisons.length) break;
    const until = comparisons.slice(0, stage);
    const used = [...new Set(until.flatMap(({ winner, loser }) => [winner, loser]))].sort((a, b) => a - b);
    const place = new Map(used.map((point, i) => [point, i]));
    const moved = until.map((each) => ({ ...each, winner: place.get(each.winner)!, loser: place.get(each.loser)! }));
    const deltas = pairwise(
      used.map((i) => points[i]!),
      categories,
    );
    const side = (k: 0 | 1): Float64Array => logs.map((_, i) => (i < d ? BOUNDS.theta : BOUNDS.scale)[k]);
    const limits = { low: side(0), high: side(1), steps: 10, values: 14, slope: 0.05 };
    logs = Float64Array.from(minimize(evidenceOf(deltas, used.length, moved), logs, limits).x);
  }
  const theta = logs.slice(0, d).map(Math.exp);
  const scale = Math.exp(logs[d]!);
  const n = points.length;
  const kernel = kernelMatrix(pairwise(points, categories), n, theta, scale);
  const { means, alpha, precision } = propagate(kernel, n, comparisons);
  for (const [a, b] of believed(means)) addPair(precision, n, a, b, BELIEF / scale);
  return { points, categories, theta, scale, means, alpha, taken: takenBy(kernel, n, precision) };
}

/**
 * How much worse than `champion` a point is expected to be, with the variance of the difference: what decides whether it
 * is worth asking about. Seen alone, neighbours of the champion look uncertain, and are not: they share its uncertainty.
 */
export function behind(utilities: Utilities, champion: Float64Array): Predictor {
  const { points, categories, theta, scale, alpha, taken } = utilities;
  const n = points.length;
  const d = categories.length;
  const distance = (a: Float64Array, b: Float64Array): number => {
    let q = 0;
    for (let i = 0; i < d; i++) q += theta[i]! * squaredDelta(a[i]!, b[i]!, categories[i]!);
    return q;
  };
  const own = Float64Array.from(points, (point) => scale * matern(distance(point, champion)));
  const apart = new Float64Array(n);
  const weight = new Float64Array(n);
  const state = (point: Float64Array): number => {
    for (let a = 0; a < n; a++) apart[a] = scale * matern(distance(point, points[a]!)) - own[a]!;
    let fallen = 0;
    for (let a = 0; a < n; a++) {
      weight[a] = dot(taken, a * n, apart, 0, n);
      fallen += weight[a]! * apart[a]!;
    }
    const prior = 2 * scale * (1 - matern(distance(point, champion)));
    self.variance = Math.max(1e-10, prior - fallen);
    return -dot(apart, 0, alpha, 0, n);
  };
  const self: Predictor = {
    variance: 0,
    most: 0,
    at: state,
    guess(point) {
      const mean = state(point);
      self.most = self.variance;
      return mean;
    },
    finish() {},
    slopes(point, byMean, byVariance) {
      const mean = state(point);
      const own = -4 * scale * maternSlope(distance(point, champion));
      for (let a = 0; a <= n; a++) {
        const other = a < n ? points[a]! : champion;
        const bend = a < n ? 2 * scale * maternSlope(distance(point, other)) : 0;
        for (let i = 0; i < d; i++) {
          const off = categories[i]! ? Number.NaN : point[i]! - other[i]!;
          if (Number.isNaN(off)) continue;
          if (a < n) {
            byMean[i] = byMean[i]! - alpha[a]! * bend * theta[i]! * off;
            byVariance[i] = byVariance[i]! - 2 * weight[a]! * bend * theta[i]! * off;
          } else byVariance[i] = byVariance[i]! + own * theta[i]! * off;
        }
      }
      return mean;
    },
  };
  return self;
}

/**
 * Minus the logarithm of the evidence times the priors of the plain model, as a function of the logarithms of theta and
 * scale, with its gradient: at the factors that stay it is that of the covariance alone.
 */
export function evidenceOf(deltas: readonly Float64Array[], n: number, comparisons: readonly Comparison[]): Smooth {
  const d = deltas.length;
  let factors: Factors | undefined;
  return (logs, gradient) => {
    const theta = logs.slice(0, d).map(Math.exp);
    const scale = Math.exp(logs[d]!);
    const kernel = kernelMatrix(deltas, n, theta, scale);
    const found = propagate(kernel, n, comparisons, factors);
    factors = found.factors;
    const { alpha } = found;
    const taken = takenBy(kernel, n, found.precision);
    let value = found.evidence - Math.log(scale) + scale / 4;
    gradient.fill(0);
    gradient[d] = scale / 4 - 1;
    let pair = 0;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b <= a; b++) {
        // Every pair stands twice, and the half in front takes one away.
        const by = (a === b ? 0.5 : 1) * (taken[a * n + b]! - alpha[a]! * alpha[b]!);
        gradient[d] = gradient[d]! + by * kernel[a * n + b]!;
        if (a === b) continue;
        let q = 0;
        for (let i = 0; i < d; i++) q += theta[i]! * deltas[i]![pair]!;
        const bend = by * scale * maternSlope(q);
        for (let i = 0; i < d; i++) gradient[i] = gradient[i]! + bend * theta[i]! * deltas[i]![pair]!;
        pair++;
      }
    }
    theta.forEach((each, i) => {
      value += 0.1 / each + 0.1 * each;
      gradient[i] = gradient[i]! - 0.1 / each + 0.1 * each;
    });
    return value;
  };
}

function kernelMatrix(deltas: readonly Float64Array[], n: number, theta: Float64Array, scale: number): Float64Array {
  const out = new Float64Array(n * n);
  let pair = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++, pair++) {
      let q = 0;
      for (let i = 0; i < theta.length; i++) q += theta[i]! * deltas[i]![pair]!;
      out[a * n + b] = scale * matern(q);
      out[b * n + a] = out[a * n + b]!;
    }
    out[a * n + a] = scale * (1 + JITTER);
  }
  return out;
}
