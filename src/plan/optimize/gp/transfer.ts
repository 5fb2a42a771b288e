/**
 * A warm start from earlier studies: what their models say in common is the mean of the new study's model, and a
 * Gaussian process over what is left corrects it (after Feurer et al., "Practical transfer learning for Bayesian
 * optimization", arXiv 1802.02219).
 *
 * A source counts by how well it orders the points of the new study: with the share tau of pairs that it puts in the
 * right order its weight is max(0, 2 tau - 1)^2. One that orders no better than chance counts nothing, so a source
 * that misleads is out after a few trials and the sampler is the plain one again.
 */

import { normalQuantile } from '../../../base/normal.ts';
import type { Rng } from '../rng.ts';
import type { History, Sampler } from '../sampler.ts';
import type { Params } from '../space.ts';
import { logExpectedImprovement, type Score, sumOf } from './acquisition.ts';
import { type Evidence, evidenceOf, isFeasible, sampleOf } from './evidence.ts';
import { feasibilityOf } from './feasibility.ts';
import { believing, fitModel, type Model, type Predictor, predictor, type Sample, spread } from './model.ts';
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

/** First trials, where the sources say together that it is best. */
const LOOKS = 1;
/** Before there are pairs a source is taken to order this share of them rightly, as if that many had been seen. */
const PRIOR = { share: 0.75, pairs: 4 };
/** Sources that together count less than this leave the first points to chance. */
const TRUST = 0.1;
/** What the slope over the sources is held back by, in squared normal scores. */
const HELD = 0.001;
/** A source that counts less is taken for one that orders by chance. */
const LEAST = 0.02;
const INITIAL = 10;
/** The score that looks for the lowest mean. */
const lowestMean: Score = (means, _, byMean) => {
  byMean[0] = byMean[0]! - 1;
  return -means[0]!;
};

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
      const { outcomes, tried } = evidence;
      const models = modelsOf(grid, sources);
      const weights = models.map((model) => weightOf(model, evidence));
      if (tried.length < LOOKS) return grid.decode(look(grid, models, weights, tried, rng));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      if (total < TRUST && tried.length < INITIAL) return grid.decode(unseenPoint(grid, tried, rng));
      if (outcomes.length < 2 || !(total > 0)) return plain.suggest(history, rng);
      return grid.decode(propose(grid, questionOf(grid, evidence, models, weights), rng));
    },
  };
}

/** What the sources together say is best. */
function look(
  grid: Grid,
  models: readonly Model[],
  weights: readonly number[],
  tried: readonly Float64Array[],
  rng: Rng,
) {
  const joint = new Joint(models, weights);
  const incumbents: Float64Array[] = [];
  const predictors = [joint.predictor()];
  return propose(grid, { predictors, score: lowestMean, theta: models[0]!.hyper.theta, incumbents, tried }, rng);
}

/** What the sources are worth after the trials so far. */
export function sourceWeights(history: History, sources: readonly Source[]): readonly SourceWeight[] {
  const grid = gridOf(history.space);
  const evidence = evidenceOf(history, grid);
  return modelsOf(grid, sources).map((model, i) => ({ name: sources[i]!.name, weight: weightOf(model, evidence) }));
}

/** Fitted once for each list of sources and space: nothing of them changes during a study. */
const fitted = new WeakMap<readonly Source[], { key: string; models: readonly Model[] }>();

