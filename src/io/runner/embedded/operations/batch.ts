import { image, int, tensorOf } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { resize } from '../pixels/resize.ts';
import { concatenate, pictures, toBatch, withChannels } from '../pixels/shapes.ts';
import { size, type Tensor, type Value, type ValueMap } from '../values.ts';

export const imageBatch: Operation = {
  classType: 'ImageBatch',
  method: 'batch',
  run: (inputs) => ({ outputs: [batchOf([image(inputs, 'image1'), image(inputs, 'image2')])] }),
};

export const batchImages: Operation = {
  classType: 'BatchImagesNode',
  run: (inputs) => ({ outputs: [batchOf(grown(inputs['images']).map((one) => tensorOf(one, 4)))] }),
};

export const batchMasks: Operation = {
  classType: 'BatchMasksNode',
  run: (inputs) => ({ outputs: [batchOf(grown(inputs['masks']).map((one) => tensorOf(one, 3)))] }),
};

function grown(value: Value | undefined): Value[] {
  return Object.values(value as ValueMap);
}

/** All in one batch: with as many channels as the richest, at the size of the first. */
function batchOf(all: readonly Tensor[]): Tensor {
  const isImage = all[0]!.shape.length === 4;
  const channels = isImage ? Math.max(...all.map((one) => size(one, 3))) : 0;
  const opaque = all.map((one) => (isImage && size(one, 3) < channels ? withChannels(one, size(one, 3) + 1, 1) : one));
  const [height, width] = [size(opaque[0]!, 1), size(opaque[0]!, 2)];
  return concatenate(
    opaque.map((one) =>
      size(one, 1) === height && size(one, 2) === width ? one : resize(one, width, height, 'bilinear', 'center'),
    ),
  );
}

export const imageFromBatch: Operation = {
  classType: 'ImageFromBatch',
  run(inputs) {
    const source = image(inputs, 'image');
    const batch = size(source, 0);
    const asked = int(inputs, 'batch_index');
    const from = Math.max(0, Math.min(batch - 1, asked < 0 ? asked + batch : asked));
    return { outputs: [pictures(source, from, from + Math.min(batch - from, int(inputs, 'length')))] };
  },
};

export const repeatImageBatch: Operation = {
  classType: 'RepeatImageBatch',
  run(inputs) {
    const source = image(inputs, 'image');
    return { outputs: [toBatch(source, size(source, 0) * int(inputs, 'amount'))] };
  },
};

export const rebatchImages: Operation = {
  classType: 'RebatchImages',
  run(inputs) {
    const sizes = inputs['batch_size'] as readonly Value[];
    const step = int({ batch_size: sizes[0]! }, 'batch_size');
    const single = (inputs['images'] as readonly Value[]).flatMap((one) => {
      const source = tensorOf(one, 4);
      return Array.from({ length: size(source, 0) }, (_, i) => pictures(source, i, i + 1));
    });
    const batches: Tensor[] = [];
    for (let i = 0; i < single.length; i += step) batches.push(concatenate(single.slice(i, i + step)));
    return { outputs: [batches] };
  },
};
