/**
 * A Gaussian process over encoded points, fitted by its most probable hyperparameters.
 *
 * The fit of many points starts from the fit of their first ones, and that from the fit of fewer (24, 48, 96, 192): a
 * warm start that depends on nothing but the points, so a study that was killed and resumed proposes the same as one
 * that was not.
 */

import { dot, type Factor, factorInPlace, forwardInPlace, solveInPlace } from '../../../base/cholesky.ts';
import { minimize } from '../lbfgs.ts';
import { matern, maternSlope, pairwise, squaredDelta } from './kernel.ts';
import { covariance, fromLogs, type Hyperparameters, type Observed, posterior, toLogs } from './likelihood.ts';

/** Points with what was measured there. */
export interface Sample {
  readonly points: readonly Float64Array[];
  readonly values: ArrayLike<number>;
  /** How many measurements each value is the mean of; 1 where absent. */
  readonly counts?: ArrayLike<number>;
  /** Where points are of several studies. */
  readonly kin?: Kin;
}

/** Points of one study. */
export type OwnSample = Required<Omit<Sample, 'kin'>>;

/** Studies of functions that are alike. */
export interface Kin {
  /** For each point its study; what is asked about is of study 0. */
  readonly studies: readonly number[];
  /** Covariance of two studies at the same point, as a share of that of one with itself. */
  readonly likeness: number;
}

export interface Model {
  readonly points: readonly Float64Array[];
  /** Which dimensions are categories. */
  readonly categories: readonly boolean[];
  readonly hyper: Hyperparameters;
  /** Values were divided by `deviation` after taking `mean` away. */
  readonly mean: number;
  readonly deviation: number;
  /** How many measurements each value is the mean of. */
  readonly counts: readonly number[];
  readonly kin?: Kin;
  /** The values as the model sees them. */
  readonly standardised: Float64Array;
  readonly factor: Factor;
  /** K^-1 times the values. */
  readonly alpha: Float64Array;
}

const STAGES = [24, 48, 96, 192];
/** The last stage is followed by at least this many times its points: nearer ones would be paid for twice. */
const STRIDE = 2;
/** Most values of the likelihood that one stage may ask for: the cost of one grows with the third power of n. */
const effort = (n: number, first: boolean): number => (n <= 64 ? (first ? 40 : 24) : n <= 100 ? 7 : n <= 200 ? 4 : 2);
const NOISE_FLOOR = 1e-6;
const LOG_BOUNDS = { theta: [-8, 8], scale: [-6, 6], noise: [Math.log(NOISE_FLOOR), 1] } as const;

/** Where every fit starts, and what is left when no fit succeeds. */
function defaults(dimensions: number): Hyperparameters {
  return { theta: new Float64Array(dimensions).fill(1), scale: 1, noise: 0.01 };
}

/** Fits a model; without points it is the prior. Equal samples give equal models. */
export function fitModel(sample: Sample, categories: readonly boolean[]): Model {
  return condition(sample, categories, fitTogether([sample], categories));
}

/** The hyperparameters that are most probable for all samples, each of a function of its own. */
export function fitTogether(samples: readonly Sample[], categories: readonly boolean[]): Hyperparameters {
  const n = Math.max(0, ...samples.map(({ points }) => points.length));
  let hyper = defaults(categories.length);
  const stages = [...STAGES.filter((stage) => STRIDE * stage <= n), n];
  if (n > 1)
    stages.forEach((stage, index) => {
      const firsts = samples.map((sample) => first(sample, stage));
      hyper = refine(firsts, categories, hyper, effort(stage, index === 0));
    });
  return hyper;
}

