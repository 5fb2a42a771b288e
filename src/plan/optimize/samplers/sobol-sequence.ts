import { mulberry32, seedOf } from '../rng.ts';

/**
 * Sobol's sequence with the direction numbers of Joe and Kuo, SIAM J. Sci. Comput. 30 (2008), file
 * `new-joe-kuo-6.21201`: for each dimension from the second on the coefficients a of its primitive polynomial and the
 * initial numbers m. The degree of the polynomial is the number of the m.
 */
const JOE_KUO = `0:1 1:1,3 1:1,3,1 2:1,1,1 1:1,1,3,3 4:1,3,5,13 2:1,1,5,5,17 4:1,1,5,5,5 7:1,1,7,11,19 11:1,1,5,1,1
13:1,1,1,3,11 14:1,3,5,5,31 1:1,3,3,9,7,49 13:1,1,1,15,21,21 16:1,3,1,13,27,49 19:1,1,1,15,7,5 22:1,3,1,15,13,25
25:1,1,5,5,19,61 1:1,3,7,11,23,15,103 4:1,3,7,13,13,15,69 7:1,1,3,13,7,35,63 8:1,3,5,9,1,25,53 14:1,3,1,13,9,35,107
19:1,3,1,5,27,61,31 21:1,1,5,11,19,41,61 28:1,3,5,3,3,13,69 31:1,1,7,13,1,19,1 32:1,3,7,5,13,19,59
37:1,1,3,9,25,29,41 41:1,3,5,13,23,1,55 42:1,3,7,3,13,59,17 50:1,3,1,3,5,53,69 55:1,1,5,5,23,33,13
56:1,1,7,7,1,61,123 59:1,1,7,9,13,61,49 62:1,3,3,5,3,55,33`;

/** So many coordinates are Sobol's; those beyond are independent uniform numbers. */
export const SOBOL_DIMENSIONS = 37;
const BITS = 32;

let directions: readonly Uint32Array[] | undefined;

/**
 * Coordinate `dimension` (from 0) of point `index` (from 0, in Gray code order), in [0, 1). With a `seed` scrambled as
 * Owen (1995) does, so that each point is uniform by itself and the set stays as even as it was: by the hash of
 * Burley, "Practical Hash-based Owen Scrambling", JCGT 9 (2020).
 */
export function sobolNumber(index: number, dimension: number, seed?: number): number {
  const key = seed === undefined ? undefined : seedOf(`sobol|${seed}|${dimension}`);
  if (dimension >= SOBOL_DIMENSIONS) return mulberry32(seedOf(`sobol|${seed ?? 0}|${dimension}|${index}`))();
  directions ??= directionNumbers();
  const numbers = directions[dimension]!;
  let gray = (index ^ (index >>> 1)) >>> 0;
  let x = 0;
  for (let bit = 0; gray !== 0; bit++, gray >>>= 1) if (gray & 1) x ^= numbers[bit]!;
  return (key === undefined ? x >>> 0 : scrambled(x, key)) / 2 ** BITS;
}

function directionNumbers(): Uint32Array[] {
  const first = Uint32Array.from({ length: BITS }, (_, k) => 2 ** (BITS - 1 - k));
  const others = JOE_KUO.split(/\s+/).map((row) => {
    const [a = '', initial = ''] = row.split(':');
    return recurrence(Number(a), initial.split(',').map(Number));
  });
  return [first, ...others];
}

/** v_k = v_{k-s} ^ (v_{k-s} >> s) ^ the v_{k-j} of the polynomial's coefficients. */
function recurrence(a: number, initial: readonly number[]): Uint32Array {
  const degree = initial.length;
  const v = new Uint32Array(BITS);
  for (let k = 0; k < BITS; k++) {
    if (k < degree) v[k] = initial[k]! * 2 ** (BITS - 1 - k);
    else {
      let value = v[k - degree]! ^ (v[k - degree]! >>> degree);
      for (let j = 1; j < degree; j++) if ((a >>> (degree - 1 - j)) & 1) value ^= v[k - j]!;
      v[k] = value >>> 0;
    }
  }
  return v;
}

/** Each bit is turned over or not by a hash of the bits above it. */
function scrambled(x: number, key: number): number {
  let bits = (reversed(x) + key) >>> 0;
  for (const factor of [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6]) bits = (bits ^ Math.imul(bits, factor)) >>> 0;
  return reversed(bits);
}

function reversed(x: number): number {
  let bits = x;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
