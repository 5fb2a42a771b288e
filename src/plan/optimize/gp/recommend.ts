import type { History } from '../sampler.ts';
import { evidenceOf, isFeasible, sampleOf } from './evidence.ts';
import { fitModel, predictor } from './model.ts';
import { gridOf } from './points.ts';
import { isSame } from './propose.ts';

/** A trial with what the model makes of it, in the unit of the objective and its sign. */
export interface Recommendation {
  readonly trial: number;
  readonly mean: number;
  /** How sure that is, without the noise of a measurement. */
  readonly deviation: number;
  /** How many trials measured the point. */
  readonly measured: number;
}

/**
 * The best points of a study with one objective that were measured whole, best first: by the model's mean, which the luck of one measurement
 * moves little, among the points that were measured and are feasible; of equal points the first trial. The first
 * is the best trial of a noisy study; measured once more, the first three confirm it. Fewer than three measured points
 * have no model: they come by their values, with the deviation NaN.
 */
export function recommendations(history: History, count: number): readonly Recommendation[] {
  const sign = history.directions[0] === 'maximize' ? -1 : 1;
  const grid = gridOf(history.space);
  const { outcomes } = evidenceOf(history, grid);
  const sample = sampleOf(grid, outcomes, 0);
  const model = sample.points.length < 3 ? undefined : fitModel(sample, grid.categories);
  const asked = model && predictor(model);
  return sample.points
    .flatMap((point, i) => {
      const same = outcomes.filter((outcome) => isSame(grid, outcome.point, point));
      const first = same.find((outcome) => isFeasible(outcome) && !outcome.isPart);
      if (!first) return [];
      const value = Number(sample.values[i]);
      const mean = model && asked ? model.mean + model.deviation * asked.at(point) : value;
      const deviation = model && asked ? model.deviation * Math.sqrt(asked.variance) : Number.NaN;
      return [{ trial: first.number, mean, deviation, measured: same.length }];
    })
    .sort((a, b) => a.mean - b.mean || a.trial - b.trial)
    .slice(0, count)
    .map((each) => ({ ...each, mean: sign * each.mean }));
}
