import type { Fidelity } from '../sampler.ts';
import { type Evidence, isLadder, type Outcome, sampleOf } from './evidence.ts';
import { believing, fitModel, type Model, type Predictor, predictor, type Sample } from './model.ts';
import type { Grid } from './points.ts';

/** Most reports of a model of parts of trials: the deepest, then the newest. */
const MOST_REPORTS = 200;

/** What is expected of one objective when a point is given all of the fidelity. */
export interface ObjectiveModel {
  /** Standardised: `mean + deviation * at(point)` is a loss. */
  readonly predictor: Predictor;
  readonly mean: number;
  readonly deviation: number;
  /** 1/lengthscale^2 of the dimensions of the grid; the rung, where there are rungs, comes behind them. */
  readonly theta: Float64Array;
}

/**
 * The model of one objective. Where each report is a whole value at a cheaper setting it has one more dimension, the rung,
 * and is asked at the top. Points that others try now count as measured. [GP-8] [GP-15]
 */
export function objectiveModel(
  grid: Grid,
  { outcomes, pending }: Pick<Evidence, 'outcomes' | 'pending'>,
  objective: number,
  fidelity: Fidelity | undefined,
): ObjectiveModel {
  const { categories } = grid;
  if (fidelity === undefined || !isLadder(fidelity)) {
    const isPartly = outcomes.some(({ isPart }) => isPart);
    const kept = isPartly ? deepest(outcomes, ({ count = 1 }) => count) : outcomes;
    const model = believing(fitModel(sampleOf(grid, kept, objective), categories), pending);
    return toldOf(model, predictor(model));
  }
  const fitted = fitModel(rungSample(outcomes, objective, fidelity), [...categories, false]);
  const model = believing(
    fitted,
    pending.map((point) => withRung(point, 0)),
  );
  return toldOf(model, atTop(predictor(model), categories.length));
}

function toldOf({ mean, deviation, hyper: { theta } }: Model, asked: Predictor): ObjectiveModel {
  return { predictor: asked, mean, deviation, theta };
}

/** Each report as a point with its rung; without reports a value is one at the top. */
function rungSample(outcomes: readonly Outcome[], objective: number, { rungs }: Fidelity): Sample {
  const [low, top] = [Math.log(rungs[0]!), Math.log(rungs.at(-1)!)];
  const cells = outcomes.flatMap(({ number, point, losses, rungs: reports = [{ step: rungs.at(-1)!, losses }] }) =>
    reports.map(({ step, losses: at }) => ({
      number,
      step,
      point: withRung(point, top > low ? (Math.log(step) - low) / (top - low) : 1),
      loss: at[objective]!,
    })),
  );
  const kept = deepest(cells, ({ step }) => step);
  return { points: kept.map(({ point }) => point), values: kept.map(({ loss }) => loss) };
}

/** At most so many that the model stays fast, in their order. */
function deepest<T extends { readonly number: number }>(all: readonly T[], depth: (one: T) => number): readonly T[] {
  if (all.length <= MOST_REPORTS) return all;
  const sorted = [...all].sort((a, b) => depth(b) - depth(a) || b.number - a.number);
  const keep = new Set(sorted.slice(0, MOST_REPORTS));
  return all.filter((one) => keep.has(one));
}

function withRung(point: Float64Array, place: number): Float64Array {
  return Float64Array.of(...point, place);
}

/** A predictor of points without the dimension of the rung, at its top. */
function atTop(asked: Predictor, dimensions: number): Predictor {
  const whole = new Float64Array(dimensions + 1);
  whole[dimensions] = 1;
  const [byMean, byVariance] = [new Float64Array(dimensions + 1), new Float64Array(dimensions + 1)];
  const self: Predictor = {
    variance: 1,
    most: 1,
    at(point) {
      const mean = self.guess(point);
      self.finish();
      return mean;
    },
    guess(point) {
      whole.set(point);
      const mean = asked.guess(whole);
      self.most = asked.most;
      return mean;
    },
    finish() {
      asked.finish();
      self.variance = asked.variance;
    },
    slopes(point, toMean, toVariance) {
      whole.set(point);
      byMean.fill(0);
      byVariance.fill(0);
      const mean = asked.slopes(whole, byMean, byVariance);
      self.variance = asked.variance;
      for (let i = 0; i < dimensions; i++) {
        toMean[i] = toMean[i]! + byMean[i]!;
        toVariance[i] = toVariance[i]! + byVariance[i]!;
      }
      return mean;
    },
  };
  return self;
}
