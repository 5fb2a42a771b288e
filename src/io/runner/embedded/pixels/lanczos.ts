import { size, type Tensor, zeros } from '../values.ts';
import { fromBytes, toBytes } from './bytes.ts';

const SUPPORT = 3;
/** Bits behind the point of a weight: a sum of products with a byte then fits into 32 bits. */
const PRECISION = 22;

/**
 * Pillow's `resize` with LANCZOS on 8-bit pixels, to the bit (src/libImaging/Resample.c): weights in fixed point, the
 * rows first, then the columns, each clipped to bytes. An image with alpha is multiplied by it before and divided after.
 */
export function lanczos(tensor: Tensor, width: number, height: number): Tensor {
  const channels = tensor.shape.length > 3 ? size(tensor, 3) : 1;
  const [batch, oldHeight, oldWidth] = [size(tensor, 0), size(tensor, 1), size(tensor, 2)];
  const shape = [batch, height, width, ...tensor.shape.slice(3)];
  const out = zeros(...shape);
  const columns = weights(oldWidth, width);
  const rows = weights(oldHeight, height);
  const step = oldHeight * oldWidth * channels;
  for (let b = 0; b < batch; b++) {
    let bytes: Uint8Array = toBytes(tensor.data.subarray(b * step, (b + 1) * step));
    if (channels === 4 && (width !== oldWidth || height !== oldHeight)) premultiply(bytes);
    if (width !== oldWidth) bytes = across(bytes, oldWidth, width, oldHeight, channels, columns);
    if (height !== oldHeight) bytes = down(bytes, height, width * channels, rows);
    if (channels === 4 && (width !== oldWidth || height !== oldHeight)) unmultiply(bytes);
    out.data.set(fromBytes(bytes, []).data, b * height * width * channels);
  }
  return out;
}

interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly most: number;
  readonly value: Int32Array;
}

function weights(old: number, now: number): Weights {
  const scale = old / now;
  const stretch = Math.max(1, scale);
  const support = SUPPORT * stretch;
  const most = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(now);
  const count = new Int32Array(now);
  const value = new Int32Array(now * most);
  const line = new Float64Array(most);
  for (let i = 0; i < now; i++) {
    const center = (i + 0.5) * scale;
    const from = Math.max(0, Math.trunc(center - support + 0.5));
    const number = Math.min(old, Math.trunc(center + support + 0.5)) - from;
    let sum = 0;
    for (let k = 0; k < number; k++) {
      line[k] = kernel((k + from - center + 0.5) * (1 / stretch));
      sum += line[k]!;
    }
    first[i] = from;
    count[i] = number;
    for (let k = 0; k < number; k++) {
      const weight = (sum === 0 ? line[k]! : line[k]! * (1 / sum)) * 2 ** PRECISION;
      value[i * most + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return { first, count, most, value };
}

function kernel(x: number): number {
  const sinc = (t: number) => (t === 0 ? 1 : Math.sin(t * Math.PI) / (t * Math.PI));
  return x >= -SUPPORT && x < SUPPORT ? sinc(x) * sinc(x / SUPPORT) : 0;
}

function across(from: Uint8Array, old: number, now: number, rows: number, channels: number, w: Weights): Uint8Array {
  const to = new Uint8Array(rows * now * channels);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < now; x++) {
      const start = (y * old + w.first[x]!) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 1 << (PRECISION - 1);
        for (let k = 0; k < w.count[x]!; k++) sum += from[start + k * channels + c]! * w.value[x * w.most + k]!;
        to[(y * now + x) * channels + c] = clip(sum);
      }
    }
  }
  return to;
}

function down(from: Uint8Array, now: number, row: number, w: Weights): Uint8Array {
  const to = new Uint8Array(now * row);
  for (let y = 0; y < now; y++) {
    const start = w.first[y]! * row;
    for (let x = 0; x < row; x++) {
      let sum = 1 << (PRECISION - 1);
      for (let k = 0; k < w.count[y]!; k++) sum += from[start + k * row + x]! * w.value[y * w.most + k]!;
      to[y * row + x] = clip(sum);
    }
  }
  return to;
}

function clip(sum: number): number {
  return Math.min(255, Math.max(0, sum >> PRECISION));
}

function premultiply(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 4) {
    for (let c = 0; c < 3; c++) {
      const product = bytes[i + c]! * bytes[i + 3]! + 128;
      bytes[i + c] = ((product >> 8) + product) >> 8;
    }
  }
}

function unmultiply(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 4) {
    const alpha = bytes[i + 3]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = 0; c < 3; c++) bytes[i + c] = Math.min(255, Math.floor((255 * bytes[i + c]!) / alpha));
  }
}
