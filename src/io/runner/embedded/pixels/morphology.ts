import type { Tensor } from '../values.ts';
import { dimensions } from './resize.ts';

/**
 * The greatest (or least) value of the square around each pixel, per channel; what lies outside the image does not
 * count. An even square reaches one pixel further to the left and up for the least, to the right and down for the
 * greatest (kornia's morphology).
 */
export function extreme(source: Tensor, side: number, greatest: boolean): Tensor {
  const half = Math.floor(side / 2);
  const before = greatest ? side - 1 - half : half;
  const [batch, height, width, channels] = dimensions(source);
  const across = slide(source.data, width, channels, batch * height, width * channels, side, before, greatest);
  const down = slide(across, height, width * channels, batch, height * width * channels, side, before, greatest);
  return { shape: source.shape, data: down };
}

/**
 * Extremes of windows along one dimension: `lines` blocks of `block` elements, in each of which `length` places lie
 * `stride` apart. Blocks of a window's length are run through from both ends (van Herk 1992), so that the size of the
 * window does not matter.
 */
function slide(
  data: Float32Array,
  length: number,
  stride: number,
  lines: number,
  block: number,
  side: number,
  before: number,
  greatest: boolean,
): Float32Array {
  const out = new Float32Array(data.length);
  const empty = greatest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const pick = greatest ? Math.max : Math.min;
  const padded = length + side - 1;
  const forward = new Float32Array(padded);
  const backward = new Float32Array(padded);
  for (let line = 0; line < lines; line++) {
    for (let lane = 0; lane < stride; lane++) {
      const start = line * block + lane;
      const value = (i: number) => (i < before || i - before >= length ? empty : data[start + (i - before) * stride]!);
      for (let i = 0; i < padded; i++) {
        forward[i] = i % side === 0 ? value(i) : pick(forward[i - 1]!, value(i));
      }
      for (let i = padded - 1; i >= 0; i--) {
        backward[i] = i === padded - 1 || i % side === side - 1 ? value(i) : pick(backward[i + 1]!, value(i));
      }
      for (let i = 0; i < length; i++) out[start + i * stride] = pick(backward[i]!, forward[i + side - 1]!);
    }
  }
  return out;
}
