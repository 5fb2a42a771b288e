/**
 * The best point by a score of the models: many candidates, then climbs from the best of them. Half of the starts come
 * from candidates all over the space and half from neighbours of the incumbents: starts from the overall best alone all
 * lie in the basin of the incumbent.
 */

import { minimize } from '../lbfgs.ts';
import type { Rng } from '../rng.ts';
import { normal } from '../rng.ts';
import type { Score } from './acquisition.ts';
import type { Belief } from './belief.ts';
import type { Predictor } from './model.ts';
import { draw, drawOne, type Grid, levelAt, settle, snap } from './points.ts';

/** What is searched for. */
export interface Target {
  /** Models by what they say of a point, in the order of the score's means. */
  readonly predictors: readonly Predictor[];
  readonly score: Score;
  /** 1/lengthscale^2 of each dimension: floats are searched in these units. */
  readonly theta: Float64Array;
  readonly belief?: Belief;
}

export interface Scored {
  readonly point: Float64Array;
  readonly score: number;
}

/** How much is looked at; `candidates` of each kind. */
interface Effort {
  readonly candidates: number;
  readonly starts: number;
  readonly rounds: number;
}

/** Numbers with more levels than this are searched as if they had none, and snapped. */
const MOST_LEVELS = 64;
/** Enough for this many points of a model at full effort; beyond, less of everything. */
export function effortFor(n: number): Effort {
  if (n <= 100) return { candidates: 512, starts: 3, rounds: 3 };
  if (n <= 200) return { candidates: 256, starts: 2, rounds: 2 };
  return { candidates: 96, starts: 1, rounds: 2 };
}

/** What was found. */
export interface Found {
  /** Points by score, best first; those that were climbed to and candidates that were not. */
  readonly best: readonly Scored[];
  /** Candidates of which nobody looked how much they score score no more than this. */
  readonly most: number;
  /** All by score, those too. */
  all(): readonly Scored[];
}

/** A score may be off by so much from what is computed of it. */
const SLACK = 1e-6;

/** Looks for points with a large score. */
export function search(
  grid: Grid,
  target: Target,
  incumbents: readonly Float64Array[],
  effort: Effort,
  rng: Rng,
): Found {
  const evaluate = evaluator(target);
  const byScore = (a: Scored, b: Scored): number => b.score - a.score;
  const others: Float64Array[] = [];
  let most = Number.NEGATIVE_INFINITY;
  // Only the first ones are started from: what cannot be one of them is passed over.
  const leading = (points: readonly Float64Array[]): Scored[] => {
    const seen: Scored[] = [];
    const top: number[] = [];
    for (const point of points) {
      const least = top.length < effort.starts ? Number.NEGATIVE_INFINITY : top.at(-1)!;
      const score = evaluate.value(point, least);
      if (score === undefined) {
        others.push(point);
        most = Math.max(most, least);
        continue;
      }
      seen.push({ point, score });
      top.push(score);
      top.sort((a, b) => b - a).splice(effort.starts);
    }
    return seen.sort(byScore);
  };
  const everywhere = leading(Array.from({ length: effort.candidates }, () => draw(grid, rng)));
  const nearby = leading(
    incumbents.length === 0
      ? []
      : Array.from({ length: effort.candidates }, (_, i) => neighbour(grid, incumbents[i % incumbents.length]!, rng)),
  );
  const starts = [...everywhere.slice(0, effort.starts), ...nearby.slice(0, effort.starts)];
  const climbed = starts.map((start) => climb(grid, target, evaluate, start, effort.rounds, rng));
  const best = [...climbed, ...everywhere, ...nearby].sort(byScore);
  const all = (): Scored[] =>
    [...best, ...others.map((point) => ({ point, score: evaluate.value(point)! }))].sort(byScore);
  return { best, most, all };
}

/** A point that differs in one dimension, and in others with a chance of 1 in the number of dimensions. */
function neighbour(grid: Grid, from: Float64Array, rng: Rng): Float64Array {
  const point = Float64Array.from(from);
  const active = grid.scales.map((_, i) => i).filter((i) => !Number.isNaN(from[i]!));
  const one = active[Math.floor(rng() * active.length)];
  for (const i of active) {
    if (i !== one && rng() * active.length >= 1) continue;
    const scale = grid.scales[i]!;
    if (scale.isCategorical || rng() < 0.3) point[i] = drawOne(scale, rng);
    else point[i] = snap(scale, Math.min(1, Math.max(0, from[i]! + 0.15 * normal(rng))));
  }
  settle(grid, point, rng);
  return point;
}

