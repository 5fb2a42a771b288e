import { freshPoint } from '../domain/fresh.ts';
import { pointFrom } from '../domain/uniform.ts';
import { mulberry32, type Rng, seedOf } from '../rng.ts';
import type { Sampler } from '../sampler.ts';
import type { Params, Space } from '../space.ts';
import { nextNumber } from './next-number.ts';

/** Points of one design, where the budget is not known. */
const SIZE = 16;

/**
 * Latin hypercube (McKay, Beckman and Conover 1979): of each `size` trials every parameter meets each of `size` equal
 * parts of its range once. The design hangs on `seed` alone, so trial number `n` has its point whoever asks.
 */
export function latinSampler({ seed, size = SIZE }: { readonly seed: number; readonly size?: number }): Sampler {
  return {
    name: 'lhs',
    suggest: (history, rng) => {
      let place = nextNumber(history.trials);
      return freshPoint(history, () => latinPoint(history.space, seed, size, place++), rng);
    },
  };
}

/** Point `place` of the endless row of designs. */
export function latinPoint(space: Space, seed: number, size: number, place: number): Params {
  const design = Math.floor(place / size);
  return pointFrom(space, (slot) => {
    const rng = mulberry32(seedOf(`lhs|${seed}|${design}|${slot}`));
    const order = shuffled(size, rng);
    let jitter = 0;
    for (let k = 0; k <= place % size; k++) jitter = rng();
    return (order[place % size]! + jitter) / size;
  });
}

/** The numbers 0 to n - 1 in a random order (Fisher and Yates). */
function shuffled(n: number, rng: Rng): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
