import type { Pruner } from '../pruner.ts';
import { reachedBy, standings } from './standing.ts';

/** So many trials run to their end before one is stopped: Optuna's default. */
const STARTUP = 5;

/**
 * Stops a trial that is worse than the median of the complete ones at the same step (Golovin et al., "Google Vizier",
 * 2017); of several objectives, one in a later layer than the median's. Nothing is taken up again.
 */
export function medianPruner({ startup = STARTUP }: { readonly startup?: number } = {}): Pruner {
  return {
    name: 'median',
    next: (_, { rungs }) => ({ kind: 'start', step: rungs.at(-1)! }),
    shouldStop: ({ trials, directions }, fidelity, number) => {
      const trial = trials.find((each) => each.number === number)!;
      const step = reachedBy(trial);
      if (step === 0 || step >= fidelity.rungs.at(-1)!) return false;
      const complete = trials.filter(({ state }) => state === 'COMPLETE');
      if (complete.length < startup) return false;
      const all = standings([...complete, trial], step, fidelity, directions);
      const others = all.filter((each) => each.trial !== trial);
      const own = all.find((each) => each.trial === trial);
      if (others.length < startup) return false;
      // Without a finite value at the step it is worse than any.
      return own === undefined || own.layer > others[(others.length - 1) >> 1]!.layer;
    },
  };
}
