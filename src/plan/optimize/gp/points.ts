import { type Domain, domainOf } from '../domain/domain.ts';
import type { Scale } from '../domain/scale.ts';
import type { Rng } from '../rng.ts';
import type { Space } from '../space.ts';

/** The domain of a space with what is asked of it in inner loops. */
export interface Grid extends Domain {
  /** Which dimensions are categories. */
  readonly categories: readonly boolean[];
  /** For each dimension the conditions: which dimension the parent is, and which of its coordinates count. */
  readonly conditions: readonly (readonly { readonly parent: number; readonly holds: (at: number) => boolean }[])[];
}

export function gridOf(space: Space): Grid {
  const domain = domainOf(space);
  const index = new Map(space.parameters.map(({ name }, i) => [name, i]));
  return {
    ...domain,
    categories: domain.scales.map(({ isCategorical }) => isCategorical),
    conditions: space.parameters.map(({ when = [] }) =>
      when.map(({ parent, values }) => {
        const at = index.get(parent)!;
        return { parent: at, holds: (coordinate) => values.includes(domain.scales[at]!.decode(coordinate)) };
      }),
    ),
  };
}

/** The coordinate of a value by its place in the order. */
export function levelAt(scale: Scale, level: number): number {
  return scale.isCategorical ? level : scale.encode(scale.valueAt(level));
}

/** A coordinate where a value lies: the nearest. */
export function snap(scale: Scale, coordinate: number): number {
  return scale.levels === Infinity ? coordinate : scale.encode(scale.decode(coordinate));
}

/** A value of a dimension, uniform. */
export function drawOne(scale: Scale, rng: Rng): number {
  const u = rng();
  return scale.levels === Infinity ? u : levelAt(scale, Math.min(scale.levels - 1, Math.floor(u * scale.levels)));
}

/** A point, uniform: one number of the stream for each active parameter. */
export function draw(grid: Grid, rng: Rng): Float64Array {
  const point = new Float64Array(grid.scales.length).fill(Number.NaN);
  settle(grid, point, rng);
  return point;
}

/** After a parent changed: gives a value to what became active, takes it from what no longer is. */
export function settle({ scales, conditions }: Grid, point: Float64Array, rng: Rng): void {
  for (let i = 0; i < point.length; i++) {
    let active = true;
    for (const { parent, holds } of conditions[i]!) active &&= !Number.isNaN(point[parent]!) && holds(point[parent]!);
    if (!active) point[i] = Number.NaN;
    else if (Number.isNaN(point[i]!)) point[i] = drawOne(scales[i]!, rng);
  }
}
