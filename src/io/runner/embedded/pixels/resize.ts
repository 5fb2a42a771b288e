import { NodeFailure } from '../failure.ts';
import { roundHalfEven } from '../python.ts';
import { size, type Tensor, zeros } from '../values.ts';
import { lanczos } from './lanczos.ts';

const f = Math.fround;

/** For each place of the output the places of the input it is made of, and their weights, in runs of `taps`. */
interface Taps {
  readonly taps: number;
  readonly from: Int32Array;
  readonly weight: Float32Array;
}

/**
 * ComfyUI's `common_upscale`: an image (or masks) at a new size. `crop` "center" first cuts to the new shape. Torch's
 * `interpolate` without antialiasing, in its 32-bit arithmetic and its order, so that the result is the same to the bit
 * (ATen/native/cpu/UpSampleKernel.cpp); `lanczos` is Pillow's. Throws a NodeFailure.
 */
export function resize(tensor: Tensor, width: number, height: number, method: string, crop: string): Tensor {
  if (width <= 0 || height <= 0) {
    const told = `Input and output sizes should be greater than 0, but got output (H: ${height}, W: ${width})`;
    throw new NodeFailure('RuntimeError', told);
  }
  const source = crop === 'center' ? cropCenter(tensor, width, height) : tensor;
  switch (method) {
    case 'nearest-exact':
      return nearest(source, width, height);
    case 'bilinear':
      return bilinear(source, width, height);
    case 'bicubic':
      return bicubic(source, width, height);
    case 'area':
      return area(source, width, height);
    case 'lanczos':
      return lanczos(source, width, height);
    default:
      throw new NodeFailure('NotImplementedError', `Input Error: the mode ${method} is not known`);
  }
}

/** The part of an image that has the shape of `width` x `height`, from its middle. */
function cropCenter(tensor: Tensor, width: number, height: number): Tensor {
  const [, oldHeight, oldWidth] = dimensions(tensor);
  const oldAspect = oldWidth / oldHeight;
  const newAspect = width / height;
  let x = 0;
  let y = 0;
  if (oldAspect > newAspect) x = roundHalfEven((oldWidth - oldWidth * (newAspect / oldAspect)) / 2);
  else if (oldAspect < newAspect) y = roundHalfEven((oldHeight - oldHeight * (oldAspect / newAspect)) / 2);
  return x === 0 && y === 0 ? tensor : crop(tensor, x, y, oldWidth - x * 2, oldHeight - y * 2);
}

/** A part of an image or of masks, all inside. */
export function crop(tensor: Tensor, x: number, y: number, width: number, height: number): Tensor {
  const [batch, oldHeight, oldWidth, channels] = dimensions(tensor);
  const out = zeros(...shapeLike(tensor, width, height));
  const row = width * channels;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < height; i++) {
      const from = ((b * oldHeight + y + i) * oldWidth + x) * channels;
      out.data.set(tensor.data.subarray(from, from + row), (b * height + i) * row);
    }
  }
  return out;
}

/** Batch, height, width, channels; masks have one channel. */
export function dimensions(tensor: Tensor): [batch: number, height: number, width: number, channels: number] {
  return [size(tensor, 0), size(tensor, 1), size(tensor, 2), tensor.shape.length > 3 ? size(tensor, 3) : 1];
}

function shapeLike(tensor: Tensor, width: number, height: number): number[] {
  return [size(tensor, 0), height, width, ...tensor.shape.slice(3)];
}

/** Where an output place lies in the input, in floats: `scale * (i + 0.5) - 0.5` with one rounding at the end. */
function place(scale: number, i: number): number {
  return f(scale * f(i + 0.5) - 0.5);
}

function nearest(tensor: Tensor, width: number, height: number): Tensor {
  const [batch, oldHeight, oldWidth, channels] = dimensions(tensor);
  const index = (old: number, now: number) => {
    const scale = f(f(old) / f(now));
    return Int32Array.from({ length: now }, (_, i) =>
      Math.min(old - 1, Math.floor(f(Math.max(0, place(scale, i)) + 0.5))),
    );
  };
  const rows = index(oldHeight, height);
  const columns = index(oldWidth, width);
  const out = zeros(...shapeLike(tensor, width, height));
  let to = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const row = (b * oldHeight + rows[y]!) * oldWidth;
      for (let x = 0; x < width; x++) {
        const from = (row + columns[x]!) * channels;
        for (let c = 0; c < channels; c++) out.data[to++] = tensor.data[from + c]!;
      }
    }
  }
  return out;
}

function linearTaps(old: number, now: number): Taps {
  const scale = f(f(old) / f(now));
  const from = new Int32Array(now * 2);
  const weight = new Float32Array(now * 2);
  for (let i = 0; i < now; i++) {
    const at = old === now ? i : Math.max(0, place(scale, i));
    const first = Math.min(Math.floor(at), old - 1);
    const second = f(at - first);
    from.set([first, first + (first < old - 1 && old !== now ? 1 : 0)], i * 2);
    weight.set([f(1 - second), second], i * 2);
  }
  return { taps: 2, from, weight };
}

/**
 * Two kernels of torch: images with channels side by side, and small outputs, multiply the weights of both directions
 * first; masks go row by row. They differ in the last bit.
 */
