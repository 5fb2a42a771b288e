import type { Params, ParamValue, Space } from '../space.ts';
import { isActive } from './active.ts';
import { domainOf } from './domain.ts';

/**
 * All points in the order of the space, the last parameter running fastest; a parameter with more than `divisions`
 * numbers, or a float without a step, gives that many, in the middle of equal parts.
 */
export function* gridPoints(space: Space, divisions: number): Generator<Params> {
  const { scales } = domainOf(space);
  function* from(at: number, params: Record<string, ParamValue>): Generator<Params> {
    const scale = scales[at];
    if (!scale) yield { ...params };
    else if (!isActive(scale.parameter, params)) yield* from(at + 1, params);
    else {
      const { levels, isCategorical, decode, valueAt, parameter } = scale;
      const isWhole = isCategorical || levels <= divisions;
      const count = isWhole ? levels : divisions;
      for (let level = 0; level < count; level++) {
        params[parameter.name] = isWhole ? valueAt(level) : decode((level + 0.5) / divisions);
        yield* from(at + 1, params);
      }
      delete params[parameter.name];
    }
  }
  yield* from(0, {});
}
