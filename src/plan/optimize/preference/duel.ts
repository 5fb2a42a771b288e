import { logExpectedImprovement } from '../gp/acquisition.ts';
import { gridOf } from '../gp/points.ts';
import { propose, unseenPoint } from '../gp/propose.ts';
import type { Rng } from '../rng.ts';
import type { Params, Space } from '../space.ts';
import type { Comparison } from './propagation.ts';
import { behind, fitUtilities, type Utilities } from './utilities.ts';

/** The next question to a person: the champion so far, as an index of points, against a new point. */
export interface Duel {
  /** Undefined for the very first point, which has nobody to meet yet. */
  readonly champion: number | undefined;
  readonly challenger: Params;
}

/** Points at random before the model proposes. */
const INITIAL = 8;
const INCUMBENTS = 4;

/**
 * Whom the champion meets next: the point with the largest expected improvement over it, by the difference of the two
 * (their shared uncertainty is none). The first challengers are random.
 */
export function nextDuel(space: Space, points: readonly Params[], comparisons: readonly Comparison[], rng: Rng): Duel {
  const grid = gridOf(space);
  const tried = points.map((params) => grid.encode(params));
  if (tried.length === 0) return { champion: undefined, challenger: grid.decode(unseenPoint(grid, tried, rng)) };
  const utilities = fitUtilities(tried, comparisons, grid.categories);
  const order = byUtility(utilities);
  const champion = order[0]!;
  if (tried.length < INITIAL) return { champion, challenger: grid.decode(unseenPoint(grid, tried, rng)) };
  const question = {
    predictors: [behind(utilities, tried[champion]!)],
    score: logExpectedImprovement(0),
    theta: utilities.theta,
    incumbents: order.slice(0, INCUMBENTS).map((i) => tried[i]!),
    tried,
  };
  return { champion, challenger: grid.decode(propose(grid, question, rng)) };
}

/** The point that is most probably the best of those compared, as an index; undefined without points. */
export function preferred(
  space: Space,
  points: readonly Params[],
  comparisons: readonly Comparison[],
): number | undefined {
  const grid = gridOf(space);
  const utilities = fitUtilities(
    points.map((params) => grid.encode(params)),
    comparisons,
    grid.categories,
  );
  return points.length === 0 ? undefined : byUtility(utilities)[0];
}

/** Indexes by utility, best first; equal ones in their order. */
function byUtility({ means }: Utilities): number[] {
  return Array.from(means, (_, i) => i).sort((a, b) => means[b]! - means[a]! || a - b);
}
