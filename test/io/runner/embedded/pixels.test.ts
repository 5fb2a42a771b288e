import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageSharpen } from '../../../../src/io/runner/embedded/operations/blur.ts';
import { imageMergeTileList, splitImageToTileList } from '../../../../src/io/runner/embedded/operations/tiles.ts';
import { fromBytes, toBytes, toWrappedBytes } from '../../../../src/io/runner/embedded/pixels/bytes.ts';
import { convolve, gaussianKernel, mirrored, torchSum } from '../../../../src/io/runner/embedded/pixels/convolve.ts';
import { extreme } from '../../../../src/io/runner/embedded/pixels/morphology.ts';
import { mapToPalette, medianCut } from '../../../../src/io/runner/embedded/pixels/quantize.ts';
import { resize } from '../../../../src/io/runner/embedded/pixels/resize.ts';
import { blurByLines } from '../../../../src/io/runner/embedded/pixels/separable.ts';
import { toBatch } from '../../../../src/io/runner/embedded/pixels/shapes.ts';
import { MOST_ELEMENTS, type Tensor, zeros } from '../../../../src/io/runner/embedded/values.ts';

const METHODS = ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'];
const side = fc.integer({ min: 1, max: 12 });
const picture = fc
  .tuple(side, side, fc.constantFrom(1, 3, 4))
  .chain(([height, width, channels]) =>
    fc
      .uint8Array({ minLength: height * width * channels, maxLength: height * width * channels })
      .map((bytes): Tensor => fromBytes(bytes, [1, height, width, channels])),
  );

describe('bytes', () => {
  test('are cut off, not rounded; what does not fit is clipped or begins again', () => {
    const values = Float32Array.of(0.999, 1.5, -0.1, 0.5, Number.NaN, 1);
    expect([...toBytes(values)]).toEqual([254, 255, 0, 127, 0, 255]);
    expect([...toWrappedBytes(Float32Array.of(-0.1, 1.1))]).toEqual([256 - 25, 280 & 0xff]);
  });

  test('survive the way through floats', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(toBytes(fromBytes(all, [256]).data)).toEqual(all);
  });
});

describe('resize', () => {
  test('to its own size leaves bytes as they are', () => {
    fc.assert(
      fc.property(picture, fc.constantFrom(...METHODS), (image, method) => {
        const [, height, width] = image.shape as [number, number, number];
        expect(toBytes(resize(image, width, height, method, 'center').data)).toEqual(toBytes(image.data));
      }),
    );
  });

  test('has the size that was asked for, and nearest-exact and area stay within the values of the picture', () => {
    fc.assert(
      fc.property(picture, side, side, fc.constantFrom(...METHODS), (image, width, height, method) => {
        const out = resize(image, width, height, method, 'disabled');
        expect(out.shape).toEqual([1, height, width, image.shape[3]]);
        if (method === 'bicubic' || method === 'lanczos') return;
        const [least, most] = [Math.min(...image.data), Math.max(...image.data)];
        for (const value of out.data) {
          expect(value).toBeGreaterThanOrEqual(least - 1e-6);
          expect(value).toBeLessThanOrEqual(most + 1e-6);
        }
      }),
    );
  });

  test('center cuts the longer side', () => {
    const row: Tensor = { shape: [1, 1, 4, 1], data: Float32Array.of(1, 2, 3, 4) };
    expect([...resize(row, 2, 1, 'nearest-exact', 'center').data]).toEqual([2, 3]);
    expect([...resize(row, 2, 1, 'nearest-exact', 'disabled').data]).toEqual([2, 4]);
  });

  test('a size of nothing is refused in the words of torch', () => {
    expect(() => resize(zeros(1, 2, 2, 3), 0, 5, 'area', 'disabled')).toThrow(/sizes should be greater than 0/);
    expect(() => resize(zeros(1, 2, 2, 3), 5, 5, 'spline', 'disabled')).toThrow(/spline/);
  });
});

describe('sums and kernels', () => {
  test('a sum is that of its terms', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 3000 }), (values) => {
        expect(torchSum(Float32Array.from(values))).toBe(values.reduce((a, b) => a + b, 0));
      }),
    );
  });

  test('a Gaussian is symmetric, greatest in the middle, and sums to 1', () => {
    const kernel = gaussianKernel(7, 0.7);
    expect(torchSum(kernel)).toBeCloseTo(1, 6);
    expect(Math.max(...kernel)).toBe(kernel[24]);
    expect([...kernel].reverse()).toEqual([...kernel]);
  });

  test('a blur by lines is that of the square kernel', () => {
    const shape = fc.tuple(side, side, fc.constantFrom(1, 3, 4), fc.integer({ min: 1, max: 2 }));
    const sigma = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 11 }), sigma, (of, wide, sigma) => {
        const [height, width, channels, batch] = of;
        const radius = Math.min(wide, height - 1, width - 1);
        fc.pre(radius > 0);
        const data = Float32Array.from({ length: batch * height * width * channels }, (_, i) => ((i * 37) % 256) / 255);
        const image = { shape: [batch, height, width, channels], data };
        const exact = convolve(image, gaussianKernel(2 * radius + 1, sigma), radius).data;
        for (const [i, value] of blurByLines(image, radius, sigma).data.entries())
          expect(Math.abs(value - exact[i]!)).toBeLessThan(2e-6);
      }),
    );
    const small = zeros(1, 2, 9, 3);
    expect(() => blurByLines(small, 9, 1)).toThrow(/padding \(9, 9\) at dimension 2 of size 9/);
  });

  test('sharpening over a wide radius is within a step of the square kernel', () => {
    const data = Float32Array.from({ length: 40 * 40 * 3 }, (_, i) => ((i * 7919) % 256) / 255);
    const image = { shape: [1, 40, 40, 3], data };
    const kernel = gaussianKernel(31, 4).map((value) => value * -15);
    const center = 15 * 31 + 15;
    kernel[center] = Math.fround(kernel[center]! - torchSum(kernel)) + 1;
    const exact = toBytes(convolve(image, kernel, 15).data);
    const inputs = { image, sharpen_radius: 15n, sigma: 4, alpha: 1.5 };
    const { outputs } = imageSharpen.run(inputs, {} as never) as { outputs: Tensor[] };
    for (const [i, byte] of toBytes(outputs[0]!.data).entries())
      expect(Math.abs(byte - exact[i]!)).toBeLessThanOrEqual(1);
  });

  test('a mirrored border does not repeat the outermost pixel', () => {
    expect([...mirrored(4, 2)]).toEqual([2, 1, 0, 1, 2, 3, 2, 1]);
  });
});

