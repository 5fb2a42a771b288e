import { image, int } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { zeros } from '../values.ts';

export const imagePadForOutpaint: Operation = {
  classType: 'ImagePadForOutpaint',
  method: 'expand_image',
  run(inputs) {
    const source = image(inputs, 'image');
    const [batch, height, width, channels] = source.shape as [number, number, number, number];
    const [left, top] = [int(inputs, 'left'), int(inputs, 'top')];
    const [right, bottom] = [int(inputs, 'right'), int(inputs, 'bottom')];
    const newWidth = width + left + right;
    const out = zeros(batch, height + top + bottom, newWidth, channels);
    out.data.fill(0.5);
    const row = width * channels;
    for (let b = 0; b < batch; b++) {
      for (let y = 0; y < height; y++) {
        const from = (b * height + y) * row;
        const to = ((b * (height + top + bottom) + top + y) * newWidth + left) * channels;
        out.data.set(source.data.subarray(from, from + row), to);
      }
    }
    const mask = zeros(1, height + top + bottom, newWidth);
    mask.data.fill(1);
    const feathering = int(inputs, 'feathering');
    const isFeathered = feathering > 0 && feathering * 2 < height && feathering * 2 < width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const near = Math.min(
          top !== 0 ? y : height,
          bottom !== 0 ? height - y : height,
          left !== 0 ? x : width,
          right !== 0 ? width - x : width,
        );
        const fade = isFeathered && near < feathering ? (feathering - near) / feathering : 0;
        mask.data[(top + y) * newWidth + left + x] = fade * fade;
      }
    }
    return { outputs: [out, mask] };
  },
};
