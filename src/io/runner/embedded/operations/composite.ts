import { flag, image, int, mask } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { resize } from '../pixels/resize.ts';
import { alphaFix, toBatch } from '../pixels/shapes.ts';
import { size, type Tensor, zeros } from '../values.ts';

const f = Math.fround;

export const imageCompositeMasked: Operation = {
  classType: 'ImageCompositeMasked',
  run(inputs) {
    const destination = image(inputs, 'destination');
    let source = alphaFix(destination, image(inputs, 'source'));
    if (flag(inputs, 'resize_source')) {
      source = resize(source, size(destination, 2), size(destination, 1), 'bilinear', 'disabled');
    }
    source = toBatch(source, size(destination, 0));
    const hasMask = inputs['mask'] !== undefined && inputs['mask'] !== null;
    const masks = hasMask ? fitted(mask(inputs, 'mask'), source) : undefined;
    return { outputs: [composite(destination, source, int(inputs, 'x'), int(inputs, 'y'), masks)] };
  },
};

function fitted(masks: Tensor, source: Tensor): Tensor {
  return toBatch(resize(masks, size(source, 2), size(source, 1), 'bilinear', 'disabled'), size(source, 0));
}

/** `source` laid over `destination` with its corner at (x, y), which is not before the first pixel. */
function composite(destination: Tensor, source: Tensor, x: number, y: number, masks: Tensor | undefined): Tensor {
  const [batch, height, width, channels] = destination.shape as [number, number, number, number];
  const [sourceHeight, sourceWidth] = [size(source, 1), size(source, 2)];
  const left = Math.max(0, Math.min(x, width));
  const top = Math.max(0, Math.min(y, height));
  const out: Tensor = { shape: destination.shape, data: destination.data.slice() };
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < Math.min(sourceHeight, height - top); i++) {
      for (let j = 0; j < Math.min(sourceWidth, width - left); j++) {
        const share = masks ? masks.data[(b * sourceHeight + i) * sourceWidth + j]! : 1;
        const to = ((b * height + top + i) * width + left + j) * channels;
        const from = ((b * sourceHeight + i) * sourceWidth + j) * channels;
        for (let c = 0; c < channels; c++) {
          out.data[to + c] = f(share * source.data[from + c]!) + f(f(1 - share) * destination.data[to + c]!);
        }
      }
    }
  }
  return out;
}

export const joinImageWithAlpha: Operation = {
  classType: 'JoinImageWithAlpha',
  run(inputs) {
    const source = image(inputs, 'image');
    const alpha = mask(inputs, 'alpha');
    const batch = Math.max(size(source, 0), size(alpha, 0));
    const sized = toBatch(resize(alpha, size(source, 2), size(source, 1), 'bilinear', 'disabled'), batch);
    const pictures = toBatch(source, batch);
    const channels = size(source, 3);
    const out = zeros(batch, size(source, 1), size(source, 2), Math.min(3, channels) + 1);
    const kept = size(out, 3) - 1;
    for (let i = 0; i < sized.data.length; i++) {
      for (let c = 0; c < kept; c++) out.data[i * (kept + 1) + c] = pictures.data[i * channels + c]!;
      out.data[i * (kept + 1) + kept] = 1 - sized.data[i]!;
    }
    return { outputs: [out] };
  },
};

export const splitImageWithAlpha: Operation = {
  classType: 'SplitImageWithAlpha',
  run(inputs) {
    const source = image(inputs, 'image');
    const channels = size(source, 3);
    if (channels === 0) throw new NodeFailure('IndexError', 'the image has no channels');
    const kept = Math.min(3, channels);
    const picture = zeros(...source.shape.slice(0, 3), kept);
    const alpha = zeros(...source.shape.slice(0, 3));
    for (let i = 0; i < alpha.data.length; i++) {
      for (let c = 0; c < kept; c++) picture.data[i * kept + c] = source.data[i * channels + c]!;
      alpha.data[i] = channels > 3 ? 1 - source.data[i * channels + 3]! : 0;
    }
    return { outputs: [picture, alpha] };
  },
};
