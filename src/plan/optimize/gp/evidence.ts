import type { History } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import { encode, type Grid } from './points.ts';

/** A trial that ended with values. */
export interface Outcome {
  readonly point: Float64Array;
  /** One for each objective, minimised. */
  readonly losses: readonly number[];
  /** Where they were measured; over 0 is violated. */
  readonly constraints: readonly number[] | undefined;
}

/** What a study knows, in the numbers of the models; in the order of trials. */
export interface Evidence {
  readonly outcomes: readonly Outcome[];
  /** Points that failed by themselves: out of memory, or invalid. */
  readonly crashed: readonly Float64Array[];
  /** Points that others try now, or will. */
  readonly pending: readonly Float64Array[];
  /** All of them, and those that ended without telling anything. */
  readonly tried: readonly Float64Array[];
}

/** Values that are not finite tell no more than that the trial ended. */
export function evidenceOf({ trials, directions }: History, grid: Grid): Evidence {
  const outcomes: Outcome[] = [];
  const crashed: Float64Array[] = [];
  const pending: Float64Array[] = [];
  const tried: Float64Array[] = [];
  for (const trial of trials) {
    const point = encode(grid, trial.params);
    tried.push(point);
    if (trial.state === 'RUNNING' || trial.state === 'WAITING') pending.push(point);
    else if (crashes(trial)) crashed.push(point);
    else if (trial.state === 'COMPLETE' && trial.values?.every(Number.isFinite)) {
      const losses = trial.values.map((value, i) => (directions[i] === 'maximize' ? -value : value));
      outcomes.push({ point, losses, constraints: trial.constraints });
    }
  }
  return { outcomes, crashed, pending, tried };
}

function crashes({ state, failure }: Trial): boolean {
  return state === 'FAIL' && (failure === 'out-of-memory' || failure === 'invalid');
}

/** True where no measured constraint is violated. */
export function isFeasible({ constraints }: Outcome): boolean {
  return !constraints?.some((value) => value > 0);
}
