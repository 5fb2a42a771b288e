import { freshPoint } from '../domain/fresh.ts';
import { pointFrom } from '../domain/uniform.ts';
import type { Sampler } from '../sampler.ts';
import type { Params, Space } from '../space.ts';
import { nextNumber } from './next-number.ts';
import { sobolNumber } from './sobol-sequence.ts';

/** Scrambled Sobol points: more even than random ones at any budget. Trial number n has point n of the sequence. */
export function sobolSampler({ seed }: { readonly seed: number }): Sampler {
  return {
    name: 'sobol',
    suggest: (history, rng) => {
      let index = nextNumber(history.trials);
      return freshPoint(history, () => sobolPoint(history.space, seed, index++), rng);
    },
  };
}

/** Point `index` of the sequence that `seed` scrambles; each parameter has its own dimension, active or not. */
export function sobolPoint(space: Space, seed: number, index: number): Params {
  return pointFrom(space, (dimension) => sobolNumber(index, dimension, seed));
}
