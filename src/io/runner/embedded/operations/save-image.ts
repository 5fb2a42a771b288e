import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng, type Pixels } from '../../../media/png-encode.ts';
import { mask, tensorOf, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation, Result, RunContext } from '../operation.ts';
import { savePlace } from '../paths.ts';
import { toBytes } from '../pixels/bytes.ts';
import { pythonType } from '../python.ts';
import { isTensor, size, type Tensor, type Value } from '../values.ts';
import { writeWhole } from '../write-file.ts';
import { maskToImage } from './mask-convert.ts';

/** zlib levels of ComfyUI. */
const SAVE_LEVEL = 4;
const PREVIEW_LEVEL = 1;

export const saveImage: Operation = {
  classType: 'SaveImage',
  method: 'save_images',
  run(inputs, context) {
    const prefix = inputs['filename_prefix'] === undefined ? 'ComfyUI' : text(inputs, 'filename_prefix');
    return save(inputs['images'], prefix, 'output', SAVE_LEVEL, context);
  },
};

export const previewImage: Operation = {
  classType: 'PreviewImage',
  method: 'SaveImage.save_images',
  run: (inputs, context) => save(inputs['images'], previewPrefix(context), 'temp', PREVIEW_LEVEL, context),
};

export const maskPreview: Operation = {
  classType: 'MaskPreview',
  async run(inputs, context) {
    const source = mask(inputs, 'mask');
    const picture = (await maskToImage.run({ mask: source }, context)).outputs[0];
    const { ui } = await save(picture, previewPrefix(context), 'temp', PREVIEW_LEVEL, context);
    return { outputs: [source], ui: { ...ui, animated: [false] } };
  },
};

function previewPrefix(context: RunContext): string {
  return `ComfyUI_temp_${context.previewSuffix}`;
}

async function save(
  value: Value | undefined,
  prefix: string,
  type: 'output' | 'temp',
  level: number,
  context: RunContext,
): Promise<Result> {
  const images = imagesOf(value);
  const [width, height] = [size(images, 2), size(images, 1)];
  const place = savePlace(prefix, context.folders[type], width, height, context.now());
  await mkdir(place.folder, { recursive: true });
  const saved: Value[] = [];
  for (let b = 0; b < size(images, 0); b++) {
    const name = place.name.replaceAll('%batch_num%', String(b));
    const filename = `${name}_${String(place.counter + b).padStart(5, '0')}_.png`;
    await writeWhole(join(place.folder, filename), encodePng(pixelsOf(images, b), context.pngTexts, level));
    saved.push({ filename, subfolder: place.subfolder, type });
  }
  return { outputs: [images], ui: { images: saved } };
}

/** Images to save. Throws a NodeFailure in the words of Python, which asks for the first of them. */
function imagesOf(value: Value | undefined): Tensor {
  if (!isTensor(value)) throw new NodeFailure('TypeError', `'${pythonType(value)}' object is not subscriptable`);
  const images = tensorOf(value, 4);
  if (size(images, 0) === 0) {
    throw new NodeFailure('IndexError', 'index 0 is out of bounds for dimension 0 with size 0');
  }
  const channels = size(images, 3);
  if (channels !== 3 && channels !== 4) {
    throw new NodeFailure('TypeError', `Cannot handle this data type: (1, 1, ${channels}), |u1`);
  }
  if (images.data.length === 0) throw new NodeFailure('SystemError', 'tile cannot extend outside image');
  return images;
}

function pixelsOf(images: Tensor, b: number): Pixels {
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const step = height * width * channels;
  return { width, height, channels, bytes: toBytes(images.data.subarray(b * step, (b + 1) * step)) };
}

export const saveImageWebsocket: Operation = {
  classType: 'SaveImageWebsocket',
  method: 'save_images',
  // Sent anew with every prompt: there is no file that could be found again.
  fingerprint: async () => undefined,
  run(inputs, context) {
    const images = imagesOf(inputs['images']);
    const batch = size(images, 0);
    for (let b = 0; b < batch; b++) context.progress(b, batch, encodePng(pixelsOf(images, b), [], SAVE_LEVEL));
    return { outputs: [] };
  },
};
