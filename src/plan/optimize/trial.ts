import type { Params } from './space.ts';

/** Optuna's states. `PRUNED`: stopped early for what it reported; `FAIL`: ended without a value. */
export type TrialState = 'WAITING' | 'RUNNING' | 'COMPLETE' | 'PRUNED' | 'FAIL';

/** What a trial reported on its way. */
export interface Intermediate {
  /** The amount of the fidelity that was spent: images, steps of a schedule, a share of the resolution. */
  readonly step: number;
  /** One number for each objective. */
  readonly values: readonly number[];
  /** One for each limit, over 0 is violated; only where they were measured. */
  readonly constraints?: readonly number[];
}

/** One point that was tried, as the samplers see it. */
export interface Trial {
  /** From 0, in the order in which they were asked for. */
  readonly number: number;
  readonly state: TrialState;
  readonly params: Params;
  /** One for each objective; only a COMPLETE trial must have them. */
  readonly values?: readonly number[];
  /** Over 0 is violated, and by how much; only where it was measured. */
  readonly constraints?: readonly number[];
  /**
   * Why it failed. Only what the point itself causes is learned from: an `error` of the world is not. A PRUNED trial with
   * one keeps its reports and is not taken up again.
   */
  readonly failure?: 'out-of-memory' | 'invalid' | 'error';
  readonly intermediate: readonly Intermediate[];
}

/** Optuna's words. */
export type Direction = 'minimize' | 'maximize';
