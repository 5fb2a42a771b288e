import { asMinimised } from '../front.ts';
import type { History } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import type { Sample } from './model.ts';
import type { Grid } from './points.ts';
import { isSame } from './propose.ts';

/** Most points of one model; time grows with the third power. */
const MOST_POINTS = 300;

/** A trial that ended with values. */
export interface Outcome {
  /** Of the trial. */
  readonly number: number;
  readonly point: Float64Array;
  /** One for each objective, minimised. */
  readonly losses: readonly number[];
  /** Where they were measured; over 0 is violated. */
  readonly constraints: readonly number[] | undefined;
}

/** What a study knows, in the numbers of the models; in the order of the trials' numbers. */
export interface Evidence {
  readonly outcomes: readonly Outcome[];
  /** Points that failed by themselves: out of memory, or invalid. */
  readonly crashed: readonly Float64Array[];
  /** Points that others try now, or will. */
  readonly pending: readonly Float64Array[];
  /** All of them, and those that ended without telling anything; not those that only the world made fail. */
  readonly tried: readonly Float64Array[];
}

/** Values that are not finite tell no more than that the trial ended. */
export function evidenceOf({ trials, directions }: History, grid: Grid): Evidence {
  const outcomes: Outcome[] = [];
  const crashed: Float64Array[] = [];
  const pending: Float64Array[] = [];
  const tried: Float64Array[] = [];
  for (const trial of [...trials].sort((a, b) => a.number - b.number)) {
    const point = grid.encode(trial.params);
    if (trial.state !== 'FAIL' || crashes(trial)) tried.push(point);
    if (trial.state === 'RUNNING' || trial.state === 'WAITING') pending.push(point);
    else if (crashes(trial)) crashed.push(point);
    else if (trial.state === 'COMPLETE' && trial.values?.every(Number.isFinite)) {
      outcomes.push({
        number: trial.number,
        point,
        losses: asMinimised(trial.values, directions),
        constraints: trial.constraints,
      });
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

/**
 * What one objective's model is fitted to: points that were tried again count once, with the mean of their values; of
 * too many points the best and the newest.
 */
export function sampleOf(grid: Grid, outcomes: readonly Outcome[], objective: number): Required<Sample> {
  const groups: { point: Float64Array; sum: number; count: number }[] = [];
  for (const { point, losses } of outcomes) {
    const known = groups.find((group) => isSame(grid, group.point, point));
    if (known === undefined) groups.push({ point, sum: losses[objective]!, count: 1 });
    else {
      known.sum += losses[objective]!;
      known.count++;
    }
  }
  let kept = groups;
  if (groups.length > MOST_POINTS) {
    const byValue = [...groups].sort((a, b) => a.sum / a.count - b.sum / b.count);
    const best = new Set(byValue.slice(0, MOST_POINTS / 2));
    const newest = new Set(groups.filter((group) => !best.has(group)).slice(-MOST_POINTS / 2));
    kept = groups.filter((group) => best.has(group) || newest.has(group));
  }
  return {
    points: kept.map(({ point }) => point),
    values: kept.map(({ sum, count }) => sum / count),
    counts: kept.map(({ count }) => count),
  };
}
