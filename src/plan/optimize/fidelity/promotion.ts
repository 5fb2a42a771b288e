/**
 * Which trial gets more: asynchronous successive halving as first published (Li et al., "A system for massively parallel
 * hyperparameter tuning", arXiv 1810.05934): a trial stops at each rung, and is taken up again when it is among the best
 * of those that got as far. Nothing is thrown away, so a bad start costs little and a late bloomer is not lost.
 */

/** The amounts of the fidelity at which trials stop, ascending; 1/`reduction` of those that reach one go on. */
export interface Ladder {
  readonly rungs: readonly number[];
  readonly reduction: number;
}

/** Where a trial stands. */
export interface Climber {
  readonly trial: number;
  /** The highest rung it reached, as an index; -1 before the first. */
  readonly rung: number;
  /** How good it is at a rung it reached; small is good. */
  readonly scores: readonly number[];
  /** It does not go on now: somebody is at it, it has ended, or it could not be taken up before. */
  readonly isHeld: boolean;
}

/**
 * The trial that goes on and the rung it goes to, as an index; undefined when a new one should start. Never more than
 * 1/`reduction` of those that reached a rung go on: a sampler that learns makes the newest the best again and again, and
 * the method as published would then carry most of them to the top.
 */
export function promotion({ rungs, reduction }: Ladder, climbers: readonly Climber[]): [number, number] | undefined {
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const here = climbers.filter((climber) => climber.rung >= rung);
    const places = Math.floor(here.length / reduction);
    // Trials that were promoted before and have fallen behind keep their places: else every new best is one more.
    if (here.filter((climber) => climber.rung > rung).length >= places) continue;
    const best = [...here].sort((a, b) => a.scores[rung]! - b.scores[rung]! || a.trial - b.trial).slice(0, places);
    const next = best.find(
      (climber) => climber.rung === rung && !climber.isHeld && Number.isFinite(climber.scores[rung]!),
    );
    if (next) return [next.trial, rung + 1];
  }
  return undefined;
}
