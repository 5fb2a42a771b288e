import type { Rng } from '../rng.ts';
import type { History } from '../sampler.ts';
import type { Params } from '../space.ts';
import { domainOf, pointCount, triedKeys } from './domain.ts';
import { gridPoints } from './grid.ts';
import { uniformPoint } from './uniform.ts';

/** So many draws are taken from what a sampler wants, then from the whole space. */
const WANTED_DRAWS = 8;
const UNIFORM_DRAWS = 32;
/** Spaces up to this size are searched for what is left. */
const SEARCHED = 4096;

/**
 * The first of the drawn points that nobody tried or tries; where a sampler keeps drawing tried ones, a uniform one,
 * and of a small space one of those left. Only where nothing is left (or was found), a point is tried again.
 */
export function freshPoint({ space, trials }: History, draw: () => Params, rng: Rng): Params {
  const domain = domainOf(space);
  const tried = triedKeys(domain, trials);
  const isFresh = (params: Params): boolean => !tried.has(domain.keyOf(params));
  const wanted = draw();
  if (isFresh(wanted)) return wanted;
  for (let i = 1; i < WANTED_DRAWS; i++) {
    const params = draw();
    if (isFresh(params)) return params;
  }
  for (let i = 0; i < UNIFORM_DRAWS; i++) {
    const params = uniformPoint(space, rng);
    if (isFresh(params)) return params;
  }
  const count = pointCount(space);
  if (count > SEARCHED || tried.size >= count) return wanted;
  const left = [...gridPoints(space, SEARCHED)].filter(isFresh);
  return left[Math.floor(rng() * left.length)] ?? wanted;
}
