import { dot, factorInPlace, inverse } from '../../../base/cholesky.ts';
import type { Smooth } from '../lbfgs.ts';

/** What hyperparameters are fitted to. */
export interface Observed {
  /** Squared distances of pairs, one array for each dimension (`pairwise`). */
  readonly deltas: readonly Float64Array[];
  /** Standardised values. */
  readonly values: Float64Array;
  /** By how much the variance of the noise of each value is multiplied: 1/k for the mean of k measurements. */
  readonly noises: Float64Array;
}

/** Numbers of the model: 1/lengthscale^2 of each dimension, variance of the function, variance of the noise. */
export interface Hyperparameters {
  readonly theta: Float64Array;
  readonly scale: number;
  readonly noise: number;
}

/** As logarithms in one row: theta, scale, noise. */
export function toLogs({ theta, scale, noise }: Hyperparameters): Float64Array {
  return Float64Array.of(...theta, scale, noise).map(Math.log);
}

export function fromLogs(logs: Float64Array): Hyperparameters {
  const d = logs.length - 2;
  return { theta: logs.slice(0, d).map(Math.exp), scale: Math.exp(logs[d]!), noise: Math.exp(logs[d + 1]!) };
}

/**
 * The covariance of the values with their noise, lower triangle, into `out`; when `slopes` is given, dK/dq of each pair
 * goes there.
 */
export function covariance(
  { deltas, noises }: Observed,
  { theta, scale, noise }: Hyperparameters,
  out: Float64Array,
  slopes?: Float64Array,
): void {
  const n = noises.length;
  const d = theta.length;
  const weighted = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0; i < d; i++) {
    const delta = deltas[i]!;
    const weight = 5 * theta[i]!;
    for (let pair = 0; pair < weighted.length; pair++) weighted[pair] = weighted[pair]! + weight * delta[pair]!;
  }
  let pair = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++, pair++) {
      const r = Math.sqrt(weighted[pair]!);
      const tail = scale * Math.exp(-r);
      out[a * n + b] = (1 + r + (r * r) / 3) * tail;
      if (slopes) slopes[pair] = (-5 / 6) * (1 + r) * tail;
    }
    out[a * n + a] = scale + noise * noises[a]!;
  }
}

/**
 * The negative logarithm of likelihood times prior as a function of the logarithms of the hyperparameters, with its
 * gradient; infinite where the covariance has no Cholesky factor. Several studies are independent of each other, with the
 * same hyperparameters. Priors as Optuna's (`_gp/prior.py`): exp(-0.1/theta - 0.1 theta) for each theta, Gamma(2, 1) for
 * the scale, Gamma(1.1, 30) for the noise.
 */
export function posterior(...studies: readonly Observed[]): Smooth {
  const likelihoods = studies.map(likelihood);
  return (logs, gradient) => {
    const { theta, scale, noise } = fromLogs(logs);
    const d = theta.length;
    gradient.fill(0);
    let value = 0;
    for (const each of likelihoods) value += each(logs, gradient);
    for (let i = 0; i < d; i++) {
      gradient[i] = gradient[i]! - 0.1 / theta[i]! + 0.1 * theta[i]!;
      value += 0.1 / theta[i]! + 0.1 * theta[i]!;
    }
    gradient[d] = gradient[d]! - 1 + scale;
    gradient[d + 1] = gradient[d + 1]! - 0.1 + 30 * noise;
    return value - Math.log(scale) + scale - 0.1 * Math.log(noise) + 30 * noise;
  };
}

/** The negative logarithm of the likelihood alone; adds to the gradient. */
function likelihood(observed: Observed): Smooth {
  const { deltas, values, noises } = observed;
  const n = values.length;
  const d = deltas.length;
  const matrix = new Float64Array(n * n);
  const slopes = new Float64Array((n * (n - 1)) / 2);
  const alpha = new Float64Array(n);
  return (logs, gradient) => {
    const hyper = fromLogs(logs);
    const { theta, noise } = hyper;
    covariance(observed, hyper, matrix, slopes);
    if (!factorInPlace(matrix, n)) return Number.POSITIVE_INFINITY;
    let value = 0;
    for (let a = 0; a < n; a++) value += Math.log(matrix[a * n + a]!);
    const inverted = inverse({ size: n, lower: matrix });
    for (let a = 0; a < n; a++) {
      alpha[a] = dot(inverted, a * n, values, 0, n);
      value += 0.5 * alpha[a]! * values[a]!;
    }
    // The trace of (K^-1 - alpha alpha') dK, where every pair stands twice and the half in front takes one away.
    let byNoise = 0;
    let trace = 0;
    let pair = 0;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < a; b++, pair++) slopes[pair] = slopes[pair]! * (inverted[a * n + b]! - alpha[a]! * alpha[b]!);
      byNoise += noises[a]! * (inverted[a * n + a]! - alpha[a]! * alpha[a]!);
      trace += 1 - alpha[a]! * values[a]!;
    }
    for (let i = 0; i < d; i++) {
      gradient[i] = gradient[i]! + theta[i]! * dot(slopes, 0, deltas[i]!, 0, pair);
    }
    // K is scale times a matrix of the thetas plus the noise, so the scale's trace is what the noise leaves.
    gradient[d] = gradient[d]! + 0.5 * (trace - noise * byNoise);
    gradient[d + 1] = gradient[d + 1]! + 0.5 * noise * byNoise;
    return value;
  };
}
