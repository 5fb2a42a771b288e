import { image, int, mask } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Inputs, Operation } from '../operation.ts';
import { crop } from '../pixels/resize.ts';
import { size, type Tensor } from '../values.ts';

/** A part of an image; a corner beyond it is its last pixel, what hangs over the border is left away. */
function cropImage(source: Tensor, x: number, y: number, width: number, height: number): Tensor {
  return cut(source, Math.min(x, size(source, 2) - 1), Math.min(y, size(source, 1) - 1), width, height);
}

/** Python's slices of both sides: what lies outside is left away. */
function cut(source: Tensor, x: number, y: number, width: number, height: number): Tensor {
  const left = Math.min(x, size(source, 2));
  const top = Math.min(y, size(source, 1));
  const right = Math.max(left, Math.min(x + width, size(source, 2)));
  const bottom = Math.max(top, Math.min(y + height, size(source, 1)));
  return crop(source, left, top, right - left, bottom - top);
}

export const imageCrop: Operation = {
  classType: 'ImageCrop',
  run(inputs) {
    const [x, y, width, height] = box(inputs);
    return { outputs: [cropImage(image(inputs, 'image'), x, y, width, height)] };
  },
};

export const cropMask: Operation = {
  classType: 'CropMask',
  run(inputs) {
    const [x, y, width, height] = box(inputs);
    return { outputs: [cut(mask(inputs, 'mask'), x, y, width, height)] };
  },
};

function box(inputs: Inputs): [x: number, y: number, width: number, height: number] {
  const all = (['x', 'y', 'width', 'height'] as const).map((name) => int(inputs, name));
  if (all.some((value) => value < 0)) throw new NodeFailure('ValueError', 'a part of an image has no negative places');
  return all as [number, number, number, number];
}
