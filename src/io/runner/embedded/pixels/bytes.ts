import type { Tensor } from '../values.ts';

const f = Math.fround;

/** Values as bytes as numpy makes them: times 255 in 32 bits, clipped, cut off and not rounded. */
export function toBytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = f(255 * data[i]!);
    // What is no number becomes 0: numpy leaves that to the processor, which makes 0 of it too.
    bytes[i] = value >= 255 ? 255 : value > 0 ? Math.trunc(value) : 0;
  }
  return bytes;
}

/** A value between 0 and 1; what is no number stays so. */
export function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Bytes as values from 0 to 1. */
export function fromBytes(bytes: Uint8Array, shape: readonly number[]): Tensor {
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) data[i] = bytes[i]! / 255;
  return { shape, data };
}

/** Values as bytes as torch makes them: cut off, and what does not fit into a byte begins again at the other end. */
export function toWrappedBytes(data: Float32Array): Uint8Array {
  return Uint8Array.from(data, (value) => Math.trunc(f(255 * value)) & 0xff);
}
