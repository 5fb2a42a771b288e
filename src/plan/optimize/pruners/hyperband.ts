import type { Pruner } from '../pruner.ts';
import { mulberry32, seedOf } from '../rng.ts';
import type { Fidelity } from '../sampler.ts';
import { nextNumber } from '../samplers/next-number.ts';
import { promotionOf, stopsAtRung } from './asha.ts';

/**
 * Hyperband (Li et al., JMLR 18, 2018) with asynchronous brackets: bracket b starts its trials at rung b, so that some
 * are judged by little and some only by much. A trial belongs to a bracket by its number, with the chances of the
 * original's sizes, and competes there alone.
 */
export const hyperbandPruner: Pruner = {
  name: 'hyperband',
  next: (history, fidelity) => {
    const { rungs } = fidelity;
    for (const bracket of rungs.keys()) {
      const own = history.trials.filter(({ number }) => bracketOf(number, fidelity) === bracket);
      const due = promotionOf(own, history, { ...fidelity, rungs: rungs.slice(bracket) });
      if (due) return due;
    }
    return { kind: 'start', step: rungs[bracketOf(nextNumber(history.trials), fidelity)]! };
  },
  shouldStop: ({ trials }, fidelity, number) =>
    stopsAtRung(trials, { ...fidelity, rungs: fidelity.rungs.slice(bracketOf(number, fidelity)) }, number),
};

/** The rung at which trial `number` starts, as an index: its bracket. */
export function bracketOf(number: number, { rungs, reduction }: Fidelity): number {
  const sizes = rungs.map((_, b) => {
    const halvings = rungs.length - 1 - b;
    return Math.ceil((rungs.length * reduction ** halvings) / (halvings + 1));
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const drawn = mulberry32(seedOf(`hyperband|${number}`))() * total;
  let upTo = 0;
  return sizes.findIndex((size) => {
    upTo += size;
    return drawn < upTo;
  });
}