/** A model with the given hyperparameters. Where the covariance has no factor the noise grows until it has one. */
export function condition(
  sample: Sample,
  categories: readonly boolean[],
  hyper: Hyperparameters,
  by: { mean: number; deviation: number } = spread(sample.values),
): Model {
  const n = sample.points.length;
  const observed = observe(sample, categories, by);
  const counts = sample.points.map((_, i) => sample.counts?.[i] ?? 1);
  const lower = new Float64Array(n * n);
  for (let noise = hyper.noise; ; noise *= 10) {
    const tried = { ...hyper, noise };
    covariance(observed, tried, lower);
    if (sample.kin) loosen(lower, sample.kin);
    if (factorInPlace(lower, n)) {
      const factor = { size: n, lower };
      const alpha = Float64Array.from(observed.values);
      forwardInPlace(lower, n, alpha);
      for (let i = n - 1; i >= 0; i--) {
        const each = alpha[i]! / lower[i * n + i]!;
        alpha[i] = each;
        for (let k = 0; k < i; k++) alpha[k] = alpha[k]! - lower[i * n + k]! * each;
      }
      return {
        points: sample.points,
        counts,
        ...(sample.kin ? { kin: sample.kin } : {}),
        categories,
        hyper: tried,
        ...by,
        standardised: observed.values,
        factor,
        alpha,
      };
    }
    if (!(noise < 10)) return condition(sample, categories, defaults(categories.length), by);
  }
}

/** Takes from the covariances of points of different studies what these have not in common. */
function loosen(lower: Float64Array, { studies, likeness }: Kin): void {
  const n = studies.length;
  for (let a = 1; a < n; a++) {
    for (let b = 0; b < a; b++) if (studies[a] !== studies[b]) lower[a * n + b] = likeness * lower[a * n + b]!;
  }
}

/** The model as if pending points had been measured at what it expects of them. */
export function believing(model: Model, pending: readonly Float64Array[]): Model {
  if (pending.length === 0) return model;
  const asked = predictor(model);
  const { mean, deviation, kin } = model;
  const values = [...model.standardised, ...pending.map((point) => asked.at(point))].map((z) => mean + deviation * z);
  const counts = [...model.counts, ...pending.map(() => 1)];
  const sample = {
    points: [...model.points, ...pending],
    values,
    counts,
    ...(kin ? { kin: { ...kin, studies: [...kin.studies, ...pending.map(() => 0)] } } : {}),
  };
  return condition(sample, model.categories, model.hyper, { mean, deviation });
}

function refine(
  samples: readonly Sample[],
  categories: readonly boolean[],
  from: Hyperparameters,
  values: number,
): Hyperparameters {
  const start = toLogs(from);
  const d = categories.length;
  const bound = (side: 0 | 1): Float64Array =>
    Float64Array.from(
      start,
      (_, i) => (i < d ? LOG_BOUNDS.theta : i === d ? LOG_BOUNDS.scale : LOG_BOUNDS.noise)[side],
    );
  const smooth = posterior(...samples.map((sample) => observe(sample, categories, spread(sample.values))));
  const found = minimize(smooth, start, { low: bound(0), high: bound(1), steps: 100, values, slope: 1e-2 });
  return Number.isFinite(found.value) ? fromLogs(found.x) : from;
}

function observe(sample: Sample, categories: readonly boolean[], by: { mean: number; deviation: number }): Observed {
  return {
    deltas: pairwise(sample.points, categories),
    values: Float64Array.from(sample.values, (value) => (value - by.mean) / by.deviation),
    noises: Float64Array.from(sample.points, (_, i) => 1 / (sample.counts?.[i] ?? 1)),
  };
}

function first({ points, values, counts }: Sample, n: number): Sample {
  return {
    points: points.slice(0, n),
    values: Array.from(values).slice(0, n),
    ...(counts ? { counts: Array.from(counts).slice(0, n) } : {}),
  };
}

/** Mean and deviation; values that are all the same have the deviation 1. */
export function spread(values: ArrayLike<number>): { mean: number; deviation: number } {
  const all = Array.from(values);
  if (all.length === 0) return { mean: 0, deviation: 1 };
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  return { mean, deviation: variance > 1e-24 * (1 + mean * mean) ? Math.sqrt(variance) : 1 };
}

