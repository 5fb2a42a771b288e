import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Inputs, Operation, RunContext } from '../operation.ts';
import { inFolder } from '../paths.ts';
import { decodeImage } from '../pixels/decode.ts';
import { size, type Tensor, zeros } from '../values.ts';

export const loadImage: Operation = {
  classType: 'LoadImage',
  method: 'load_image',
  fingerprint,
  async run(inputs, context) {
    return { outputs: [...(await load(inputs, context))] };
  },
};

export const loadImageMask: Operation = {
  classType: 'LoadImageMask',
  method: 'load_image_mask',
  fingerprint,
  async run(inputs, context) {
    const [picture, mask] = await load(inputs, context);
    const channel = text(inputs, 'channel')[0]?.toUpperCase();
    if (channel === 'A') return { outputs: [mask] };
    const index = Math.max(0, ['R', 'G', 'B'].indexOf(channel ?? ''));
    const out = zeros(...picture.shape.slice(0, 3));
    for (let i = 0; i < out.data.length; i++) out.data[i] = picture.data[i * 3 + index]!;
    return { outputs: [out] };
  },
};

/** The picture, and as a mask what its alpha leaves out; 64 x 64 of nothing where it has none. */
async function load(inputs: Inputs, context: RunContext): Promise<[Tensor, Tensor]> {
  const path = pathOf(inputs, context);
  const bytes = await read(path);
  const { image, alpha } = await decodeImage(bytes, (reason) => {
    return new NodeFailure('PIL.UnidentifiedImageError', `cannot identify image file '${path}'`, reason);
  });
  if (alpha === undefined) return [image, zeros(size(image, 0), 64, 64)];
  return [image, { shape: alpha.shape, data: alpha.data.map((one) => 1 - one) }];
}

async function fingerprint(inputs: Inputs, context: RunContext): Promise<string | undefined> {
  const hash = createHash('sha256');
  return hash.update(await read(pathOf(inputs, context))).digest('hex');
}

/** A name may end with the folder it is of: `name [output]`. */
function pathOf(inputs: Inputs, context: RunContext): string {
  const name = text(inputs, 'image');
  const [, plain, folder = 'input'] = /^(.*?)(?: ?\[(input|output|temp)\])?$/s.exec(name)!;
  return inFolder(context.folders[folder as 'input' | 'output' | 'temp'], plain!);
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing) throw new NodeFailure('FileNotFoundError', `[Errno 2] No such file or directory: '${path}'`);
    throw new NodeFailure('OSError', `'${path}' cannot be read: ${(error as Error).message}`);
  }
}
