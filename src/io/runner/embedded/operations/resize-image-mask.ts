import { tensorOf } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Inputs, Operation } from '../operation.ts';
import { crop, resize } from '../pixels/resize.ts';
import { roundHalfEven } from '../python.ts';
import { size, type Tensor } from '../values.ts';
import { longerSide, sides } from './scale.ts';

export const resizeImageMask: Operation = {
  classType: 'ResizeImageMaskNode',
  run(inputs) {
    const source = tensorOf(inputs['input'], undefined);
    return { outputs: [resized(source, inputs['resize_type'] as Inputs, String(inputs['scale_method']))] };
  },
};

function resized(source: Tensor, how: Inputs, method: string): Tensor {
  const [height, width] = [size(source, 1), size(source, 2)];
  const number = (name: string) => Number(how[name]);
  const to = ([newHeight, newWidth]: readonly [number, number], cropping = 'disabled') =>
    resize(source, newWidth, newHeight, method, cropping);
  const toSides = (w: number, h: number, cropping = 'disabled') =>
    w === 0 && h === 0 ? source : to(sides(height, width, w, h), cropping);
  const by = (factor: number) => to([roundHalfEven(height * factor), roundHalfEven(width * factor)]);
  switch (how['resize_type']) {
    case 'scale by multiplier':
      return by(number('multiplier'));
    case 'scale dimensions':
      return toSides(number('width'), number('height'), String(how['crop']));
    case 'scale longer dimension':
      return to(longerSide(height, width, number('longer_size')));
    case 'scale shorter dimension':
      return to(shorterSide(height, width, number('shorter_size')));
    case 'scale width':
      return toSides(number('width'), 0);
    case 'scale height':
      return toSides(0, number('height'));
    case 'scale total pixels':
      return by(Math.sqrt(Math.trunc(number('megapixels') * 1024 * 1024) / (width * height)));
    case 'match size': {
      const match = tensorOf(how['match'], undefined);
      return to([size(match, 1), size(match, 2)], String(how['crop']));
    }
    case 'scale to multiple':
      return toMultiple(source, number('multiple'), method);
    default:
      throw new NodeFailure('ValueError', `Unsupported resize type: ${how['resize_type']}`);
  }
}

function shorterSide(height: number, width: number, shortest: number): [number, number] {
  if (height < width) return [shortest, roundHalfEven((width / height) * shortest)];
  if (width < height) return [roundHalfEven((height / width) * shortest), shortest];
  return [shortest, shortest];
}

/** At the next smaller size whose sides are multiples: the picture covers it and is cut at its middle. */
function toMultiple(source: Tensor, multiple: number, method: string): Tensor {
  if (multiple <= 1) return source;
  const [height, width] = [size(source, 1), size(source, 2)];
  const newWidth = Math.floor(width / multiple) * multiple;
  const newHeight = Math.floor(height / multiple) * multiple;
  if (newWidth === 0 || newHeight === 0 || (newWidth === width && newHeight === height)) return source;
  const byWidth = newWidth / width;
  const byHeight = newHeight / height;
  const covers =
    byWidth >= byHeight
      ? { width: newWidth, height: Math.max(newHeight, Math.ceil(height * byWidth)) }
      : { width: Math.max(newWidth, Math.ceil(width * byHeight)), height: newHeight };
  const scaled = resize(source, covers.width, covers.height, method, 'disabled');
  const x = Math.floor((covers.width - newWidth) / 2);
  const y = Math.floor((covers.height - newHeight) / 2);
  return crop(scaled, x, y, newWidth, newHeight);
}
