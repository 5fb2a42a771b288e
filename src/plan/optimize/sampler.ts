import type { Rng } from './rng.ts';
import type { Params, Space } from './space.ts';
import type { Direction, Trial } from './trial.ts';

/** All that a sampler may know: nothing else decides, so the same history and stream give the same point. */
export interface History {
  readonly space: Space;
  /** One for each objective. */
  readonly directions: readonly Direction[];
  /** By number; RUNNING ones are points that others try now. */
  readonly trials: readonly Trial[];
  /** The worst values that are of use, one for each objective: the reference point of the hypervolume. */
  readonly reference?: readonly number[];
}

/** Proposes the next point of a study. Pure: `(space, trials, rng)` in, a valid point of the space out. */
export interface Sampler {
  /** `random`, `tpe`, `gp`, ...: as it stands in the study and in flags. */
  readonly name: string;
  /** A point of the space: every active parameter has a value inside its bounds. */
  suggest(history: History, rng: Rng): Params;
}
