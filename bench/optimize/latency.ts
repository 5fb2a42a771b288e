import { uniformPoint } from '../../src/plan/optimize/domain/uniform.ts';
import { mulberry32, seedOf } from '../../src/plan/optimize/rng.ts';
import type { Direction, Trial } from '../../src/plan/optimize/trial.ts';
import type { PlainArm } from './arms.ts';
import type { Problem } from './problems.ts';
import { quantile } from './statistics.ts';

const ASKS = 16;
/** The first ones compile. */
const WARM_UP = 6;

/** Median CPU milliseconds of an ask after `count` uniform points, as they were taken of Optuna. */
export function askTime({ specification, formulas }: Problem, arm: PlainArm, count: number): number {
  const { space, fn, ref } = specification;
  const rng = mulberry32(5);
  const trials = Array.from({ length: count }, (_, number): Trial => {
    const params = uniformPoint(space, rng);
    return { number, state: 'COMPLETE', params, values: formulas.values(fn, params), intermediate: [] };
  });
  const directions = specification.noise.map((): Direction => 'minimize');
  const sampler = arm.make(0);
  const times: number[] = [];
  for (let i = 0; i < ASKS; i++) {
    const history = { space, directions, trials: [...trials], ...(ref ? { reference: ref } : {}) };
    const started = process.cpuUsage();
    const params = sampler.suggest(history, mulberry32(seedOf(`latency|${i}`)));
    const { user, system } = process.cpuUsage(started);
    times.push((user + system) / 1000);
    trials.push({
      number: trials.length,
      state: 'COMPLETE',
      params,
      values: formulas.values(fn, params),
      intermediate: [],
    });
  }
  return quantile(times.slice(WARM_UP), 0.5);
}
