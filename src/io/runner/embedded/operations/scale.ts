import { float, image, int, text } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { resize } from '../pixels/resize.ts';
import { roundHalfEven } from '../python.ts';
import { size, zeros } from '../values.ts';

export const imageScale: Operation = {
  classType: 'ImageScale',
  method: 'upscale',
  run(inputs) {
    const source = image(inputs, 'image');
    const [height, width] = sides(size(source, 1), size(source, 2), int(inputs, 'width'), int(inputs, 'height'));
    if (width === 0) return { outputs: [source] };
    return { outputs: [resize(source, width, height, text(inputs, 'upscale_method'), text(inputs, 'crop'))] };
  },
};

/** Height and width of a picture at a size of which one side may be 0, to keep its shape; both 0: as it is. */
export function sides(oldHeight: number, oldWidth: number, width: number, height: number): [number, number] {
  if (width === 0 && height === 0) return [0, 0];
  if (width === 0) return [height, Math.max(1, roundHalfEven((oldWidth * height) / oldHeight))];
  if (height === 0) return [Math.max(1, roundHalfEven((oldHeight * width) / oldWidth)), width];
  return [height, width];
}

export const imageScaleBy: Operation = {
  classType: 'ImageScaleBy',
  method: 'upscale',
  run(inputs) {
    const source = image(inputs, 'image');
    const by = float(inputs, 'scale_by');
    const width = roundHalfEven(size(source, 2) * by);
    const height = roundHalfEven(size(source, 1) * by);
    return { outputs: [resize(source, width, height, text(inputs, 'upscale_method'), 'disabled')] };
  },
};

export const imageScaleToTotalPixels: Operation = {
  classType: 'ImageScaleToTotalPixels',
  run(inputs) {
    const source = image(inputs, 'image');
    const step = int(inputs, 'resolution_steps');
    const total = float(inputs, 'megapixels') * 1024 * 1024;
    const by = Math.sqrt(total / (size(source, 2) * size(source, 1)));
    const width = roundHalfEven((size(source, 2) * by) / step) * step;
    const height = roundHalfEven((size(source, 1) * by) / step) * step;
    return { outputs: [resize(source, width, height, text(inputs, 'upscale_method'), 'disabled')] };
  },
};

export const imageScaleToMaxDimension: Operation = {
  classType: 'ImageScaleToMaxDimension',
  run(inputs) {
    const source = image(inputs, 'image');
    const [height, width] = longerSide(size(source, 1), size(source, 2), int(inputs, 'largest_size'));
    return { outputs: [resize(source, width, height, text(inputs, 'upscale_method'), 'disabled')] };
  },
};

/** Height and width of a picture whose longer side becomes `longest`. */
export function longerSide(height: number, width: number, longest: number): [height: number, width: number] {
  if (height > width) return [longest, roundHalfEven((width / height) * longest)];
  if (width > height) return [roundHalfEven((height / width) * longest), longest];
  return [longest, longest];
}

export const resizeAndPadImage: Operation = {
  classType: 'ResizeAndPadImage',
  run(inputs) {
    const source = image(inputs, 'image');
    const width = int(inputs, 'target_width');
    const height = int(inputs, 'target_height');
    const by = Math.min(width / size(source, 2), height / size(source, 1));
    const newWidth = Math.trunc(size(source, 2) * by);
    const newHeight = Math.trunc(size(source, 1) * by);
    const resized = resize(source, newWidth, newHeight, text(inputs, 'interpolation'), 'disabled');
    const channels = size(source, 3);
    const out = zeros(size(source, 0), height, width, channels);
    if (text(inputs, 'padding_color') !== 'black') out.data.fill(1);
    const x = Math.floor((width - newWidth) / 2);
    const y = Math.floor((height - newHeight) / 2);
    const row = newWidth * channels;
    for (let b = 0; b < size(source, 0); b++) {
      for (let i = 0; i < newHeight; i++) {
        const from = (b * newHeight + i) * row;
        out.data.set(resized.data.subarray(from, from + row), ((b * height + y + i) * width + x) * channels);
      }
    }
    return { outputs: [out] };
  },
};