/** Asks a model about points; with room of its own, so that nothing is allocated for a point. */
export interface Predictor {
  /** The mean at a point, standardised; sets `variance` (without noise). */
  at(point: Float64Array): number;
  variance: number;
  /** The mean alone, which takes less time; sets `most`, which the variance there does not exceed. */
  guess(point: Float64Array): number;
  most: number;
  /** Sets `variance` for the point that was guessed. */
  finish(): void;
  /** As `at`, and adds to the arrays the derivatives of mean and variance by the numbers among the dimensions. */
  slopes(point: Float64Array, byMean: Float64Array, byVariance: Float64Array): number;
}

const VARIANCE_FLOOR = 1e-12;

export function predictor(model: Model): Predictor {
  const { points, categories, hyper, factor, alpha, kin } = model;
  const { theta, scale } = hyper;
  const n = points.length;
  const d = categories.length;
  // Dimension by dimension: what kind each is, is then asked once for all points, and not for each pair.
  const columns = categories.map((_, i) => Float64Array.from(points, (point) => point[i]!));
  const isGapless = columns.map((column) => !column.some(Number.isNaN));
  /** Variance that a point shares with what is asked about. */
  const scales = Float64Array.from(points, (_, a) => (kin && kin.studies[a] !== 0 ? kin.likeness * scale : scale));
  const k = new Float64Array(n);
  const bend = new Float64Array(n);
  /** Variance of each value, with its noise. */
  const own = Float64Array.from(points, (_, a) => dot(factor.lower, a * n, factor.lower, a * n, a + 1));
  const distances = new Float64Array(n);
  const weights = new Float64Array(n);

  const measure = (point: Float64Array): void => {
    distances.fill(0);
    for (let i = 0; i < d; i++) {
      const [here, weight, column] = [point[i]!, theta[i]!, columns[i]!];
      if (!isGapless[i]! || Number.isNaN(here)) {
        const isCategory = categories[i]!;
        for (let a = 0; a < n; a++) distances[a] = distances[a]! + weight * squaredDelta(here, column[a]!, isCategory);
      } else if (categories[i]!) {
        for (let a = 0; a < n; a++) if (column[a] !== here) distances[a] = distances[a]! + weight;
      } else {
        for (let a = 0; a < n; a++) {
          const off = here - column[a]!;
          distances[a] = distances[a]! + weight * (off * off);
        }
      }
    }
  };
  const predictor: Predictor = {
    variance: scale,
    most: scale,
    at(point) {
      const mean = predictor.guess(point);
      predictor.finish();
      return mean;
    },
    guess(point) {
      measure(point);
      // What one value alone takes from the variance all together take as well.
      let taken = 0;
      for (let a = 0; a < n; a++) {
        const each = scales[a]! * matern(distances[a]!);
        k[a] = each;
        taken = Math.max(taken, (each * each) / own[a]!);
      }
      predictor.most = Math.max(VARIANCE_FLOOR, scale - taken);
      return dot(k, 0, alpha, 0, n);
    },
    finish() {
      forwardInPlace(factor.lower, n, k);
      predictor.variance = Math.max(VARIANCE_FLOOR, scale - dot(k, 0, k, 0, n));
    },
    slopes(point, byMean, byVariance) {
      measure(point);
      for (let a = 0; a < n; a++) {
        const q = distances[a]!;
        k[a] = scales[a]! * matern(q);
        bend[a] = scales[a]! * maternSlope(q);
      }
      weights.set(k);
      solveInPlace(factor.lower, n, weights);
      let fallen = 0;
      for (let a = 0; a < n; a++) {
        const weight = weights[a]!;
        fallen += weight * k[a]!;
        const mean = 2 * bend[a]! * alpha[a]!;
        const variance = -4 * bend[a]! * weight;
        for (let i = 0; i < d; i++) {
          if (categories[i]!) continue;
          const off = point[i]! - columns[i]![a]!;
          if (Number.isNaN(off)) continue;
          byMean[i] = byMean[i]! + mean * theta[i]! * off;
          byVariance[i] = byVariance[i]! + variance * theta[i]! * off;
        }
      }
      predictor.variance = Math.max(VARIANCE_FLOOR, scale - fallen);
      return dot(k, 0, alpha, 0, n);
    },
  };
  return predictor;
}
