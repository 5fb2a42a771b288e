/**
 * Expected hypervolume improvement, exactly, for objectives with models of their own (all minimised).
 *
 * What no point of the front dominates, below the reference, is cut into boxes. A new point Y adds the volume of the u
 * with Y <= u, so that the expectation over one box is a product over objectives of integrals of P(Y_j <= u), and the
 * integral from l to h is G(h) - G(l) with G(t) = E[max(0, t - Y_j)]. For two objectives the boxes are the strips
 * between neighbours of the front (Yang et al., "Efficient computation of expected hypervolume improvement using box
 * decomposition algorithms", Journal of Global Optimization 75, 2019).
 *
 *   f2 |####|            # dominated by a, b
 *   r2 +--+-+---+        box 0: f1 < a1, f2 < r2
 *      |0 a#|###|        box 1: a1 < f1 < b1, f2 < a2
 *      |  |1b###|        box 2: b1 < f1 < r1, f2 < b2
 *      +--+-+-2-+ r1
 */

import { normalCdf, normalDensity } from '../../../base/normal.ts';
import { nonDominatedSort } from '../front.ts';
import type { Score } from './acquisition.ts';

/** For each objective the index of the lower and of the upper edge. */
type Box = readonly (readonly [number, number])[];

interface Decomposition {
  /** Ascending, one list for each objective; the first is minus infinity, the last the reference. */
  readonly edges: readonly (readonly number[])[];
  readonly boxes: readonly Box[];
}

/** More boxes cost more than they tell: the front is thinned until there are fewer. */
const MOST_BOXES = 4000;
const SMALLEST = 1e-300;

/** The logarithm of the expected gain of volume over the front of `points`; one model for each objective, in order. */
export function logExpectedHypervolume(points: readonly (readonly number[])[], reference: readonly number[]): Score {
  const { edges, boxes } = decompose(points, reference);
  const m = reference.length;
  const gains = edges.map((list) => new Float64Array(list.length));
  const chances = edges.map((list) => new Float64Array(list.length));
  const densities = edges.map((list) => new Float64Array(list.length));
  const parts = new Float64Array(m);
  const score: Score = (means, deviations, byMean, byDeviation) => {
    for (let j = 0; j < m; j++) {
      for (let e = 1; e < edges[j]!.length; e++) {
        const z = (edges[j]![e]! - means[j]!) / deviations[j]!;
        chances[j]![e] = normalCdf(z);
        densities[j]![e] = normalDensity(z);
        gains[j]![e] = Math.max(0, deviations[j]! * (z * chances[j]![e]! + densities[j]![e]!));
      }
    }
    let total = 0;
    const slopesMean = new Float64Array(m);
    const slopesDeviation = new Float64Array(m);
    for (const box of boxes) {
      let product = 1;
      for (let j = 0; j < m; j++) {
        parts[j] = Math.max(0, gains[j]![box[j]![1]]! - gains[j]![box[j]![0]]!);
        product *= parts[j]!;
      }
      if (!(product > 0)) continue;
      total += product;
      for (let j = 0; j < m; j++) {
        const others = product / parts[j]!;
        slopesMean[j] = slopesMean[j]! - others * (chances[j]![box[j]![1]]! - chances[j]![box[j]![0]]!);
        slopesDeviation[j] = slopesDeviation[j]! + others * (densities[j]![box[j]![1]]! - densities[j]![box[j]![0]]!);
      }
    }
    if (!(total > SMALLEST)) return Math.log(SMALLEST);
    for (let j = 0; j < m; j++) {
      byMean[j] = byMean[j]! + slopesMean[j]! / total;
      byDeviation[j] = byDeviation[j]! + slopesDeviation[j]! / total;
    }
    return Math.log(total);
  };
  // The volume is convex in each objective, so its expectation grows with each deviation.
  const ignored = new Float64Array(m);
  const most: Score['most'] = (means, deviations) => score(means, deviations, ignored, ignored);
  return Object.assign(score, { most });
}

function decompose(points: readonly (readonly number[])[], reference: readonly number[]): Decomposition {
  const inside = points.filter((point) => point.every((value, j) => value < reference[j]!));
  let front = (nonDominatedSort(inside)[0] ?? []).map((i) => inside[i]!);
  for (;;) {
    const edges = reference.map((last, j) => [
      Number.NEGATIVE_INFINITY,
      ...[...new Set(front.map((point) => point[j]!))].sort((a, b) => a - b),
      last,
    ]);
    const indexed = front.map((point) => point.map((value, j) => edges[j]!.indexOf(value)));
    const boxes = boxesBelow(
      indexed,
      edges.map((list) => list.length - 1),
    );
    if (boxes.length <= MOST_BOXES) return { edges, boxes };
    front = front.filter((_, i) => i % 4 !== 3);
  }
}

/** Boxes of what no point dominates, over the indexes of edges: slices along the last objective, then one less. */
function boxesBelow(points: readonly (readonly number[])[], tops: readonly number[]): Box[] {
  const last = tops.length - 1;
  if (last === 0) return [[[0, Math.min(tops[0]!, ...points.map((point) => point[0]!))]]];
  const levels = [0, ...[...new Set(points.map((point) => point[last]!))].sort((a, b) => a - b), tops[last]!];
  const boxes: Box[] = [];
  for (let i = 0; i + 1 < levels.length; i++) {
    const under = points.filter((point) => point[last]! <= levels[i]!).map((point) => point.slice(0, last));
    for (const box of boxesBelow(under, tops.slice(0, last))) boxes.push([...box, [levels[i]!, levels[i + 1]!]]);
  }
  return boxes;
}
