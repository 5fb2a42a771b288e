import type { Params, ParamValue, Space } from '../space.ts';
import type { Trial } from '../trial.ts';
import { isActive } from './active.ts';
import { type Scale, scaleOf } from './scale.ts';

/**
 * A point as coordinates, one slot for each parameter in the order of the space: numbers and ordinals from 0 to 1, of
 * a categorical one the index of the choice, of an inactive one NaN.
 */
export type Encoded = Float64Array;

/** A space with its scales: what samplers compute with. */
export interface Domain {
  readonly space: Space;
  readonly scales: readonly Scale[];
  /** The coordinates of a point; NaN also for a value that the parameter does not have. */
  encode(params: Params): Encoded;
  /** The nearest point: values snapped, parameters whose conditions do not hold left out, NaN of others the middle. */
  decode(coordinates: ArrayLike<number>): Params;
  /** Equal for points that are the same try: same choices and steps, floats to a billionth of their range. */
  keyOf(params: Params): string;
}

const domains = new WeakMap<Space, Domain>();

/** The domain of a space that `checkSpace` accepts; made once for each space. */
export function domainOf(space: Space): Domain {
  const known = domains.get(space);
  if (known) return known;
  const scales = space.parameters.map(scaleOf);
  const encode = (params: Params): Encoded => {
    const coordinates = new Float64Array(scales.length);
    for (let i = 0; i < scales.length; i++) {
      const { parameter } = scales[i]!;
      coordinates[i] = isActive(parameter, params) ? scales[i]!.encode(params[parameter.name]) : NaN;
    }
    return coordinates;
  };
  const decode = (coordinates: ArrayLike<number>): Params => {
    const params: Record<string, ParamValue> = {};
    for (let i = 0; i < scales.length; i++) {
      const { parameter, isCategorical } = scales[i]!;
      const u = coordinates[i]!;
      if (isActive(parameter, params)) {
        params[parameter.name] = scales[i]!.decode(Number.isNaN(u) ? (isCategorical ? 0 : 0.5) : u);
      }
    }
    return params;
  };
  const domain = { space, scales, encode, decode, keyOf: (params: Params) => keyOf(scales, params) };
  domains.set(space, domain);
  return domain;
}

/**
 * The keys of the points that need no second try: running, waiting and ended ones, but for those that the world and not
 * the point made fail.
 */
export function triedKeys({ keyOf }: Domain, trials: readonly Trial[]): Set<string> {
  const counted = trials.filter(({ state, failure }) => state !== 'FAIL' || (failure ?? 'error') !== 'error');
  return new Set(counted.map(({ params }) => keyOf(params)));
}

/**
 * How many distinct points a space has, conditions counted; Infinity with a float that has no step. Where more than
 * 100,000 combinations of the parents would have to be looked at, conditions are taken as independent.
 */
export function pointCount(space: Space): number {
  const { scales } = domainOf(space);
  if (scales.some(({ levels }) => levels === Infinity)) return Infinity;
  const parents = new Set(space.parameters.flatMap(({ when = [] }) => when.map(({ parent }) => parent)));
  const combinations = scales.reduce(
    (product, { parameter, levels }) => product * (parents.has(parameter.name) ? levels : 1),
    1,
  );
  const mustApproximate = combinations > 100_000;
  const count = (at: number, params: Record<string, ParamValue>): number => {
    const scale = scales[at];
    if (!scale) return 1;
    const { parameter, levels } = scale;
    if (!isActive(parameter, params) && !mustApproximate) return count(at + 1, params);
    if (!parents.has(parameter.name) || mustApproximate) return levels * count(at + 1, params);
    let sum = 0;
    for (let level = 0; level < levels; level++) {
      params[parameter.name] = scale.valueAt(level);
      sum += count(at + 1, params);
    }
    delete params[parameter.name];
    return sum;
  };
  return count(0, {});
}

function keyOf(scales: readonly Scale[], params: Params): string {
  let key = '';
  for (const { parameter, levels, levelOf, encode } of scales) {
    const value = params[parameter.name];
    if (value === undefined || !isActive(parameter, params)) key += ';';
    else if (levels < Infinity) key += `${levelOf(value)};`;
    else key += `${Math.round(encode(value) * 1e9)};`;
  }
  return key;
}
