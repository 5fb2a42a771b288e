import { float, image, int } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { clamp } from '../pixels/bytes.ts';
import { convolve, gaussianKernel, torchSum } from '../pixels/convolve.ts';
import { blurByLines } from '../pixels/separable.ts';
import type { Tensor } from '../values.ts';

const f = Math.fround;

/**
 * Up to here a pixel is made as torch makes it, every product in its order. Beyond it is made of two lines: 3,969
 * products of a 63x63 square would take 21 s where 126 take 0.6 s (1024x1024; a square of 17x17 takes 1.6 s).
 */
const MOST_EXACT = 8;

export const imageBlur: Operation = {
  classType: 'ImageBlur',
  run(inputs) {
    const radius = int(inputs, 'blur_radius');
    const source = image(inputs, 'image');
    if (radius === 0) return { outputs: [source] };
    const sigma = float(inputs, 'sigma');
    if (radius > MOST_EXACT) return { outputs: [blurByLines(source, radius, sigma)] };
    return { outputs: [convolve(source, gaussianKernel(radius * 2 + 1, sigma), radius)] };
  },
};

export const imageSharpen: Operation = {
  classType: 'ImageSharpen',
  run(inputs) {
    const radius = int(inputs, 'sharpen_radius');
    const source = image(inputs, 'image');
    if (radius === 0) return { outputs: [source] };
    const strength = f(-(float(inputs, 'alpha') * 10));
    const sharpened = sharpen(source, radius, float(inputs, 'sigma'), strength);
    return { outputs: [{ ...sharpened, data: sharpened.data.map(clamp) }] };
  },
};

/** What `strength` (below 0) times the blurred picture takes away, the picture itself gets back. */
function sharpen(source: Tensor, radius: number, sigma: number, strength: number): Tensor {
  if (radius > MOST_EXACT) {
    const blurred = blurByLines(source, radius, sigma);
    return { ...blurred, data: blurred.data.map((value, i) => source.data[i]! + strength * (value - source.data[i]!)) };
  }
  const side = radius * 2 + 1;
  const kernel = gaussianKernel(side, sigma).map((value) => value * strength);
  const center = radius * side + radius;
  kernel[center] = f(kernel[center]! - torchSum(kernel)) + 1;
  return convolve(source, kernel, radius);
}
