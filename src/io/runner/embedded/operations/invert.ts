import { float, image, mask } from '../arguments.ts';
import type { Operation } from '../operation.ts';

export const imageInvert: Operation = {
  classType: 'ImageInvert',
  method: 'invert',
  run(inputs) {
    const value = inputs['image'];
    // A number can stand here: the server lets one through, and Python subtracts it.
    if (typeof value === 'bigint' || typeof value === 'number') return { outputs: [1 - Number(value)] };
    const source = image(inputs, 'image');
    return { outputs: [{ ...source, data: source.data.map((one) => 1 - one) }] };
  },
};

export const invertMask: Operation = {
  classType: 'InvertMask',
  run(inputs) {
    const source = mask(inputs, 'mask');
    return { outputs: [{ ...source, data: source.data.map((one) => 1 - one) }] };
  },
};

export const thresholdMask: Operation = {
  classType: 'ThresholdMask',
  run(inputs) {
    const source = mask(inputs, 'mask');
    // The threshold is compared as a 32-bit float, as torch makes one of it.
    const least = Math.fround(float(inputs, 'value'));
    return { outputs: [{ ...source, data: source.data.map((one) => (one > least ? 1 : 0)) }] };
  },
};
