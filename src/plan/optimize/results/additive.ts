import { cholesky, inverse, solve } from '../../../base/cholesky.ts';
import type { Parameter, Params, ParamValue, Space } from '../space.ts';

/** A sum of one function of each parameter, fitted to trials; its uncertainty is that of the weights. */
export interface AdditiveModel {
  /** Part of the variance that it predicts of a trial it has not seen: 1 all, 0 no better than the mean, below 0 worse. */
  readonly predicted: number;
  /** What changing from one point to another is expected to change, and the standard error of that. */
  effect(from: Params, to: Params): { readonly mean: number; readonly error: number };
}

/** Strengths of the prior that are tried: noise variance over that of a weight. */
const RIDGES = Array.from({ length: 19 }, (_, i) => 10 ** (i / 4 - 1.5));

/**
 * Bayesian linear regression with a normal prior on the weights: a line and a parabola for a number, one weight for
 * each category, nothing where a parameter is not there. The strength of the prior is averaged over by its evidence
 * (MacKay, Neural Computation 4, 1992): with few trials the greatest evidence alone is far too sure. Undefined where the
 * values do not differ or there are fewer than 5.
 */
export function fitAdditive(
  space: Space,
  points: readonly Params[],
  values: readonly number[],
): AdditiveModel | undefined {
  const n = points.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const y = values.map((value) => value - mean);
  const total = y.reduce((sum, value) => sum + value * value, 0);
  if (n < 5 || !(total > 0) || !Number.isFinite(total)) return undefined;
  const features = featuresOf(space, points);
  const rows = points.map(features);
  const size = rows[0]!.length;
  if (size === 0) return undefined;
  const squares = gram(rows, size);
  const xy = Float64Array.from({ length: size }, (_, j) => rows.reduce((sum, row, i) => sum + row[j]! * y[i]!, 0));
  const fits = RIDGES.flatMap((ridge): Fit[] => {
    const factor = cholesky(withRidge(squares, size, ridge), size);
    if (!factor) return [];
    const weights = solve(factor, xy);
    const left = Math.max(1e-12 * total, total - weights.reduce((sum, weight, j) => sum + weight * xy[j]!, 0));
    let logDet = -size * Math.log(ridge);
    for (let j = 0; j < size; j++) logDet += 2 * Math.log(factor.lower[j * size + j]!);
    const evidence = -0.5 * ((n - 1) * Math.log(left) + logDet);
    // The variance of Student's t of n - 1 degrees: the noise is estimated, too.
    return [{ evidence, weights, covariance: inverse(factor), variance: left / (n - 3) }];
  });
  const most = Math.max(...fits.map(({ evidence }) => evidence));
  const sum = fits.reduce((all, { evidence }) => all + Math.exp(evidence - most), 0);
  const belief = fits.map(({ evidence }) => Math.exp(evidence - most) / sum);
  const average = (of: (fit: Fit) => number): number => fits.reduce((all, fit, i) => all + belief[i]! * of(fit), 0);
  const missed = rows.map((row, i) =>
    average((fit) => (y[i]! - dot(fit.weights, row)) / Math.max(1e-9, 1 - quadratic(fit.covariance, row) - 1 / n)),
  );
  return {
    predicted: 1 - missed.reduce((all, e) => all + e * e, 0) / (total * (n / (n - 1)) ** 2),
    effect(from, to) {
      const [a, b] = [features(from), features(to)];
      const step = b.map((x, j) => x - a[j]!);
      const mean = average((fit) => dot(fit.weights, step));
      const variance = average(
        (fit) => fit.variance * quadratic(fit.covariance, step) + (dot(fit.weights, step) - mean) ** 2,
      );
      return { mean, error: Math.sqrt(Math.max(0, variance)) };
    },
  };
}

/** The regression under one strength of the prior. */
interface Fit {
  /** Logarithm of what the data say of this strength, up to a constant. */
  readonly evidence: number;
  readonly weights: Float64Array;
  /** Of the weights, in units of the noise variance. */
  readonly covariance: Float64Array;
  /** Of the noise. */
  readonly variance: number;
}

/** Columns of all parameters, centred and scaled by what was tried, so that one prior suits all. */
function featuresOf({ parameters }: Space, points: readonly Params[]): (point: Params) => number[] {
  const columns = parameters.flatMap((parameter) => {
    const tried = points.flatMap((point) => (point[parameter.name] === undefined ? [] : [point[parameter.name]!]));
    return columnsOf(parameter).map((raw) => {
      const seen = tried.map(raw);
      const mean = seen.reduce((sum, x) => sum + x, 0) / (seen.length || 1);
      const spread = Math.sqrt(seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (seen.length || 1));
      const scale = spread > 1e-9 ? spread : 1;
      return (point: Params): number => {
        const value = point[parameter.name];
        return value === undefined ? 0 : (raw(value) - mean) / scale;
      };
    });
  });
  return (point) => columns.map((column) => column(point));
}

function columnsOf(parameter: Parameter): ((value: ParamValue) => number)[] {
  if (parameter.kind === 'categorical') return parameter.choices.map((choice) => (value) => (value === choice ? 1 : 0));
  const at = (value: ParamValue): number => 2 * positionOf(parameter, value) - 1;
  return [at, (value) => at(value) ** 2];
}

/** Where a value stands between the ends of its parameter, 0 to 1. */
function positionOf(parameter: Parameter, value: ParamValue): number {
  if ('choices' in parameter) {
    return parameter.choices.length < 2 ? 0.5 : parameter.choices.indexOf(value) / (parameter.choices.length - 1);
  }
  const scale = parameter.log ? Math.log : (x: number) => x;
  const [low, high] = [scale(parameter.low), scale(parameter.high)];
  return high > low ? (scale(Number(value)) - low) / (high - low) : 0.5;
}

function gram(rows: readonly (readonly number[])[], size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (const row of rows) {
    for (let j = 0; j < size; j++) {
      if (row[j] !== 0) for (let k = 0; k < size; k++) out[j * size + k]! += row[j]! * row[k]!;
    }
  }
  return out;
}

function withRidge(matrix: Float64Array, size: number, ridge: number): Float64Array {
  const out = Float64Array.from(matrix);
  for (let j = 0; j < size; j++) out[j * size + j]! += ridge;
  return out;
}

function quadratic(matrix: Float64Array, x: readonly number[]): number {
  const size = x.length;
  let sum = 0;
  for (let j = 0; j < size; j++) {
    if (x[j] !== 0) for (let k = 0; k < size; k++) sum += x[j]! * matrix[j * size + k]! * x[k]!;
  }
  return sum;
}

function dot(a: Float64Array, b: readonly number[]): number {
  return b.reduce((sum, x, j) => sum + x * a[j]!, 0);
}
