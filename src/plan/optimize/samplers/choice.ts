import { pointCount } from '../domain/domain.ts';
import type { Space } from '../space.ts';

/** Beyond so many trials a Gaussian process takes longer than it gains over densities. */
const MOST_FOR_GP = 300;

/** What the choice of a sampler hangs on. */
export interface Task {
  readonly space: Space;
  /** Trials that the study will have; undefined where it runs until it is stopped. */
  readonly budget?: number;
  /** Seconds of one trial, where that is known. */
  readonly trialSeconds?: number;
}

/**
 * The sampler for a study that names none, and why. `grid` where the budget covers the whole space, `tpe` for long
 * studies and for trials that take no longer than an ask of the Gaussian process, else `gp`.
 */
export function chooseSampler({ space, budget, trialSeconds }: Task): { name: 'grid' | 'gp' | 'tpe'; reason: string } {
  const points = pointCount(space);
  if (budget !== undefined && points <= budget) {
    return { name: 'grid', reason: `the budget of ${budget} trials covers all ${points} points of the space` };
  }
  if (budget !== undefined && budget > MOST_FOR_GP) {
    return { name: 'tpe', reason: `more than ${MOST_FOR_GP} trials` };
  }
  if (trialSeconds !== undefined && trialSeconds < 0.05) {
    return { name: 'tpe', reason: 'a trial takes less time than the choice of its point would' };
  }
  return { name: 'gp', reason: `at most ${MOST_FOR_GP} trials, each worth the choice of its point` };
}
