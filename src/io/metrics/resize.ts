/** Bits behind the point of Pillow's integer weights: 32 minus 8 of the sample and 2 of overshoot. */
const BITS = 22;

/** Weights of every output sample along one axis: which inputs it takes, and how much of each. */
interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights for each output, the rest of them 0. */
  readonly weights: Float64Array;
  readonly stride: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of the result: only its pixels are computed, whatever the size of the whole. */
interface Window extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Resizes interleaved 8-bit samples with Pillow's bicubic filter, equal to Pillow 13 in every bit: Keys' cubic with
 * a = -0.5, stretched where it shrinks, 22-bit integer weights, each pass rounded and clipped to 8 bits. The horizontal
 * pass goes first unless the height shrinks by more than twice what the width does, as since Pillow 13. CLIP was trained
 * on this filter, and sharp's kernels are up to 11 levels away.
 */
export function resizeBicubic(
  samples: Uint8Array,
  channels: number,
  from: Size,
  to: Size,
  { left, top, width, height }: Window = { left: 0, top: 0, ...to },
): Uint8Array {
  const x = integers(cubicWeights(from.width, to.width, left, width));
  const y = integers(cubicWeights(from.height, to.height, top, height));
  const less = from.height - to.height;
  if (less > 0 && less > 2 * (from.width - to.width)) {
    const rows = vertical(samples, from.width * channels, y);
    return horizontal(rows, channels, { width: from.width, height }, x);
  }
  const [firstRow, endRow] = [y.first[0]!, y.first[height - 1]! + y.count[height - 1]!];
  const line = from.width * channels;
  const needed = samples.subarray(firstRow * line, endRow * line);
  const columns = horizontal(needed, channels, { width: from.width, height: endRow - firstRow }, x);
  return vertical(columns, width * channels, { ...y, first: y.first.map((row) => row - firstRow) });
}

/**
 * The same filter over the samples as numbers from 0 to 1, without rounding: what torch's antialiased bicubic does with
 * float tensors.
 */
export function resizeBicubicFloat(samples: Uint8Array, channels: number, from: Size, to: Size): Float32Array {
  const numbers = Float32Array.from({ length: 256 }, (_, value) => value / 255);
  const across = new Float32Array(to.width * from.height * channels);
  const x = cubicWeights(from.width, to.width);
  for (let row = 0; row < from.height; row++) {
    for (let out = 0; out < to.width; out++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < x.count[out]!; k++) {
          const sample = samples[(row * from.width + x.first[out]! + k) * channels + c]!;
          sum += numbers[sample]! * x.weights[out * x.stride + k]!;
        }
        across[(row * to.width + out) * channels + c] = sum;
      }
    }
  }
  const y = cubicWeights(from.height, to.height);
  const line = to.width * channels;
  const result = new Float32Array(line * to.height);
  for (let out = 0; out < to.height; out++) {
    for (let i = 0; i < line; i++) {
      let sum = 0;
      for (let k = 0; k < y.count[out]!; k++)
        sum += across[(y.first[out]! + k) * line + i]! * y.weights[out * y.stride + k]!;
      result[out * line + i] = sum;
    }
  }
  return result;
}

/**
 * Normalised weights of the cubic filter with support 2 for `size` outputs from `start`, in Pillow's order of operations.
 * An axis that keeps its size is copied.
 */
function cubicWeights(from: number, to: number, start = 0, size = to): Weights {
  if (from === to) {
    const first = Int32Array.from({ length: size }, (_, i) => start + i);
    return { first, count: new Int32Array(size).fill(1), weights: new Float64Array(size).fill(1), stride: 1 };
  }
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const weights = new Float64Array(size * stride);
  const first = new Int32Array(size);
  const count = new Int32Array(size);
  for (let out = 0; out < size; out++) {
    const center = (start + out + 0.5) * scale;
    const low = Math.max(Math.trunc(center - support + 0.5), 0);
    const taps = Math.min(Math.trunc(center + support + 0.5), from) - low;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const weight = cubic((k + low - center + 0.5) * (1 / stretch));
      weights[out * stride + k] = weight;
      sum += weight;
    }
    if (sum !== 0) for (let k = 0; k < taps; k++) weights[out * stride + k]! /= sum;
    first[out] = low;
    count[out] = taps;
  }
  return { first, count, weights, stride };
}

/** Keys' cubic convolution (1981) with a = -0.5. */
function cubic(at: number): number {
  const a = -0.5;
  const x = Math.abs(at);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** Weights as integers, halves away from zero. */
function integers({ weights, ...rest }: Weights): Weights {
  return { ...rest, weights: weights.map((w) => Math.trunc(w * 2 ** BITS + (w < 0 ? -0.5 : 0.5))) };
}

function horizontal(
  samples: Uint8Array,
  channels: number,
  { width, height }: Size,
  { first, count, weights: floats, stride }: Weights,
): Uint8Array {
  const weights = Int32Array.from(floats);
  const outputs = first.length;
  const result = new Uint8Array(outputs * height * channels);
  const half = 1 << (BITS - 1);
  for (let row = 0, to = 0; row < height; row++) {
    for (let out = 0; out < outputs; out++) {
      let at = (row * width + first[out]!) * channels;
      let k = out * stride;
      const end = k + count[out]!;
      if (channels === 3) {
        // The three channels of a pixel together: the weights are read once.
        let r = half;
        let g = half;
        let b = half;
        for (; k < end; k++, at += 3) {
          const weight = weights[k]!;
          r = (r + Math.imul(samples[at]!, weight)) | 0;
          g = (g + Math.imul(samples[at + 1]!, weight)) | 0;
          b = (b + Math.imul(samples[at + 2]!, weight)) | 0;
        }
        result[to++] = clip(r >> BITS);
        result[to++] = clip(g >> BITS);
        result[to++] = clip(b >> BITS);
        continue;
      }
      for (let c = 0; c < channels; c++) {
        let sum = half;
        for (let tap = k, from = at + c; tap < end; tap++, from += channels) {
          sum = (sum + Math.imul(samples[from]!, weights[tap]!)) | 0;
        }
        result[to++] = clip(sum >> BITS);
      }
    }
  }
  return result;
}

function vertical(samples: Uint8Array, line: number, { first, count, weights, stride }: Weights): Uint8Array {
  const outputs = first.length;
  const result = new Uint8Array(line * outputs);
  const sums = new Int32Array(line);
  for (let out = 0; out < outputs; out++) {
    sums.fill(1 << (BITS - 1));
    for (let k = 0; k < count[out]!; k++) {
      const weight = weights[out * stride + k]!;
      const row = (first[out]! + k) * line;
      for (let i = 0; i < line; i++) sums[i] = (sums[i]! + Math.imul(samples[row + i]!, weight)) | 0;
    }
    for (let i = 0; i < line; i++) result[out * line + i] = clip(sums[i]! >> BITS);
  }
  return result;
}

function clip(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}
