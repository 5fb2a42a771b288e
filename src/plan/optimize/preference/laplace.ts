/**
 * Utilities from comparisons of points: a Gaussian process seen through a logistic likelihood, P(a over b) =
 * 1 / (1 + exp(f(b) - f(a))), by Laplace's approximation (Chu and Ghahramani, "Preference learning with Gaussian
 * processes", ICML 2005; the likelihood of Bradley and Terry in the place of the probit). Large is good. A tie counts as
 * half a win each way.
 */

import { cholesky, dot, type Factor, factorInPlace, inverse, solve } from '../../../base/cholesky.ts';
import { matern, maternSlope, pairwise, squaredDelta } from '../gp/kernel.ts';
import type { Predictor } from '../gp/model.ts';
import { minimize } from '../lbfgs.ts';

/** The first was preferred to the second, as indexes of points; with `isTie` neither was. */
export interface Comparison {
  readonly winner: number;
  readonly loser: number;
  readonly isTie?: boolean;
}

export interface Utilities {
  readonly points: readonly Float64Array[];
  readonly categories: readonly boolean[];
  readonly theta: Float64Array;
  readonly scale: number;
  /** The most probable utilities of the points. */
  readonly means: Float64Array;
  /** K^-1 times the means. */
  readonly alpha: Float64Array;
  /** (K + W^-1)^-1 with the curvature W of the likelihood, as W - W (K^-1 + W)^-1 W: what comparisons take from a variance. */
  readonly taken: Float64Array;
}

const JITTER = 1e-6;
const NEWTON = { steps: 30, enough: 1e-8 };
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
    logs = refine(
      pairwise(
        used.map((i) => points[i]!),
        categories,
      ),
      used.length,
      moved,
      logs,
    );
  }
  const theta = logs.slice(0, d).map(Math.exp);
  const scale = Math.exp(logs[d]!);
  const n = points.length;
  const mode = laplace(kernelMatrix(pairwise(points, categories), n, theta, scale), n, comparisons);
  const { means, alpha, factor, curvature } = mode;
  for (const [a, b] of believed(means)) addPair(curvature, n, a, b, BELIEF / scale);
  const inverted = inverse(factor);
  const covariance = inverse(
    cholesky(
      inverted.map((value, i) => value + curvature[i]!),
      n,
    )!,
  );
  const through = product(product(curvature, covariance, n), curvature, n);
  const taken = curvature.map((value, i) => value - through[i]!);
  return { points, categories, theta, scale, means, alpha, taken };
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
    at: state,
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

interface Mode {
  readonly means: Float64Array;
  readonly alpha: Float64Array;
  readonly factor: Factor;
  /** The second derivatives of minus the log likelihood. */
  readonly curvature: Float64Array;
  /** Laplace's approximation of minus the logarithm of the evidence. */
  readonly evidence: number;
}

/** Newton's method for the most probable utilities, with halved steps. */
function laplace(kernel: Float64Array, n: number, comparisons: readonly Comparison[]): Mode {
  const lower = Float64Array.from(kernel);
  for (let noise = JITTER; !factorInPlace(lower, n); noise *= 10) {
    lower.set(kernel);
    for (let a = 0; a < n; a++) lower[a * n + a] = lower[a * n + a]! + noise * kernel[0]!;
  }
  const factor = { size: n, lower };
  const inverted = inverse(factor);
  let means = new Float64Array(n);
  let at = likelihood(means, comparisons);
  let alpha = new Float64Array(n);
  let value = at.value;
  let precision: Factor | undefined;
  for (let step = 0; step < NEWTON.steps; step++) {
    precision = cholesky(
      inverted.map((each, i) => each + at.curvature[i]!),
      n,
    )!;
    const move = solve(
      precision,
      at.gradient.map((each, i) => each - alpha[i]!),
    );
    let isBetter = false;
    for (let size = 1; size > 1e-4 && !isBetter; size /= 2) {
      const next = means.map((each, i) => each + size * move[i]!);
      const there = likelihood(next, comparisons);
      const nextAlpha = next.map((_, a) => dot(inverted, a * n, next, 0, n));
      const nextValue = there.value + 0.5 * dot(next, 0, nextAlpha, 0, n);
      isBetter = nextValue < value - NEWTON.enough;
      if (isBetter) [means, at, alpha, value] = [next, there, nextAlpha, nextValue];
    }
    if (!isBetter) break;
  }
  precision = cholesky(
    inverted.map((each, i) => each + at.curvature[i]!),
    n,
  )!;
  let evidence = value;
  for (let a = 0; a < n; a++) evidence += Math.log(precision.lower[a * n + a]!) + Math.log(lower[a * n + a]!);
  return { means, alpha, factor, curvature: at.curvature, evidence };
}

/** Minus the log likelihood; its gradient with the sign turned, its second derivatives. */
function likelihood(f: Float64Array, comparisons: readonly Comparison[]) {
  const n = f.length;
  const gradient = new Float64Array(n);
  const curvature = new Float64Array(n * n);
  let value = 0;
  for (const { winner, loser, isTie } of comparisons) {
    const gap = f[winner]! - f[loser]!;
    const log = gap > 0 ? Math.log1p(Math.exp(-gap)) : Math.log1p(Math.exp(gap)) - gap;
    value += isTie ? log + 0.5 * gap : log;
    const chance = Math.exp(-log);
    const pull = (isTie ? 0.5 : 1) - chance;
    gradient[winner] = gradient[winner]! + pull;
    gradient[loser] = gradient[loser]! - pull;
    const weight = chance * (1 - chance);
    addPair(curvature, n, winner, loser, weight);
  }
  return { value, gradient, curvature };
}

/** Adds what is known of the difference of two to second derivatives. */
function addPair(curvature: Float64Array, n: number, a: number, b: number, weight: number): void {
  for (const [i, j, sign] of [
    [a, a, 1],
    [b, b, 1],
    [a, b, -1],
    [b, a, -1],
  ] as const)
    curvature[i * n + j] = curvature[i * n + j]! + sign * weight;
}

/** Hyperparameters by the evidence times the priors of the plain model, from `start`; slopes by differences. */
function refine(deltas: readonly Float64Array[], n: number, comparisons: readonly Comparison[], start: Float64Array) {
  const d = start.length - 1;
  const cost = (logs: Float64Array): number => {
    const theta = logs.slice(0, d).map(Math.exp);
    const scale = Math.exp(logs[d]!);
    const prior = theta.reduce((sum, each) => sum + 0.1 / each + 0.1 * each, 0) - Math.log(scale) + scale / 4;
    return laplace(kernelMatrix(deltas, n, theta, scale), n, comparisons).evidence + prior;
  };
  const side = (k: 0 | 1): Float64Array => start.map((_, i) => (i < d ? BOUNDS.theta : BOUNDS.scale)[k]);
  const step = 1e-3;
  const found = minimize(
    (logs, gradient) => {
      const value = cost(logs);
      for (let i = 0; i <= d; i++) {
        const moved = Float64Array.from(logs);
        moved[i] = moved[i]! + step;
        gradient[i] = (cost(moved) - value) / step;
      }
      return value;
    },
    start,
    { low: side(0), high: side(1), steps: 10, values: 14, slope: 0.05 },
  );
  return Float64Array.from(found.x);
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

/** The product of two symmetric matrices, or of any with a symmetric one. */
function product(a: Float64Array, symmetric: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] = dot(a, i * n, symmetric, j * n, n);
  return out;
}
