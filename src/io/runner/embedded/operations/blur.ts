import { float, image, int } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { clamp } from '../pixels/bytes.ts';
import { convolve, gaussianKernel, torchSum } from '../pixels/convolve.ts';

const f = Math.fround;

export const imageBlur: Operation = {
  classType: 'ImageBlur',
  run(inputs) {
    const radius = int(inputs, 'blur_radius');
    const source = image(inputs, 'image');
    if (radius === 0) return { outputs: [source] };
    return { outputs: [convolve(source, gaussianKernel(radius * 2 + 1, float(inputs, 'sigma')), radius)] };
  },
};

export const imageSharpen: Operation = {
  classType: 'ImageSharpen',
  run(inputs) {
    const radius = int(inputs, 'sharpen_radius');
    const source = image(inputs, 'image');
    if (radius === 0) return { outputs: [source] };
    const side = radius * 2 + 1;
    const strength = f(-(float(inputs, 'alpha') * 10));
    const kernel = gaussianKernel(side, float(inputs, 'sigma')).map((value) => value * strength);
    const center = radius * side + radius;
    kernel[center] = f(kernel[center]! - torchSum(kernel)) + 1;
    const sharpened = convolve(source, kernel, radius);
    return {
      outputs: [{ ...sharpened, data: sharpened.data.map(clamp) }],
    };
  },
};
