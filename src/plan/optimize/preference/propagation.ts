/**
 * What comparisons say of utilities by expectation propagation (Minka 2001; Rasmussen and Williams, "Gaussian processes
 * for machine learning", 2006, section 3.6). Each comparison tells of one difference, so each has one Gaussian factor
 * exp(-tau g^2 / 2 + nu g) of the difference g; all are moved to the moments of the true likelihood until they stay.
 *
 * The logistic likelihood is taken as a normal distribution function of deviation 1.702, which is never off by more than
 * 0.01 and has its moments in closed form. Where one win is all that is known of a point, as of most, the most probable
 * utility (Laplace) is a fifth too near to nothing, and evidence that rests on it chooses other hyperparameters.
 */

import { cholesky, dot, type Factor, factorInPlace, forwardInPlace, solve } from '../../../base/cholesky.ts';
import { logNormalCdf } from '../../../base/normal.ts';

/** The first was preferred to the second, as indexes of points; with `isTie` neither was. */
export interface Comparison {
  readonly winner: number;
  readonly loser: number;
  readonly isTie?: boolean;
}

/** Factors of the comparisons, in their order. */
export interface Factors {
  readonly tau: Float64Array;
  readonly nu: Float64Array;
}

export interface Posterior {
  readonly means: Float64Array;
  /** K^-1 times the means. */
  readonly alpha: Float64Array;
  /** The precisions W that comparisons add, n by n. */
  readonly precision: Float64Array;
  /** Minus the logarithm of the evidence. */
  readonly evidence: number;
  readonly factors: Factors;
}

/** Added to the diagonal of a covariance, as a share of it. */
export const JITTER = 1e-6;
const SQUARED_WIDTH = 1.702 ** 2;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
/** Half a win each way has this curvature where both are equal, and no slope; it stays so. */
const TIE = 0.25;
const SWEEPS = { most: 60, enough: 1e-6, part: 0.9 };
const LEAST = 1e-12;

/** The posterior of n utilities under a covariance K; `start` are factors near the ones that are sought. */
export function propagate(
  kernel: Float64Array,
  n: number,
  comparisons: readonly Comparison[],
  start?: Factors,
): Posterior {
  const m = comparisons.length;
  const { lower } = factorOf(kernel, n);
  // The differences as g = u'z of independent z, f = L z.
  const ways = new Float64Array(m * n);
  comparisons.forEach(({ winner, loser }, c) => {
    for (let i = 0; i < n; i++)
      ways[c * n + i] = (i <= winner ? lower[winner * n + i]! : 0) - (i <= loser ? lower[loser * n + i]! : 0);
  });
  const tau = start
    ? Float64Array.from(start.tau)
    : Float64Array.from(comparisons, ({ isTie }) => (isTie ? TIE : LEAST));
  const nu = start ? Float64Array.from(start.nu) : new Float64Array(m);
  let now = moments(ways, n, tau, nu);
  let spread = 0;
  for (let sweep = 0; sweep < SWEEPS.most; sweep++) {
    let moved = 0;
    spread = 0;
    for (let c = 0; c < m; c++) {
      if (comparisons[c]!.isTie) continue;
      const variance = 1 / (1 / now.variances[c]! - tau[c]!);
      const mean = variance * (now.means[c]! / now.variances[c]! - nu[c]!);
      spread += 0.5 * Math.log(1 + tau[c]! * variance) + (0.5 * mean * mean) / variance;
      spread -= (0.5 * (nu[c]! + mean / variance) ** 2) / (tau[c]! + 1 / variance);
      const width = Math.sqrt(SQUARED_WIDTH + variance);
      const z = mean / width;
      const log = logNormalCdf(z);
      spread += log;
      const slope = Math.exp(-0.5 * z * z - HALF_LOG_TWO_PI - log) / width;
      const bend = slope * (slope + z / width);
      const rest = 1 - variance * bend;
      const byTau = bend / rest - tau[c]!;
      const byNu = (slope + mean * bend) / rest - nu[c]!;
      moved = Math.max(moved, Math.abs(byTau), Math.abs(byNu));
      tau[c] = Math.max(LEAST, tau[c]! + SWEEPS.part * byTau);
      nu[c] = nu[c]! + SWEEPS.part * byNu;
    }
    now = moments(ways, n, tau, nu);
    if (moved < SWEEPS.enough) break;
  }
  let evidence = -spread;
  for (let i = 0; i < n; i++) evidence += Math.log(now.factor.lower[i * n + i]!);
  for (let c = 0; c < m; c++) evidence -= 0.5 * nu[c]! * now.means[c]!;
  const alpha = new Float64Array(n);
  const precision = new Float64Array(n * n);
  comparisons.forEach(({ winner, loser }, c) => {
    const pull = nu[c]! - tau[c]! * now.means[c]!;
    alpha[winner] = alpha[winner]! + pull;
    alpha[loser] = alpha[loser]! - pull;
    addPair(precision, n, winner, loser, tau[c]!);
  });
  const means = alpha.map((_, a) => dot(kernel, a * n, alpha, 0, n));
  return { means, alpha, precision, evidence, factors: { tau, nu } };
}

