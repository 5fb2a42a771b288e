import { hypervolume } from '../../src/plan/optimize/front.ts';
import { mulberry32, seedOf } from '../../src/plan/optimize/rng.ts';
import type { History, Sampler } from '../../src/plan/optimize/sampler.ts';
import type { Direction, Trial } from '../../src/plan/optimize/trial.ts';
import type { Problem } from './problems.ts';

/** What one study came to. */
export interface StudyResult {
  /** By number of trials: regret without noise of the trial that looked best; of two objectives the share of the
   * hypervolume that is missing. NaN while no trial was feasible. */
  readonly at: Readonly<Record<number, number>>;
  /** The same for what a model recommends; of one objective with noise. */
  readonly recommended: Readonly<Record<number, number>>;
  /** CPU milliseconds of each ask. */
  readonly asks: readonly number[];
  /** Share of the trials after the 20th that had the memory they needed. */
  readonly feasible: number;
}

/** How a study is run. */
export interface StudyOptions {
  readonly seed: number;
  readonly checkpoints: readonly number[];
  /** Whether the sampler is told the reference point of the hypervolume. */
  readonly isReferenceGiven: boolean;
  /** Number of the trial that it would take for the best; asked at checkpoints. */
  readonly recommend?: (history: History) => number | undefined;
}

/**
 * Runs one study of a problem: ask, evaluate, tell, one after the other. Out of memory is told as a failure without a
 * value. Each ask has a stream of its own, so a study can be cut off and taken up anywhere.
 */
export function runStudy(problem: Problem, sampler: Sampler, options: StudyOptions): StudyResult {
  const { space, name, ref } = problem.specification;
  const { seed, checkpoints } = options;
  const directions = problem.specification.noise.map((): Direction => 'minimize');
  const trials: Trial[] = [];
  const truths: (readonly number[])[] = [];
  const at: Record<number, number> = {};
  const recommended: Record<number, number> = {};
  const asks: number[] = [];
  let best = Infinity;
  let [late, feasible] = [0, 0];
  for (let number = 0; number < Math.max(...checkpoints); number++) {
    const history = { space, directions, trials, ...(ref && options.isReferenceGiven ? { reference: ref } : {}) };
    const started = process.cpuUsage();
    const params = sampler.suggest(history, mulberry32(seedOf(`${name}|${seed}|ask|${number}`)));
    const { user, system } = process.cpuUsage(started);
    asks.push((user + system) / 1000);
    const { observed, truth } = problem.evaluate(params, seed, number);
    if (number >= 20) late++;
    if (observed) {
      trials.push({ number, state: 'COMPLETE', params, values: observed, intermediate: [] });
      if (number >= 20) feasible++;
      if (directions.length > 1) truths.push(truth);
      else if (observed[0]! < best) {
        best = observed[0]!;
        truths[0] = truth;
      }
    } else trials.push({ number, state: 'FAIL', failure: 'out-of-memory', params, intermediate: [] });
    if (!checkpoints.includes(number + 1)) continue;
    at[number + 1] = scoreOf(problem, truths);
    if (!options.recommend) continue;
    const chosen = trials[options.recommend({ space, directions, trials }) ?? -1];
    recommended[number + 1] = scoreOf(problem, chosen ? [problem.evaluate(chosen.params, seed, 0).truth] : []);
  }
  return { at, recommended, asks, feasible: late > 0 ? feasible / late : NaN };
}

function scoreOf({ specification }: Problem, truths: readonly (readonly number[])[]): number {
  const { optimum, ref, hv_true } = specification;
  if (ref && hv_true) return 1 - hypervolume(truths, ref) / hv_true;
  return truths[0] ? truths[0][0]! - (optimum?.value ?? 0) : NaN;
}
