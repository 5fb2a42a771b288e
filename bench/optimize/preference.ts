import { mulberry32, seedOf } from '../../src/plan/optimize/rng.ts';
import type { Params } from '../../src/plan/optimize/space.ts';
import type { Comparison, PreferenceArm } from './arms.ts';
import type { Problem } from './problems.ts';

/**
 * Lets a judge compare pairs: it prefers the better point with a probability that falls with the difference. Returns
 * the regret of what the arm recommends after each number of comparisons.
 */
export function runPreference(
  { specification, formulas }: Problem,
  arm: PreferenceArm,
  seed: number,
  checkpoints: readonly number[],
): Record<number, number> {
  const { name, space, temperature = 0.05, optimum } = specification;
  const points: Params[] = [];
  const comparisons: Comparison[] = [];
  const at: Record<number, number> = {};
  for (let asks = 0; comparisons.length < Math.max(...checkpoints); asks++) {
    const { champion, challenger } = arm.next(
      space,
      points,
      comparisons,
      mulberry32(seedOf(`${name}|${seed}|ask|${asks}`)),
    );
    const place = points.push(challenger) - 1;
    if (champion === undefined) continue;
    const difference = formulas.comfy(challenger) - formulas.comfy(points[champion]!);
    const isChampion =
      mulberry32(seedOf(`${name}|${seed}|judge|${comparisons.length}`))() <
      1 / (1 + Math.exp(-difference / temperature));
    comparisons.push(isChampion ? { winner: champion, loser: place } : { winner: place, loser: champion });
    if (!checkpoints.includes(comparisons.length)) continue;
    const best = points[arm.recommend(space, points, comparisons) ?? -1];
    at[comparisons.length] = best ? formulas.comfy(best) - (optimum?.value ?? 0) : NaN;
  }
  return at;
}
