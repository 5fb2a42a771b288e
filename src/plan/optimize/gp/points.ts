import type { Rng } from '../rng.ts';
import type { Parameter, Params, ParamValue, Space } from '../space.ts';

/** One dimension of encoded points. */
export interface Dimension {
  readonly parameter: Parameter;
  readonly category: boolean;
  /** How many different values there are; 0 for a float without steps. */
  readonly levels: number;
  readonly encode: (value: ParamValue) => number;
  readonly decode: (encoded: number) => ParamValue;
  /** Where it is there: for each condition the dimension of the parent and which encoded values of it count. */
  readonly when: readonly { readonly parent: number; readonly holds: (encoded: number) => boolean }[];
}

/** A space as the kernel sees it; see `kernel.ts` for what the numbers of a point mean. */
export interface Grid {
  readonly dimensions: readonly Dimension[];
  readonly categories: readonly boolean[];
}

export function gridOf(space: Space): Grid {
  const index = new Map(space.parameters.map((parameter, i) => [parameter.name, i]));
  const dimensions: Dimension[] = space.parameters.map((parameter) => ({
    parameter,
    category: parameter.kind === 'categorical',
    levels: levelsOf(parameter),
    encode: (value) => encodeOne(parameter, value),
    decode: (encoded) => decodeOne(parameter, encoded),
    when: (parameter.when ?? []).map(({ parent, values }) => {
      const at = index.get(parent)!;
      const of = space.parameters[at]!;
      return { parent: at, holds: (encoded) => values.includes(decodeOne(of, encoded)) };
    }),
  }));
  return { dimensions, categories: dimensions.map(({ category }) => category) };
}

/** The values as numbers; a value outside its bounds goes to the nearest, an unknown choice differs from all others. */
export function encode({ dimensions }: Grid, params: Params): Float64Array {
  return Float64Array.from(dimensions, ({ parameter }) => {
    const value = params[parameter.name];
    return value === undefined ? Number.NaN : encodeOne(parameter, value);
  });
}

/** The parameters of an encoded point whose numbers are snapped to levels. */
export function decode({ dimensions }: Grid, point: Float64Array): Params {
  const params: Record<string, ParamValue> = {};
  dimensions.forEach(({ parameter }, i) => {
    const value = point[i]!;
    if (!Number.isNaN(value)) params[parameter.name] = decodeOne(parameter, value);
  });
  return params;
}

/** A number on a level: the middle of its cell, or the index of the choice. */
export function levelAt({ category, levels }: Dimension, level: number): number {
  return category ? level : (level + 0.5) / levels;
}

/** The level of an encoded value. */
export function levelOf({ category, levels }: Dimension, encoded: number): number {
  return category ? encoded : Math.min(levels - 1, Math.max(0, Math.floor(encoded * levels)));
}

/** A value of a dimension, uniform. */
export function drawOne(dimension: Dimension, rng: Rng): number {
  const u = rng();
  return dimension.levels === 0
    ? u
    : levelAt(dimension, Math.min(dimension.levels - 1, Math.floor(u * dimension.levels)));
}

/** A point, uniform: one number of the stream for each active parameter. */
export function draw(grid: Grid, rng: Rng): Float64Array {
  const point = new Float64Array(grid.dimensions.length).fill(Number.NaN);
  settle(grid, point, rng);
  return point;
}

/** After a parent changed: gives a value to what became active, takes it from what no longer is. */
export function settle({ dimensions }: Grid, point: Float64Array, rng: Rng): void {
  dimensions.forEach((dimension, i) => {
    const active = dimension.when.every(({ parent, holds }) => !Number.isNaN(point[parent]!) && holds(point[parent]!));
    if (!active) point[i] = Number.NaN;
    else if (Number.isNaN(point[i]!)) point[i] = drawOne(dimension, rng);
  });
}

function levelsOf(parameter: Parameter): number {
  if (parameter.kind === 'ordinal' || parameter.kind === 'categorical') return parameter.choices.length;
  const step = parameter.step ?? (parameter.kind === 'int' ? 1 : undefined);
  return step === undefined ? 0 : Math.floor((parameter.high - parameter.low) / step + 1e-9) + 1;
}

function encodeOne(parameter: Parameter, value: ParamValue): number {
  if (parameter.kind === 'categorical') return parameter.choices.indexOf(value);
  if (parameter.kind === 'ordinal') {
    const at = parameter.choices.indexOf(value);
    return at < 0 ? 0.5 : (at + 0.5) / parameter.choices.length;
  }
  const [low, high] = edges(parameter);
  const there = parameter.log ? Math.log(Number(value)) : Number(value);
  return high > low ? Math.min(1, Math.max(0, (there - low) / (high - low))) : 0.5;
}

function decodeOne(parameter: Parameter, encoded: number): ParamValue {
  if (parameter.kind === 'categorical') return parameter.choices[encoded]!;
  if (parameter.kind === 'ordinal')
    return parameter.choices[Math.min(parameter.choices.length - 1, Math.floor(encoded * parameter.choices.length))]!;
  const [low, high] = edges(parameter);
  const there = low + encoded * (high - low);
  const value = parameter.log ? Math.exp(there) : there;
  const step = parameter.step ?? (parameter.kind === 'int' ? 1 : undefined);
  if (step === undefined) return Math.min(parameter.high, Math.max(parameter.low, value));
  const level = Math.round((value - parameter.low) / step);
  return parameter.low + step * Math.min(levelsOf(parameter) - 1, Math.max(0, level));
}

/** What 0 and 1 stand for: half a step outside of the bounds where there are steps. */
function edges(parameter: Extract<Parameter, { low: number }>): [number, number] {
  const half = (parameter.step ?? (parameter.kind === 'int' ? 1 : 0)) / 2;
  const high = half > 0 ? parameter.low + 2 * half * (levelsOf(parameter) - 1) : parameter.high;
  return parameter.log
    ? [Math.log(Math.max(parameter.low - half, parameter.low / 2)), Math.log(high + half)]
    : [parameter.low - half, high + half];
}
