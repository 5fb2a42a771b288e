/**
 * A warm start from earlier studies: all studies are one Gaussian process, in which points of different studies have a
 * fixed share of the covariance that they would have in one (Swersky et al., "Multi-task Bayesian optimization", NIPS
 * 2013). So the model knows how unsure the earlier studies leave it, and what the new one says counts most for itself.
 *
 * A source is in while it orders the points of the new study better than chance: with the share tau of pairs that its own
 * model puts in the right order its weight is max(0, 2 tau - 1)^2, and it is out where that is next to nothing. So a
 * source that misleads is out after a few trials, and without any the sampler is the plain one again.
 */

import { dot, forwardInPlace, solve } from '../../../base/cholesky.ts';
import { normalQuantile } from '../../../base/normal.ts';
import type { History, Sampler } from '../sampler.ts';
import type { Params } from '../space.ts';
import { logExpectedImprovement, type Score, sumOf } from './acquisition.ts';
import { type Evidence, evidenceOf, isFeasible, sampleOf } from './evidence.ts';
import { feasibilityOf } from './feasibility.ts';
import {
  believing,
  condition,
  fitTogether,
  type Model,
  type OwnSample,
  type Predictor,
  predictor,
  spread,
} from './model.ts';
import { type Grid, gridOf } from './points.ts';
import { propose, unseenPoint } from './propose.ts';
import { gpSampler, incumbentsOf } from './sampler.ts';

/** An earlier study with the same parameters, or with some of them. */
export interface Source {
  readonly name: string;
  /** Minimised, in whatever unit: only the order counts. */
  readonly trials: readonly { readonly params: Params; readonly loss: number }[];
}

/** What a source is worth to a study now: 0 to 1. */
export interface SourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** Covariance of two studies as a share of that of one with itself; 0.4, 0.8 and 0.95 were no better. */
const LIKENESS = 0.6;
/** Before there are pairs a source is taken to order this share of them rightly, as if that many had been seen. */
const PRIOR = { share: 0.75, pairs: 4 };
/** A source that counts less is taken for one that orders by chance. */
const LEAST = 0.02;
/** Most points of all sources together; time grows with the third power. */
const MOST_POINTS = 240;
/** Points of the sources whose neighbours are looked at. */
const LEADERS = 2;
const INITIAL = 10;
const UNIT = { mean: 0, deviation: 1 };
/** The score that looks for the lowest mean. */
const lowestMean: Score = Object.assign(
  (means: Float64Array, _: Float64Array, byMean: Float64Array): number => {
    byMean[0] = byMean[0]! - 1;
    return -means[0]!;
  },
  { most: (means: Float64Array): number => -means[0]! },
);

/** The sampler with what earlier studies know; for one objective. More objectives and no sources get the plain one. */
export function transferSampler(sources: readonly Source[]): Sampler {
  const plain = gpSampler();
  if (sources.length === 0) return plain;
  return {
    name: 'gp',
    suggest(history, rng) {
      if (history.directions.length > 1) return plain.suggest(history, rng);
      const grid = gridOf(history.space);
      const evidence = evidenceOf(history, grid);
      const { tried } = evidence;
      const models = modelsOf(grid, sources).filter((model) => weightOf(model, evidence) > 0);
      if (models.length > 0) return grid.decode(propose(grid, questionOf(grid, evidence, models), rng));
      return tried.length < INITIAL ? grid.decode(unseenPoint(grid, tried, rng)) : plain.suggest(history, rng);
    },
  };
}

/** What the sources are worth after the trials so far. */
export function sourceWeights(history: History, sources: readonly Source[]): readonly SourceWeight[] {
  const grid = gridOf(history.space);
  const evidence = evidenceOf(history, grid);
  return modelsOf(grid, sources).map((model, i) => ({ name: sources[i]!.name, weight: weightOf(model, evidence) }));
}

/** Fitted once for each list of sources and space: nothing of them changes during a study. */
const fitted = new WeakMap<readonly Source[], { key: string; models: readonly Model[] }>();

/** A model of each source alone, all with the hyperparameters that suit all: few points of one say little of them. */
function modelsOf(grid: Grid, sources: readonly Source[]): readonly Model[] {
  const key = JSON.stringify(grid.space);
  const known = fitted.get(sources);
  if (known?.key === key) return known.models;
  const most = Math.max(2, Math.floor(MOST_POINTS / sources.length));
  const samples = sources.map((source) => scoresOf(grid, source, most));
  const hyper = fitTogether(samples, grid.categories);
  const models = samples.map((sample) => condition(sample, grid.categories, hyper, UNIT));
  fitted.set(sources, { key, models });
  return models;
}

/** The points of a source with their normal scores; of too many the best half, and some of all others. */
function scoresOf(grid: Grid, { trials }: Source, most: number): OwnSample {
  const outcomes = trials
    .filter(({ loss }) => Number.isFinite(loss))
    .map(({ params, loss }, number) => ({
      number,
      point: grid.encode(params),
      losses: [loss],
      constraints: undefined,
    }));
  const { points, values, counts } = sampleOf(grid, outcomes, 0);
  const scores = normalScores(Array.from(values));
  const kept = bestAndSome(scores, most);
  return {
    points: kept.map((i) => points[i]!),
    values: kept.map((i) => scores[i]!),
    counts: kept.map((i) => counts[i]!),
  };
}

