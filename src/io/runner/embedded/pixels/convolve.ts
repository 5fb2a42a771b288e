import { NodeFailure } from '../failure.ts';
import { type Tensor, zeros } from '../values.ts';
import { dimensions } from './resize.ts';

const f = Math.fround;

/**
 * Torch's `conv2d` of each channel with one square kernel over mirrored borders: products added from the first row of
 * the kernel to the last as fused multiply-adds. Throws a NodeFailure where the image is smaller than the border.
 */
export function convolve(image: Tensor, kernel: Float32Array, radius: number): Tensor {
  const [batch, height, width, channels] = dimensions(image);
  checkMirror(radius, height, width);
  const out = zeros(batch, height, width, channels);
  const side = 2 * radius + 1;
  const columns = mirrored(width, radius);
  const rows = mirrored(height, radius);
  const row = (width + 2 * radius) * channels;
  const padded = new Float32Array((height + 2 * radius) * row);
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < rows.length; y++) {
      for (let x = 0; x < columns.length; x++) {
        const from = ((b * height + rows[y]!) * width + columns[x]!) * channels;
        for (let c = 0; c < channels; c++) padded[y * row + x * channels + c] = image.data[from + c]!;
      }
    }
    for (let y = 0; y < height; y++) {
      const line = out.data.subarray((b * height + y) * width * channels, (b * height + y + 1) * width * channels);
      // A product of 32-bit floats is exact in 64 bits, and storing the sum rounds it once: a fused multiply-add.
      for (let i = 0, k = 0; i < side; i++) {
        for (let j = 0; j < side; j++, k++) {
          const weight = kernel[k]!;
          const from = (y + i) * row + j * channels;
          for (let x = 0; x < line.length; x++) line[x] = padded[from + x]! * weight + line[x]!;
        }
      }
    }
  }
  return out;
}

/** Throws a NodeFailure as torch's `pad` does where a mirrored border would be wider than the image. */
export function checkMirror(radius: number, height: number, width: number): void {
  for (const [dimension, length] of [
    [2, width],
    [1, height],
  ] as const) {
    if (radius < length) continue;
    const told = `Padding size should be less than the corresponding input dimension, but got: padding (${radius}, ${radius}) at dimension ${dimension} of size ${length}`;
    throw new NodeFailure('RuntimeError', told);
  }
}

/** Places of a line with a mirrored border; the outermost pixel is not repeated. */
export function mirrored(length: number, border: number): Int32Array {
  return Int32Array.from({ length: length + 2 * border }, (_, i) => {
    const at = i - border;
    return at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at;
  });
}

/**
 * ComfyUI's Gaussian kernel: a square over -1 to 1, whatever its radius, with a sum of 1. A weight may differ from
 * torch's in the last bit where its exponential is not rounded to the nearest.
 */
export function gaussianKernel(side: number, sigma: number): Float32Array {
  const line = linspace(side);
  const kernel = new Float32Array(side * side);
  const spread = f(2 * sigma * sigma);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const distance = f(Math.sqrt(f(f(line[i]! * line[i]!) + f(line[j]! * line[j]!))));
      kernel[i * side + j] = Math.exp(f(-f(distance * distance) / spread));
    }
  }
  const sum = torchSum(kernel);
  return kernel.map((value) => value / sum);
}

/** Torch's `linspace(-1, 1, count)`: counted from both ends. */
function linspace(count: number): Float32Array {
  const step = f(2 / (count - 1));
  const half = Math.floor(count / 2);
  return Float32Array.from({ length: count }, (_, i) => (i < half ? step * i - 1 : 1 - step * (count - 1 - i)));
}

const LANES = 8;
const ROWS = 4;
const LEVELS = 4;

/**
 * Torch's sum of all elements in 32 bits, in its order: 4 rows of 8 lanes, partial sums on four levels
 * (ATen/native/cpu/SumKernel.cpp).
 */
export function torchSum(values: Float32Array): number {
  const vectors = Math.floor(values.length / LANES);
  const groups = Math.floor(vectors / ROWS);
  const power = Math.max(4, Math.floor(Math.ceil(Math.log2(Math.max(1, groups))) / LEVELS));
  const step = 2 ** power;
  const sums = Array.from({ length: LEVELS }, () => new Float32Array(ROWS * LANES));
  const lowest = sums[0]!;
  const addGroup = (group: number) => {
    for (let k = 0; k < lowest.length; k++) lowest[k] = lowest[k]! + values[group * lowest.length + k]!;
  };
  let group = 0;
  while (group + step <= groups) {
    for (let k = 0; k < step; k++) addGroup(group++);
    for (let level = 1; level < LEVELS; level++) {
      const upper = sums[level]!;
      const lower = sums[level - 1]!;
      for (let k = 0; k < upper.length; k++) upper[k] = upper[k]! + lower[k]!;
      lower.fill(0);
      if ((group & ((step - 1) << (level * power))) !== 0) break;
    }
  }
  while (group < groups) addGroup(group++);
  for (let level = 1; level < LEVELS; level++) {
    for (let k = 0; k < lowest.length; k++) lowest[k] = lowest[k]! + sums[level]![k]!;
  }
  for (let vector = groups * ROWS; vector < vectors; vector++) {
    for (let lane = 0; lane < LANES; lane++) lowest[lane] = lowest[lane]! + values[vector * LANES + lane]!;
  }
  for (let row = 1; row < ROWS; row++) {
    for (let lane = 0; lane < LANES; lane++) lowest[lane] = lowest[lane]! + lowest[row * LANES + lane]!;
  }
  let total = 0;
  for (let i = vectors * LANES; i < values.length; i++) total = f(total + values[i]!);
  for (let lane = 0; lane < LANES; lane++) total = f(total + lowest[lane]!);
  return total;
}
