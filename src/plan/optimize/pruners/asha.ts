import type { NextTrial, Pruner } from '../pruner.ts';
import type { Fidelity, History } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import { reachedBy, standings } from './standing.ts';

/**
 * Asynchronous successive halving as first published, with promotions (Li et al., arXiv 1810.05934): every trial stops
 * at every rung, and from the top rung down one that is among the best 1/reduction of those that got as far is taken up
 * again; else a new one starts. Nothing is thrown away: a late bloomer is promoted when its turn comes.
 */
export const ashaPruner: Pruner = {
  name: 'asha',
  next: (history, fidelity) =>
    promotionOf(history.trials, history, fidelity) ?? { kind: 'start', step: fidelity.rungs[0]! },
  shouldStop: ({ trials }, fidelity, number) => stopsAtRung(trials, fidelity, number),
};

/** The promotion that is due among some trials, if any. */
export function promotionOf(
  trials: readonly Trial[],
  { directions }: History,
  fidelity: Fidelity,
): NextTrial | undefined {
  const { rungs, reduction } = fidelity;
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const here = standings(trials, rungs[rung]!, fidelity, directions);
    const best = here.slice(0, Math.floor(here.length / reduction));
    const next = best.find(({ trial }) => canGoOn(trial) && reachedBy(trial) < rungs[rung + 1]!);
    if (next) return { kind: 'promote', trial: next.trial.number, step: rungs[rung + 1]! };
  }
  return undefined;
}

/** Whether a trial may be taken up again: not one that breaks a limit, nor one that could not be run on. */
function canGoOn({ state, failure, constraints = [] }: Trial): boolean {
  return state === 'PRUNED' && failure === undefined && constraints.every((one) => one <= 0);
}

/** Whether a trial stands on a rung below the top. */
export function stopsAtRung(trials: readonly Trial[], { rungs }: Fidelity, number: number): boolean {
  const step = reachedBy(trials.find((each) => each.number === number)!);
  return step < rungs.at(-1)! && rungs.includes(step);
}
