import { freshPoint } from '../domain/fresh.ts';
import { uniformPoint } from '../domain/uniform.ts';
import type { Sampler } from '../sampler.ts';

/** Each value equally likely; a point that was tried is drawn again while the space has others. */
export const randomSampler: Sampler = {
  name: 'random',
  suggest: (history, rng) => freshPoint(history, () => uniformPoint(history.space, rng), rng),
};
