/** Vectors of objectives; everything here is minimised. */
type Vector = readonly number[];

/** True when a is nowhere worse than b and somewhere better. */
export function dominates(a: Vector, b: Vector): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) better = true;
  }
  return better;
}

/** Indexes by layer: those nobody dominates, those only the first layer dominates, and so on; ascending in each. */
export function nonDominatedSort(points: readonly Vector[]): number[][] {
  const layers: number[][] = [];
  let rest = points.map((_, i) => i);
  while (rest.length > 0) {
    const layer = rest.filter((i) => !rest.some((j) => dominates(points[j]!, points[i]!)));
    layers.push(layer);
    const taken = new Set(layer);
    rest = rest.filter((i) => !taken.has(i));
  }
  return layers;
}

/**
 * The volume that the points dominate below the reference point, exactly, for any number of objectives: slices along the
 * last objective, each of which is the same question with one objective less (Zitzler's HSO). Points that are not better
 * than the reference everywhere add nothing.
 */
export function hypervolume(points: readonly Vector[], reference: Vector): number {
  const inside = points.filter((point) => point.every((value, i) => value < reference[i]!));
  if (inside.length === 0) return 0;
  const last = reference.length - 1;
  if (last === 0) return reference[0]! - Math.min(...inside.map((point) => point[0]!));
  const sorted = [...inside].sort((a, b) => a[last]! - b[last]!);
  if (last === 1) {
    let volume = 0;
    let left = reference[0]!;
    for (const point of sorted) {
      if (point[0]! >= left) continue;
      volume += (left - point[0]!) * (reference[1]! - point[1]!);
      left = point[0]!;
    }
    return volume;
  }
  const below = reference.slice(0, last);
  let volume = 0;
  let area: Vector[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const flat = sorted[i]!.slice(0, last);
    area = [
      ...area.filter((other) => !covers(flat, other)),
      ...(area.some((other) => covers(other, flat)) ? [] : [flat]),
    ];
    const top = sorted[i + 1]?.[last] ?? reference[last]!;
    if (top > sorted[i]![last]!) volume += hypervolume(area, below) * (top - sorted[i]![last]!);
  }
  return volume;
}

function covers(a: Vector, b: Vector): boolean {
  return a.every((value, i) => value <= b[i]!);
}