describe('morphology', () => {
  const slow = ({ shape, data }: Tensor, size: number, greatest: boolean): number[] => {
    const [, height, width, channels] = shape as [number, number, number, number];
    const before = greatest ? size - 1 - Math.floor(size / 2) : Math.floor(size / 2);
    return [...data].map((_, i) => {
      const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
      const seen: number[] = [];
      for (let a = y - before; a < y - before + size; a++) {
        for (let b = x - before; b < x - before + size; b++) {
          if (a >= 0 && a < height && b >= 0 && b < width) seen.push(data[(a * width + b) * channels + c]!);
        }
      }
      return greatest ? Math.max(...seen) : Math.min(...seen);
    });
  };

  test('finds what looking at every window finds', () => {
    fc.assert(
      fc.property(picture, fc.integer({ min: 1, max: 9 }), fc.boolean(), (image, size, greatest) => {
        expect([...extreme(image, size, greatest).data]).toEqual(slow(image, size, greatest));
      }),
    );
  });
});

describe('quantize', () => {
  const pixels = fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 300 })
    .map((all) => Uint8Array.from(all.slice(0, all.length - (all.length % 3))));

  test('makes no more colours than asked for, and as many as there are where that is enough', () => {
    fc.assert(
      fc.property(pixels, fc.integer({ min: 1, max: 40 }), (all, colours) => {
        const distinct = new Set(Array.from({ length: all.length / 3 }, (_, i) => all.slice(i * 3, i * 3 + 3).join()))
          .size;
        const palette = medianCut(all, colours);
        expect(palette.length / 3).toBe(Math.min(colours, distinct));
      }),
    );
  });

  test('maps to colours of the palette, with and without dithering', () => {
    fc.assert(
      fc.property(pixels, fc.integer({ min: 1, max: 8 }), fc.boolean(), (all, colours, dither) => {
        const palette = medianCut(all, colours);
        const known = new Set(
          Array.from({ length: palette.length / 3 }, (_, i) => palette.slice(i * 3, i * 3 + 3).join()),
        );
        const mapped = mapToPalette(all, all.length / 3, palette, dither);
        for (let i = 0; i < mapped.length; i += 3) expect(known).toContain(mapped.slice(i, i + 3).join());
      }),
    );
  });

  test('more than 65,536 colours lose their lowest bits first', () => {
    const all = new Uint8Array(3 * 70_000).map((_, i) => {
      const [pixel, c] = [Math.floor(i / 3), i % 3];
      return (pixel * [1, 7, 13][c]!) >> [0, 3, 9][c]!;
    });
    expect(medianCut(all, 16)).toHaveLength(48);
  });
});

describe('shapes', () => {
  test('a batch is repeated from its start, or cut', () => {
    const two: Tensor = { shape: [2, 1, 1], data: Float32Array.of(1, 2) };
    expect([...toBatch(two, 5).data]).toEqual([1, 2, 1, 2, 1]);
    expect([...toBatch(two, 1).data]).toEqual([1]);
  });

  test('a tensor has a bound', () => {
    expect(() => zeros(MOST_ELEMENTS + 1)).toThrow(/more than/);
    expect(() => zeros(1, -1)).toThrow(/negative dimension -1/);
  });
});

describe('tiles', () => {
  test('put together again give the picture, within one step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 64, max: 90 }), fc.integer({ min: 0, max: 70 }), async (tile, overlap) => {
        const bytes = Uint8Array.from({ length: 100 * 80 * 3 }, (_, i) => (i * 7919) % 256);
        const whole = fromBytes(bytes, [1, 80, 100, 3]);
        const numbers = { tile_width: BigInt(tile), tile_height: BigInt(tile), overlap: BigInt(overlap) };
        const [tiles] = (await splitImageToTileList.run({ image: whole, ...numbers }, {} as never)).outputs;
        const lists = { final_width: [100n], final_height: [80n], overlap: [BigInt(overlap)] };
        const [merged] = (await imageMergeTileList.run({ image_list: tiles!, ...lists }, {} as never)).outputs;
        toBytes((merged as Tensor).data).forEach((byte, i) => {
          expect(Math.abs(byte - bytes[i]!)).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: 10 },
    );
  });
});