/** Indices of at most so many values, ascending: the best half, and evenly of all others. */
function bestAndSome(values: readonly number[], most: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  if (order.length > most) {
    const others = order.splice(most >> 1);
    const room = most - order.length;
    for (let i = 0; i < room; i++) order.push(others[Math.floor(((i + 0.5) * others.length) / room)]!);
  }
  return order.sort((a, b) => a - b);
}

/** Values by their ranks, as a normal sample would have them: what is left of studies with different units. */
export function normalScores(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  const scores = new Array<number>(values.length);
  order.forEach((i, rank) => {
    scores[i] = normalQuantile((rank + 0.5) / values.length);
  });
  return scores;
}

function weightOf(model: Model, { outcomes }: Evidence): number {
  if (model.points.length < 2) return 0;
  const asked = predictor(model);
  const expected = outcomes.map(({ point }) => asked.at(point));
  let right = PRIOR.share * PRIOR.pairs;
  let pairs = PRIOR.pairs;
  for (let a = 1; a < outcomes.length; a++) {
    for (let b = 0; b < a; b++) {
      const sign = (expected[a]! - expected[b]!) * (outcomes[a]!.losses[0]! - outcomes[b]!.losses[0]!);
      right += sign > 0 ? 1 : sign < 0 ? 0 : 0.5;
      pairs++;
    }
  }
  const weight = Math.max(0, (2 * right) / pairs - 1) ** 2;
  return weight < LEAST ? 0 : weight;
}

function questionOf(grid: Grid, evidence: Evidence, models: readonly Model[]) {
  const { outcomes, pending, tried } = evidence;
  const model = believing(jointModel(grid, outcomes.length > 0 ? sampleOf(grid, outcomes, 0) : EMPTY, models), pending);
  const asked = predictor(model);
  const feasible = outcomes.filter(isFeasible);
  const feasibility = feasibilityOf(evidence, grid.categories);
  const known = [...feasible.map(({ point }) => point), ...pending];
  // Before anything is known to be had no improvement can be asked for.
  const score = known.length > 0 ? logExpectedImprovement(lowest(asked, known)) : lowestMean;
  return {
    score: sumOf([score, ...feasibility.scores(1)]),
    predictors: [asked, ...feasibility.models.map(predictor)],
    theta: model.hyper.theta,
    incumbents: [...incumbentsOf(feasible), ...leaders(asked, models)],
    tried,
    size: model.points.length,
  };
}

const EMPTY = { points: [], values: [], counts: [] };

function lowest(asked: Predictor, points: readonly Float64Array[]): number {
  return Math.min(...points.map((point) => asked.at(point)));
}

/** The points of the sources of which most is expected now. */
function leaders(asked: Predictor, models: readonly Model[]): Float64Array[] {
  const points = models.flatMap((model) => model.points.map((point) => ({ point, mean: asked.at(point) })));
  points.sort((a, b) => a.mean - b.mean);
  return points.slice(0, LEADERS).map(({ point }) => point);
}

/** The model of all studies, in the unit of the sources: the values of the new study are brought to it. */
function jointModel(grid: Grid, sample: OwnSample, models: readonly Model[]): Model {
  const before = models.flatMap(({ standardised }) => [...standardised]);
  const points = [...models.flatMap((model) => model.points), ...sample.points];
  const studies = [...models.flatMap((model, i) => model.points.map(() => i + 1)), ...sample.points.map(() => 0)];
  const counts = [...models.flatMap((model) => model.counts), ...Array.from(sample.counts)];
  const blank = new Float64Array(points.length);
  const whole = { points, values: blank, counts, kin: { studies, likeness: LIKENESS } };
  const model = condition(whole, grid.categories, models[0]!.hyper, UNIT);
  const own = sample.points.length > 0 ? inUnitOf(before, Array.from(sample.values), model) : [];
  const standardised = Float64Array.of(...before, ...own);
  return { ...model, standardised, alpha: solve(model.factor, standardised) };
}

/**
 * Values y of the new study in the unit of those before: z = s (y - a) with the most probable s and a, given that z is
 * normal with the mean m and the covariance V that the values before leave. The last rows of the factor are those of V,
 * so what is solved by it comes to V^(-1/2) of y, of ones and of -m.
 */
function inUnitOf(before: readonly number[], values: readonly number[], { factor, points }: Model): number[] {
  const n = values.length;
  const { mean, deviation } = spread(values);
  const y = values.map((value) => (value - mean) / deviation);
  const whitened = (first: readonly number[], last: readonly number[]): Float64Array => {
    const all = Float64Array.of(...first, ...last);
    forwardInPlace(factor.lower, points.length, all);
    return all.slice(before.length);
  };
  const none = before.map(() => 0);
  const ones = whitened(none, new Array<number>(n).fill(1));
  const ys = whitened(none, y);
  const means = whitened(before, new Array<number>(n).fill(0)).map((each) => -each);
  const all = dot(ones, 0, ones, 0, n);
  const [ofY, ofMeans] = [dot(ones, 0, ys, 0, n) / all, dot(ones, 0, means, 0, n) / all];
  const left = ys.map((each, i) => each - ofY * ones[i]!);
  const square = dot(left, 0, left, 0, n);
  const product = dot(left, 0, means, 0, n);
  const s = square > LEAST_SQUARE ? (product + Math.sqrt(product * product + 4 * (n - 1) * square)) / (2 * square) : 1;
  return y.map((each) => s * (each - ofY) + ofMeans);
}

/** Values whose squares add to less are all the same. */
const LEAST_SQUARE = 1e-12;
