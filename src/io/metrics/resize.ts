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

/**
 * Resizes interleaved 8-bit samples with Pillow's bicubic filter, equal to Pillow 13 in every bit: Keys' cubic with
 * a = -0.5, stretched where it shrinks, 22-bit integer weights, horizontal then vertical, each pass rounded and clipped
 * to 8 bits. CLIP was trained on it, and sharp's kernels are up to 11 levels away.
 */
export function resizeBicubic(
  samples: Uint8Array,
  channels: number,
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
): Uint8Array {
  const across =
    to.width === from.width
      ? samples
      : horizontal(samples, channels, from, integers(cubicWeights(from.width, to.width)));
  if (to.height === from.height) return across;
  return vertical(across, to.width * channels, to.height, integers(cubicWeights(from.height, to.height)));
}

/** The same filter over numbers, without rounding: what torch's antialiased bicubic does with float tensors. */
export function resizeBicubicFloat(
  samples: Float32Array,
  channels: number,
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
): Float32Array {
  const across = new Float32Array(to.width * from.height * channels);
  const x = cubicWeights(from.width, to.width);
  for (let row = 0; row < from.height; row++) {
    for (let out = 0; out < to.width; out++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < x.count[out]!; k++) {
          sum += samples[(row * from.width + x.first[out]! + k) * channels + c]! * x.weights[out * x.stride + k]!;
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

/** Normalised weights of the cubic filter with support 2, in Pillow's order of operations. */
function cubicWeights(from: number, to: number): Weights {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const weights = new Float64Array(to * stride);
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  for (let out = 0; out < to; out++) {
    const center = (out + 0.5) * scale;
    const low = Math.max(Math.trunc(center - support + 0.5), 0);
    const size = Math.min(Math.trunc(center + support + 0.5), from) - low;
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const weight = cubic((k + low - center + 0.5) * (1 / stretch));
      weights[out * stride + k] = weight;
      sum += weight;
    }
    if (sum !== 0) for (let k = 0; k < size; k++) weights[out * stride + k]! /= sum;
    first[out] = low;
    count[out] = size;
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
  { width, height }: { readonly width: number; readonly height: number },
  { first, count, weights: floats, stride }: Weights,
): Uint8Array {
  const weights = Int32Array.from(floats);
  const outputs = first.length;
  const result = new Uint8Array(outputs * height * channels);
  for (let row = 0; row < height; row++) {
    for (let out = 0; out < outputs; out++) {
      const start = (row * width + first[out]!) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 1 << (BITS - 1);
        for (let k = 0, at = start + c; k < count[out]!; k++, at += channels) {
          sum = (sum + Math.imul(samples[at]!, weights[out * stride + k]!)) | 0;
        }
        result[(row * outputs + out) * channels + c] = clip(sum >> BITS);
      }
    }
  }
  return result;
}

function vertical(
  samples: Uint8Array,
  line: number,
  outputs: number,
  { first, count, weights, stride }: Weights,
): Uint8Array {
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
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
