import { image, int, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { fromBytes, toWrappedBytes } from '../pixels/bytes.ts';
import { mapToPalette, medianCut } from '../pixels/quantize.ts';
import { size, zeros } from '../values.ts';

const f = Math.fround;

export const imageQuantize: Operation = {
  classType: 'ImageQuantize',
  run(inputs) {
    const source = image(inputs, 'image');
    const dither = text(inputs, 'dither');
    if (size(source, 3) !== 3) throw new NodeFailure('ValueError', 'only an image of three channels can be quantized');
    const [width, step] = [size(source, 2), size(source, 1) * size(source, 2) * 3];
    const out = zeros(...source.shape);
    for (let b = 0; b < size(source, 0); b++) {
      const pixels = toWrappedBytes(source.data.subarray(b * step, (b + 1) * step));
      const palette = medianCut(pixels, int(inputs, 'colors'));
      const order = /^bayer-(\d+)$/.exec(dither)?.[1];
      const shifted = order === undefined ? pixels : bayer(pixels, width, palette.length / 3, Number(order));
      const mapped = mapToPalette(shifted, width, palette, dither === 'floyd-steinberg');
      out.data.set(fromBytes(mapped, []).data, b * step);
    }
    return { outputs: [out] };
  },
};

/** Pixels moved by a Bayer matrix, further the fewer colours there are. */
function bayer(pixels: Uint8Array, width: number, colours: number, order: number): Uint8Array {
  const spread = f((2 * 256) / colours);
  const matrix = bayerMatrix(Math.floor(Math.log2(order))).map((row) => row.map((one) => f(f(spread * one) + 0.5)));
  const side = matrix.length;
  return pixels.map((byte, i) => {
    const pixel = Math.floor(i / 3);
    const moved = f(byte + matrix[Math.floor(pixel / width) % side]![(pixel % width) % side]!);
    return moved < 0 ? 0 : moved > 255 ? 255 : Math.trunc(moved);
  });
}

/** The Bayer matrix of 2^n rows, around 0, in 32-bit floats. */
function bayerMatrix(n: number): number[][] {
  if (n === 0) return [[0]];
  const q = 4 ** n;
  const smaller = bayerMatrix(n - 1).map((row) => row.map((one) => f(q * one)));
  const part = (offset: number) => smaller.map((row) => row.map((one) => f(f(one + offset) / q)));
  const joined = (left: number[][], right: number[][]) => left.map((row, i) => [...row, ...right[i]!]);
  return [...joined(part(-1.5), part(0.5)), ...joined(part(1.5), part(-0.5))];
}
