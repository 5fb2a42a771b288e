/** Ranks are packed behind 32 bits of the coordinate, so that a sort of numbers orders equal ones by their place. */
const PLACES = 2 ** 20;

/**
 * Width of the kernel on each observation: the larger gap to its neighbours (among them the prior's kernel in the
 * middle), of the outermost the gap to their only one; from 1/min(100, 2 + n) of the range ("magic clip") to all of it.
 * Coordinates are from 0 to 1, at most 2^20 of them.
 */
export function bandwidths(mus: Float64Array): Float64Array {
  const n = mus.length;
  const keys = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) keys[i] = Math.round(mus[i]! * 2 ** 32) * PLACES + i;
  keys[n] = 2 ** 31 * PLACES + n;
  keys.sort();
  const at = (k: number): number => Math.floor(keys[k]! / PLACES) / 2 ** 32;
  const least = 1 / Math.min(100, 2 + n);
  const sigmas = new Float64Array(n);
  for (let k = 0; k <= n; k++) {
    const place = keys[k]! % PLACES;
    if (place === n) continue;
    const here = at(k);
    const below = k > 0 ? here - at(k - 1) : -1;
    const above = k < n ? at(k + 1) - here : -1;
    sigmas[place] = Math.min(1, Math.max(least, below, above));
  }
  return sigmas;
}