/** Adds what is known of the difference of two to precisions. */
export function addPair(precision: Float64Array, n: number, a: number, b: number, weight: number): void {
  precision[a * n + a] = precision[a * n + a]! + weight;
  precision[b * n + b] = precision[b * n + b]! + weight;
  precision[a * n + b] = precision[a * n + b]! - weight;
  precision[b * n + a] = precision[b * n + a]! - weight;
}

/** (K + W^-1)^-1 as W - W (K^-1 + W)^-1 W, without an inverse of either: what is taken from a variance. */
export function takenBy(kernel: Float64Array, n: number, precision: Float64Array): Float64Array {
  const { lower } = factorOf(kernel, n);
  // Row a of `reach` is L' times column a of W; then W (K^-1 + W)^-1 W = reach' (I + L'WL)^-1 reach.
  const reach = new Float64Array(n * n);
  for (let a = 0; a < n; a++)
    for (let k = 0; k < n; k++)
      for (let i = 0; i <= k; i++) reach[a * n + i] = reach[a * n + i]! + lower[k * n + i]! * precision[a * n + k]!;
  const inner = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = i; k < n; k++) sum += lower[k * n + i]! * reach[k * n + j]!;
      inner[i * n + j] = sum;
    }
  }
  factorInPlace(inner, n);
  for (let a = 0; a < n; a++) forwardInPlace(inner, n, reach.subarray(a * n, a * n + n));
  const taken = Float64Array.from(precision);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) taken[a * n + b] = taken[a * n + b]! - dot(reach, a * n, reach, b * n, n);
  return taken;
}

/** Means and variances of the differences, with the factor of I + sum of tau u u'. */
function moments(ways: Float64Array, n: number, tau: Float64Array, nu: Float64Array) {
  const m = tau.length;
  const known = new Float64Array(n * n);
  const pull = new Float64Array(n);
  for (let c = 0; c < m; c++) {
    const row = c * n;
    for (let i = 0; i < n; i++) {
      const each = ways[row + i]!;
      if (each === 0) continue;
      pull[i] = pull[i]! + nu[c]! * each;
      const weight = tau[c]! * each;
      for (let j = 0; j <= i; j++) known[i * n + j] = known[i * n + j]! + weight * ways[row + j]!;
    }
  }
  for (let i = 0; i < n; i++) known[i * n + i] = known[i * n + i]! + 1;
  factorInPlace(known, n);
  const factor: Factor = { size: n, lower: known };
  const mean = solve(factor, pull);
  const way = new Float64Array(n);
  const means = new Float64Array(m);
  const variances = new Float64Array(m);
  for (let c = 0; c < m; c++) {
    means[c] = dot(ways, c * n, mean, 0, n);
    way.set(ways.subarray(c * n, c * n + n));
    forwardInPlace(known, n, way);
    variances[c] = Math.max(LEAST, dot(way, 0, way, 0, n));
  }
  return { means, variances, factor };
}

/** The Cholesky factor of a covariance; where it has none its noise grows until it has one. */
function factorOf(kernel: Float64Array, n: number): Factor {
  for (let noise = 0; ; noise = noise === 0 ? JITTER : noise * 10) {
    const noisy = Float64Array.from(kernel);
    for (let a = 0; a < n; a++) noisy[a * n + a] = noisy[a * n + a]! + noise * kernel[0]!;
    const factor = cholesky(noisy, n);
    if (factor) return factor;
  }
}