function modelsOf(grid: Grid, sources: readonly Source[]): readonly Model[] {
  const key = JSON.stringify(grid.space);
  const known = fitted.get(sources);
  if (known?.key === key) return known.models;
  const models = sources.map(({ trials }) => {
    const outcomes = trials
      .filter(({ loss }) => Number.isFinite(loss))
      .map(({ params, loss }, number) => ({
        number,
        point: grid.encode(params),
        losses: [loss],
        constraints: undefined,
      }));
    const sample = sampleOf(grid, outcomes, 0);
    return fitModel({ ...sample, values: normalScores(Array.from(sample.values)) }, grid.categories);
  });
  fitted.set(sources, { key, models });
  return models;
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

function questionOf(grid: Grid, evidence: Evidence, models: readonly Model[], weights: readonly number[]) {
  const feasible = evidence.outcomes.filter(isFeasible);
  const sample = sampleOf(grid, evidence.outcomes, 0);
  const joint = new Joint(models, weights);
  const { model, slope } = residual(grid, sample, joint);
  const rest = believing(model, evidence.pending);
  const feasibility = feasibilityOf(evidence, grid.categories);
  const whole = sumPredictor(joint, slope, rest);
  const best = Math.min(...feasible.map(({ point }) => whole.at(point)));
  const scores: Score[] = feasible.length > 0 ? [logExpectedImprovement(best)] : [];
  const predictors = feasible.length > 0 ? [whole] : [];
  return {
    score: sumOf([...scores, ...feasibility.scores(predictors.length)]),
    predictors: [...predictors, ...feasibility.models.map(predictor)],
    theta: rest.hyper.theta,
    incumbents: incumbentsOf(feasible),
    tried: evidence.tried,
  };
}

/** What the sources say together: the mean of their means by weight. */
class Joint {
  private readonly asked: readonly Predictor[];
  private readonly shares: readonly number[];
  private readonly ignored: Float64Array;
  private readonly slope: Float64Array;

  constructor(models: readonly Model[], weights: readonly number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const used = models.map((_, i) => i).filter((i) => weights[i]! > 0);
    this.asked = used.map((i) => predictor(models[i]!));
    this.shares = used.map((i) => weights[i]! / total);
    this.ignored = new Float64Array(models[0]!.categories.length);
    this.slope = new Float64Array(models[0]!.categories.length);
  }

  at(point: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.asked.length; i++) sum += this.shares[i]! * this.asked[i]!.at(point);
    return sum;
  }

  predictor(): Predictor {
    return {
      variance: 1,
      at: (point) => this.at(point),
      slopes: (point, byMean) => this.slopes(point, 1, byMean),
    };
  }

  slopes(point: Float64Array, times: number, byMean: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.asked.length; i++) {
      this.slope.fill(0);
      sum += this.shares[i]! * this.asked[i]!.slopes(point, this.slope, this.ignored);
      for (let k = 0; k < byMean.length; k++) byMean[k] = byMean[k]! + times * this.shares[i]! * this.slope[k]!;
    }
    return sum;
  }
}

/**
 * The slope of the values over what the sources say, at least 0 and drawn towards it while there are few, and the model
 * of what is left. Few residuals look smaller than they are, so their deviation has a floor that falls with their number.
 */
function residual(grid: Grid, sample: Required<Sample>, joint: Joint): { model: Model; slope: number } {
  const values = Array.from(sample.values);
  const { mean, deviation } = spread(values);
  const said = sample.points.map((point) => joint.at(point));
  const centre = spread(said).mean;
  let [product, square] = [0, HELD];
  said.forEach((each, i) => {
    product += (each - centre) * ((values[i]! - mean) / deviation);
    square += (each - centre) ** 2;
  });
  const slope = Math.max(0, product / square) * deviation || 0;
  const left = values.map((value, i) => value - slope * said[i]!);
  const model = fitModel({ ...sample, values: left }, grid.categories);
  const floor = deviation / Math.sqrt(values.length);
  return { model: model.deviation < floor ? { ...model, deviation: floor } : model, slope };
}

/** Slope times the joint mean plus what is left, in the unit of the values. */
function sumPredictor(joint: Joint, slope: number, rest: Model): Predictor {
  const asked = predictor(rest);
  const { mean, deviation } = rest;
  const [byRest, byVariance] = [new Float64Array(rest.categories.length), new Float64Array(rest.categories.length)];
  const self: Predictor = {
    variance: 1,
    at(point) {
      const left = mean + deviation * asked.at(point);
      self.variance = asked.variance * deviation * deviation;
      return slope * joint.at(point) + left;
    },
    slopes(point, toMean, toVariance) {
      byRest.fill(0);
      byVariance.fill(0);
      const left = mean + deviation * asked.slopes(point, byRest, byVariance);
      self.variance = asked.variance * deviation * deviation;
      for (let k = 0; k < byRest.length; k++) {
        toMean[k] = toMean[k]! + deviation * byRest[k]!;
        toVariance[k] = toVariance[k]! + deviation * deviation * byVariance[k]!;
      }
      return slope * joint.slopes(point, slope, toMean) + left;
    },
  };
  return self;
}
