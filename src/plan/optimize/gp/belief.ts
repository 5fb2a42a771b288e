/**
 * What somebody believes about good points before there are any: of families, of text, of experts. It weighs the score
 * by the belief to the power of `strength / n`, so that n measurements wash it out (Hvarfner et al., "piBO", ICLR 2022).
 */

import type { ParamValue } from '../space.ts';
import type { Grid } from './points.ts';

/** The belief about one parameter: where good values lie, or how likely each choice is the best one. */
export type ParameterBelief =
  | { readonly kind: 'around'; readonly value: number /** In shares of the range. */; readonly deviation: number }
  | { readonly kind: 'choices'; readonly weights: ReadonlyMap<ParamValue, number> };

export interface Beliefs {
  readonly parameters: Readonly<Record<string, ParameterBelief>>;
  /** Measurements after which the belief weighs as much as one in the plain sense of the method; 10 where absent. */
  readonly strength?: number;
}

/** The logarithm of a belief at a point; `slope` adds its derivative by the numbers. */
export interface Belief {
  at(point: Float64Array): number;
  slope(point: Float64Array, gradient: Float64Array): void;
}

/** A choice that nobody named is believed in this much, so that none is ever out of question. */
const LEAST = 0.01;

/** The belief as it weighs after `n` measurements. */
export function beliefOver(grid: Grid, beliefs: Beliefs, n: number): Belief {
  const power = (beliefs.strength ?? 10) / Math.max(1, n);
  const around: { i: number; centre: number; deviation: number }[] = [];
  const among: { i: number; log: (encoded: number) => number }[] = [];
  grid.scales.forEach(({ parameter, isCategorical, encode, decode }, i) => {
    const belief = beliefs.parameters[parameter.name];
    if (belief?.kind === 'around' && !isCategorical)
      around.push({ i, centre: encode(belief.value), deviation: belief.deviation });
    if (belief?.kind === 'choices')
      among.push({ i, log: (encoded) => Math.log(Math.max(LEAST, belief.weights.get(decode(encoded)) ?? 0)) });
  });
  return {
    at(point) {
      let sum = 0;
      for (const { i, log } of among) if (!Number.isNaN(point[i]!)) sum += log(point[i]!);
      for (const { i, centre, deviation } of around)
        if (!Number.isNaN(point[i]!)) sum -= 0.5 * ((point[i]! - centre) / deviation) ** 2;
      return power * sum;
    },
    slope(point, gradient) {
      for (const { i, centre, deviation } of around)
        if (!Number.isNaN(point[i]!)) gradient[i] = gradient[i]! - (power * (point[i]! - centre)) / deviation ** 2;
    },
  };
}