function bilinear(tensor: Tensor, width: number, height: number): Tensor {
  const [batch, oldHeight, oldWidth, channels] = dimensions(tensor);
  const rows = linearTaps(oldHeight, height);
  const columns = linearTaps(oldWidth, width);
  const out = zeros(...shapeLike(tensor, width, height));
  const products = width + height <= 128 || channels > 1;
  const { data } = tensor;
  let to = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const top = (b * oldHeight + rows.from[y * 2]!) * oldWidth;
      const bottom = (b * oldHeight + rows.from[y * 2 + 1]!) * oldWidth;
      const h0 = rows.weight[y * 2]!;
      const h1 = rows.weight[y * 2 + 1]!;
      for (let x = 0; x < width; x++) {
        const left = columns.from[x * 2]!;
        const right = columns.from[x * 2 + 1]!;
        const w0 = columns.weight[x * 2]!;
        const w1 = columns.weight[x * 2 + 1]!;
        for (let c = 0; c < channels; c++) {
          const a = data[(top + left) * channels + c]!;
          const d = data[(top + right) * channels + c]!;
          const g = data[(bottom + left) * channels + c]!;
          const k = data[(bottom + right) * channels + c]!;
          if (products) {
            const upper = f(f(h0 * w0) * a + f(f(h0 * w1) * d));
            out.data[to++] = f(f(h1 * w1) * k + f(f(h1 * w0) * g + upper));
          } else {
            const upper = f(a * w0 + f(d * w1));
            const lower = f(g * w0 + f(k * w1));
            out.data[to++] = f(upper * h0 + f(lower * h1));
          }
        }
      }
    }
  }
  return out;
}

/** Keys' cubic with a = -0.75, in the order of operations that torch's compiler chose. */
function cubicTaps(old: number, now: number): Taps {
  const near = (x: number) => f(f(f(f(1.25 * x - 2.25) * x) * x) + 1);
  const far = (x: number) => f(f(f(f(-0.75 * x + 3.75) * x - 6) * x) + 3);
  const scale = f(f(old) / f(now));
  const from = new Int32Array(now * 4);
  const weight = new Float32Array(now * 4);
  for (let i = 0; i < now; i++) {
    const at = place(scale, i);
    const first = Math.floor(at);
    const t = Math.min(1, Math.max(0, f(at - first)));
    const rest = f(1 - t);
    for (let k = 0; k < 4; k++) from[i * 4 + k] = Math.min(old - 1, Math.max(0, first + k - 1));
    weight.set([far(f(t + 1)), near(t), near(rest), far(f(rest + 1))], i * 4);
  }
  return { taps: 4, from, weight };
}

function bicubic(tensor: Tensor, width: number, height: number): Tensor {
  const [batch, oldHeight, oldWidth, channels] = dimensions(tensor);
  const rows = cubicTaps(oldHeight, height);
  const columns = cubicTaps(oldWidth, width);
  const out = zeros(...shapeLike(tensor, width, height));
  let to = 0;
  for (let b = 0; b < batch; b++) {
    // Rows of the input at the new width; the next row needs most of them again.
    let stretched = new Map<number, Float32Array>();
    for (let y = 0; y < height; y++) {
      const four = rows.from.subarray(y * 4, y * 4 + 4);
      const kept = new Map<number, Float32Array>();
      for (const row of four) {
        const start = (b * oldHeight + row) * oldWidth * channels;
        const line = tensor.data.subarray(start, start + oldWidth * channels);
        kept.set(row, kept.get(row) ?? stretched.get(row) ?? cubicLine(line, channels, columns));
      }
      stretched = kept;
      const [r0, r1, r2, r3] = [...four].map((row) => kept.get(row)!) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (let x = 0; x < r0.length; x++) {
        out.data[to++] = sumOfFour(r0[x]!, r1[x]!, r2[x]!, r3[x]!, rows.weight, y * 4);
      }
    }
  }
  return out;
}

function cubicLine(line: Float32Array, channels: number, { from, weight }: Taps): Float32Array {
  const out = new Float32Array((from.length / 4) * channels);
  let to = 0;
  for (let i = 0; i < from.length; i += 4) {
    const [x0, x1, x2, x3] = [
      from[i]! * channels,
      from[i + 1]! * channels,
      from[i + 2]! * channels,
      from[i + 3]! * channels,
    ];
    for (let c = 0; c < channels; c++) {
      out[to++] = sumOfFour(line[x0 + c]!, line[x1 + c]!, line[x2 + c]!, line[x3 + c]!, weight, i);
    }
  }
  return out;
}

/** Four products added as fused multiply-adds, the first two of them together. */
function sumOfFour(a: number, b: number, c: number, d: number, w: Float32Array, at: number): number {
  return f(d * w[at + 3]! + f(c * w[at + 2]! + f(a * w[at]! + f(b * w[at + 1]!))));
}

/** Means over the pixels that each new pixel covers (torch's adaptive_avg_pool2d). */
function area(tensor: Tensor, width: number, height: number): Tensor {
  const [batch, oldHeight, oldWidth, channels] = dimensions(tensor);
  const out = zeros(...shapeLike(tensor, width, height));
  let to = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const top = Math.floor((y * oldHeight) / height);
      const bottom = Math.ceil(((y + 1) * oldHeight) / height);
      for (let x = 0; x < width; x++) {
        const left = Math.floor((x * oldWidth) / width);
        const right = Math.ceil(((x + 1) * oldWidth) / width);
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let i = top; i < bottom; i++) {
            for (let j = left; j < right; j++) {
              sum = f(sum + tensor.data[((b * oldHeight + i) * oldWidth + j) * channels + c]!);
            }
          }
          out.data[to++] = f(f(sum / (bottom - top)) / (right - left));
        }
      }
    }
  }
  return out;
}
