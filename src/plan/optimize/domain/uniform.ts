import type { Rng } from '../rng.ts';
import type { Params, ParamValue, Space } from '../space.ts';
import { isActive } from './active.ts';
import { domainOf } from './domain.ts';

/**
 * A point of the space, each value equally likely (of a log scale: each ratio): one number of the stream for each
 * active parameter, in the order of the space.
 */
export function uniformPoint(space: Space, rng: Rng): Params {
  return pointFrom(space, () => rng());
}

/** The point that numbers from [0, 1) stand for; `unit` is asked for each active parameter, by its place in the space. */
export function pointFrom(space: Space, unit: (place: number) => number): Params {
  const params: Record<string, ParamValue> = {};
  for (const [place, { parameter, isCategorical, levels, decode }] of domainOf(space).scales.entries()) {
    if (!isActive(parameter, params)) continue;
    const u = unit(place);
    params[parameter.name] = decode(isCategorical ? Math.floor(u * levels) : u);
  }
  return params;
}
