import type { Pruner } from '../pruner.ts';
import { ashaPruner } from './asha.ts';
import { hyperbandPruner } from './hyperband.ts';
import { medianPruner } from './median.ts';

/** The pruners by name, with what each is for. */
export const PRUNERS: Readonly<Record<string, { readonly pruner: Pruner; readonly summary: string }>> = {
  median: { pruner: medianPruner(), summary: 'stops what is worse than the median at the same step' },
  asha: { pruner: ashaPruner, summary: 'gives more to the best third of each rung; what stops may go on later' },
  hyperband: { pruner: hyperbandPruner, summary: 'asha from several rungs on, for early values that may mislead' },
};
