import type { Comparison } from './preference/propagation.ts';
import type { Rng } from './rng.ts';
import type { Params, Space } from './space.ts';
import type { Direction, Trial } from './trial.ts';

/** Pictures of other seeds; pixels; steps of the sampler. */
export const FIDELITY_KINDS = ['images', 'resolution', 'steps'] as const;
export type FidelityKind = (typeof FIDELITY_KINDS)[number];

/**
 * What a trial can be given less of, and where it may stop. Of `images` each report is one image's values and a trial
 * is as good as their mean so far; of `resolution` and `steps` each report is the whole value at a cheaper setting. Every
 * trial takes its images in the same order, so trials of one rung saw the same ones.
 */
export interface Fidelity {
  readonly kind: FidelityKind;
  /** The amounts at which trials are compared, ascending; the last is the whole. */
  readonly rungs: readonly number[];
  /** One in so many goes on from a rung to the next: 2 or more. */
  readonly reduction: number;
}

/** All that a sampler may know: nothing else decides, so the same history and stream give the same point. */
export interface History {
  readonly space: Space;
  /** One for each objective. */
  readonly directions: readonly Direction[];
  /** By number; RUNNING ones are points that others try now. */
  readonly trials: readonly Trial[];
  /** The worst values that are of use, one for each objective: the reference point of the hypervolume. */
  readonly reference?: readonly number[];
  /** What trials report on their way, where they are given more bit by bit; else each report is a whole value. */
  readonly fidelity?: Fidelity;
  /** What people chose among the trials, by their numbers; where an objective is what they prefer. */
  readonly comparisons?: readonly Comparison[];
}

/** Proposes the next point of a study. Pure: `(space, trials, rng)` in, a valid point of the space out. */
export interface Sampler {
  /** `random`, `tpe`, `gp`, ...: as it stands in the study and in flags. */
  readonly name: string;
  /** A point of the space: every active parameter has a value inside its bounds. */
  suggest(history: History, rng: Rng): Params;
}