interface Evaluator {
  /** Undefined where the score cannot be over `least`, as far as that is cheap to see. */
  value(point: Float64Array, least?: number): number | undefined;
  /** The score; its derivatives by the numbers among the dimensions go to `gradient`. */
  slope(point: Float64Array, gradient: Float64Array): number;
}

function evaluator({ predictors, score, theta, belief }: Target): Evaluator {
  const m = predictors.length;
  const [means, deviations, byMean, byDeviation] = [0, 1, 2, 3].map(() => new Float64Array(m)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const slopes = predictors.map(() => ({
    mean: new Float64Array(theta.length),
    variance: new Float64Array(theta.length),
  }));
  return {
    value(point, least = Number.NEGATIVE_INFINITY) {
      for (let j = 0; j < m; j++) {
        means[j] = predictors[j]!.guess(point);
        deviations[j] = Math.sqrt(predictors[j]!.most);
      }
      if (least > Number.NEGATIVE_INFINITY && score.most) {
        const most = score.most(means, deviations) + (belief?.at(point) ?? 0);
        if (most < least - SLACK) return undefined;
      }
      for (let j = 0; j < m; j++) {
        predictors[j]!.finish();
        deviations[j] = Math.sqrt(predictors[j]!.variance);
      }
      return score(means, deviations, byMean, byDeviation) + (belief?.at(point) ?? 0);
    },
    slope(point, gradient) {
      for (let j = 0; j < m; j++) {
        const { mean, variance } = slopes[j]!;
        mean.fill(0);
        variance.fill(0);
        means[j] = predictors[j]!.slopes(point, mean, variance);
        deviations[j] = Math.sqrt(predictors[j]!.variance);
      }
      byMean.fill(0);
      byDeviation.fill(0);
      const value = score(means, deviations, byMean, byDeviation);
      for (let i = 0; i < gradient.length; i++) {
        let sum = 0;
        for (let j = 0; j < m; j++)
          sum += byMean[j]! * slopes[j]!.mean[i]! + (byDeviation[j]! * slopes[j]!.variance[i]!) / (2 * deviations[j]!);
        gradient[i] = sum;
      }
      belief?.slope(point, gradient);
      return value + (belief?.at(point) ?? 0);
    },
  };
}

/** Floats together by their gradient, then one dimension of levels after the other by trying all; while that helps. */
function climb(grid: Grid, target: Target, evaluate: Evaluator, start: Scored, rounds: number, rng: Rng): Scored {
  let best = start;
  const consider = (point: Float64Array): void => {
    const score = evaluate.value(point, best.score);
    if (score !== undefined && score > best.score) best = { point, score };
  };
  for (let round = 0; round < rounds; round++) {
    const before = best.score;
    best = slide(grid, target, evaluate, best);
    grid.scales.forEach((scale, i) => {
      const here = best.point[i]!;
      if (scale.levels === Infinity || Number.isNaN(here)) return;
      const at = scale.levelOf(scale.decode(here));
      const all = scale.levels <= MOST_LEVELS;
      const levels = all
        ? Array.from({ length: scale.levels }, (_, level) => level)
        : [-16, -4, -2, -1, 0, 1, 2, 4, 16].map((by) => at + by).filter((to) => to >= 0 && to < scale.levels);
      for (const level of levels) {
        const value = levelAt(scale, level);
        if (value === here) continue;
        const point = Float64Array.from(best.point);
        point[i] = value;
        settle(grid, point, rng);
        consider(point);
      }
    });
    if (best.score < before + 1e-3) break;
  }
  return best;
}

function slide(grid: Grid, { theta }: Target, evaluate: Evaluator, from: Scored): Scored {
  const free = grid.scales
    .map(({ levels }, i) => (levels === Infinity && !Number.isNaN(from.point[i]!) ? i : -1))
    .filter((i) => i >= 0);
  if (free.length === 0) return from;
  const units = free.map((i) => Math.max(0.05, Math.sqrt(theta[i]!)));
  const point = Float64Array.from(from.point);
  const all = new Float64Array(point.length);
  const put = (x: Float64Array): void =>
    free.forEach((i, k) => {
      point[i] = Math.min(1, x[k]! / units[k]!);
    });
  const { x, value } = minimize(
    (x, gradient) => {
      put(x);
      const score = evaluate.slope(point, all);
      free.forEach((i, k) => {
        gradient[k] = -all[i]! / units[k]!;
      });
      return -score;
    },
    Float64Array.from(free, (i, k) => from.point[i]! * units[k]!),
    { low: new Float64Array(free.length), high: Float64Array.from(units), steps: 20, values: 30, slope: 1e-3 },
  );
  if (!(-value > from.score)) return from;
  put(x);
  return { point, score: -value };
}
