import type { Rng } from '../rng.ts';
import type { Score } from './acquisition.ts';
import type { Belief } from './belief.ts';
import { squaredDelta } from './kernel.ts';
import type { Predictor } from './model.ts';
import { draw, type Grid } from './points.ts';
import { effortFor, search } from './search.ts';

/** Of how many random points the one farthest from all that was tried is taken. */
const SPREAD = 64;
/** Floats nearer than this, in units of their range, are the same point again. */
const SAME = 5e-4;

/** What decides on the next point. */
interface Question {
  readonly predictors: readonly Predictor[];
  /** Over the predictors, in their order. */
  readonly score: Score;
  /** 1/lengthscale^2 of each dimension of the grid. */
  readonly theta: Float64Array;
  /** The best so far: their neighbours are looked at too. */
  readonly incumbents: readonly Float64Array[];
  /** Points that are not to come again. */
  readonly tried: readonly Float64Array[];
  readonly belief?: Belief;
}

/** The best point by the score that was not tried yet. */
export function propose(grid: Grid, question: Question, rng: Rng): Float64Array {
  const { incumbents, tried } = question;
  const found = search(grid, question, incumbents, effortFor(tried.length), rng);
  const fresh = found.find(({ point }) => !tried.some((other) => isSame(grid, point, other)));
  return fresh?.point ?? spreadPoint(grid, tried, rng);
}

/** Of some random points the one farthest from all others (Mitchell's best candidate, 1991). */
export function spreadPoint(grid: Grid, tried: readonly Float64Array[], rng: Rng): Float64Array {
  let best = draw(grid, rng);
  let farthest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < (tried.length === 0 ? 1 : SPREAD); i++) {
    const point = i === 0 ? best : draw(grid, rng);
    const nearest = tried.reduce((least, other) => Math.min(least, distance(grid, point, other)), Infinity);
    if (nearest > farthest) [best, farthest] = [point, nearest];
  }
  return best;
}

/** True where two points are set alike: the same levels, and floats that nobody could tell apart. */
export function isSame({ scales }: Grid, a: Float64Array, b: Float64Array): boolean {
  return scales.every(({ levels }, i) => {
    const off = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(off)) return Number.isNaN(a[i]!) && Number.isNaN(b[i]!);
    return off < (levels === Infinity ? SAME : 1e-9);
  });
}

function distance({ categories }: Grid, a: Float64Array, b: Float64Array): number {
  return categories.reduce((sum, category, i) => sum + squaredDelta(a[i]!, b[i]!, category), 0);
}
