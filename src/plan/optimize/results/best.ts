import { asMinimised, nonDominated } from '../front.ts';
import type { History } from '../sampler.ts';
import type { Trial } from '../trial.ts';

/** What the results of a study are read from. */
export type Results = Pick<History, 'directions' | 'trials'>;

/** A trial that has a finite number for each objective. */
export interface Measured {
  readonly trial: Trial;
  /** As measured, in the units of the objectives. */
  readonly values: readonly number[];
  /** The values with the sign at which small is good. */
  readonly losses: readonly number[];
  /** Sum of what the constraints are violated by; 0 is feasible. */
  readonly violation: number;
}

/** The trials that count: COMPLETE, with a finite number for each objective; in the order of the trials. [PL-2] */
export function measuredTrials({ directions, trials }: Results): Measured[] {
  return trials.flatMap((trial) => {
    const { state, values } = trial;
    if (state !== 'COMPLETE' || values?.length !== directions.length || !values.every(Number.isFinite)) return [];
    return [{ trial, values, losses: asMinimised(values, directions), violation: violationOf(trial) }];
  });
}

/** By how much a trial violates its constraints in all; one that is no number was violated, too. */
export function violationOf({ constraints = [] }: Trial): number {
  return constraints.reduce((sum, one) => sum + (Number.isNaN(one) ? Number.POSITIVE_INFINITY : Math.max(0, one)), 0);
}

/**
 * The best trials, by number: of one objective those of the best value, of several the Pareto front. Only feasible ones:
 * empty where every trial violates a constraint. [PL-2]
 */
export function bestTrials(results: Results): Trial[] {
  const feasible = measuredTrials(results).filter(({ violation }) => violation === 0);
  return nonDominated(feasible.map(({ losses }) => losses)).map((i) => feasible[i]!.trial);
}

/** What sorts numbers ascending; infinity equals itself here, as it does not in a subtraction. */
export function order(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
