import type { Rng } from '../rng.ts';
import type { Score } from './acquisition.ts';
import type { Belief } from './belief.ts';
import type { Predictor } from './model.ts';
import { draw, type Grid } from './points.ts';
import { effortFor, type Scored, search } from './search.ts';

/** Most tries to find a point that is new at random. */
const MOST_DRAWS = 64;
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
  /** Points of the largest model, where they are more than were tried. */
  readonly size?: number;
  readonly belief?: Belief;
}

/** The best point by the score that was not tried yet. */
export function propose(grid: Grid, question: Question, rng: Rng): Float64Array {
  const { incumbents, tried, size = tried.length } = question;
  const { best, most, all } = search(grid, question, incumbents, effortFor(size), rng);
  const isFresh = ({ point }: Scored): boolean => !tried.some((other) => isSame(grid, point, other));
  const first = best.find(isFresh);
  const fresh = first && first.score >= most ? first : all().find(isFresh);
  return fresh?.point ?? unseenPoint(grid, tried, rng);
}

/**
 * A point at random that was not tried yet, as far as that is found soon. The first points of a study are such: those
 * farthest from each other lie in the corners of the space, where settings are seldom good, and were a fifth worse.
 */
export function unseenPoint(grid: Grid, tried: readonly Float64Array[], rng: Rng): Float64Array {
  let point = draw(grid, rng);
  for (let draws = 1; draws < MOST_DRAWS && tried.some((other) => isSame(grid, point, other)); draws++)
    point = draw(grid, rng);
  return point;
}

/** True where two points are set alike: the same levels, and floats that nobody could tell apart. */
export function isSame({ scales }: Grid, a: Float64Array, b: Float64Array): boolean {
  return scales.every(({ levels }, i) => {
    const off = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(off)) return Number.isNaN(a[i]!) && Number.isNaN(b[i]!);
    return off < (levels === Infinity ? SAME : 1e-9);
  });
}
