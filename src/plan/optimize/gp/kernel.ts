/**
 * How alike two points are: Matern 5/2 on q = sum of theta_i * delta_i^2, the model family of Optuna's GPSampler.
 *
 * A point is one number for each dimension: a place in [0, 1] for numbers and ordinals, the index of the choice for
 * categories, NaN where the parameter is absent. delta^2 is the squared distance of numbers, 1 for different choices, 1/2
 * where one point has the parameter and the other has not, 0 where neither has.
 */

/** The squared distance of two points in one dimension. */
export function squaredDelta(a: number, b: number, category: boolean): number {
  const off = a - b;
  if (Number.isNaN(off)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : 0.5;
  return category ? (off === 0 ? 0 : 1) : off * off;
}

/** Matern 5/2 of a weighted squared distance; 1 at 0. */
export function matern(q: number): number {
  const r = Math.sqrt(5 * q);
  return (1 + r + (5 / 3) * q) * Math.exp(-r);
}

/** The derivative of `matern` by q. */
export function maternSlope(q: number): number {
  const r = Math.sqrt(5 * q);
  return (-5 / 6) * (1 + r) * Math.exp(-r);
}

/** Squared distances of all pairs a > b of n points, row by row of the lower triangle; one array for each dimension. */
export function pairwise(points: readonly Float64Array[], categories: readonly boolean[]): readonly Float64Array[] {
  const n = points.length;
  return categories.map((category, i) => {
    const out = new Float64Array((n * (n - 1)) / 2);
    let pair = 0;
    for (let a = 1; a < n; a++) {
      const here = points[a]![i]!;
      for (let b = 0; b < a; b++) out[pair++] = squaredDelta(here, points[b]![i]!, category);
    }
    return out;
  });
}
