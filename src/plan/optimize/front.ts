import type { Direction } from './trial.ts';

/** Points of an objective space, all of the same length; every coordinate is to be small. */
export type Points = readonly (readonly number[])[];

/** Values with the sign at which small is good. */
export function asMinimised(values: readonly number[], directions: readonly Direction[]): number[] {
  return values.map((value, i) => (directions[i] === 'maximize' ? -value : value));
}

/** Whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetter = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) isBetter = true;
  }
  return isBetter;
}

/** Indexes of the points that no other dominates, ascending; equal points are all there. */
export function nonDominated(points: Points): number[] {
  // In the order of the coordinates whoever dominates stands before: a point needs comparison with the front so far only.
  const front: number[] = [];
  for (const i of inOrder(points)) {
    if (!front.some((j) => dominates(points[j]!, points[i]!))) front.push(i);
  }
  return front.sort((a, b) => a - b);
}

/** Indexes by layer: the first is the front, the second the front without the first, and so on (Deb et al. 2002). */
export function nonDominatedSort(points: Points): number[][] {
  const layers: number[][] = [];
  for (const i of inOrder(points)) {
    // Each point of a layer is dominated by one of the layer before, so the first layer that leaves it alone is its own.
    const layer = layers.find((members) => !members.some((j) => dominates(points[j]!, points[i]!)));
    if (layer) layer.push(i);
    else layers.push([i]);
  }
  return layers.map((members) => members.sort((a, b) => a - b));
}

/**
 * Volume of what the points dominate, up to the reference point: exact, for any number of objectives. Points that are
 * not better than the reference in every coordinate add nothing. Two objectives are a sweep; more are the exclusive
 * volumes of While, Bradstreet and Barone, IEEE Trans. Evol. Comp. 16 (2012).
 */
export function hypervolume(points: Points, reference: readonly number[]): number {
  const inside = points.filter((point) => point.every((value, i) => value < reference[i]!));
  return volume(frontOf(inside), reference);
}

function volume(front: Points, reference: readonly number[]): number {
  if (front.length === 0) return 0;
  if (reference.length === 1) return reference[0]! - Math.min(...front.map(([value]) => value!));
  if (reference.length === 2) return sweep(front, reference);
  // From the worst first coordinate on, so that what remains to be limited gets small fast.
  const sorted = [...front].sort((a, b) => b[0]! - a[0]!);
  let sum = 0;
  for (const [i, point] of sorted.entries()) {
    const limited = sorted.slice(i + 1).map((other) => other.map((value, k) => Math.max(value, point[k]!)));
    const own = point.reduce((product, value, k) => product * (reference[k]! - value), 1);
    sum += own - volume(frontOf(limited), reference);
  }
  return sum;
}

/** Area below a front of two objectives. */
function sweep(front: Points, reference: readonly number[]): number {
  let height = reference[1]!;
  let area = 0;
  for (const [x, y] of [...front].sort((a, b) => a[0]! - b[0]!)) {
    if (y! >= height) continue;
    area += (reference[0]! - x!) * (height - y!);
    height = y!;
  }
  return area;
}

/** The points of the front, equal ones once. */
function frontOf(points: Points): Points {
  const front = nonDominated(points).map((i) => points[i]!);
  return front.filter((point, i) => !front.slice(0, i).some((other) => other.every((value, k) => value === point[k])));
}

function inOrder(points: Points): number[] {
  return [...points.keys()].sort((a, b) => compare(points[a]!, points[b]!) || a - b);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
