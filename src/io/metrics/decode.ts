import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { METRIC_LIMITS } from './limits.ts';
import { type Picture, pictureOf } from './picture.ts';
import { pngPixels } from './png-pixels.ts';
import { IMAGE_TYPES, sniff, VIDEO_TYPES } from './sniff.ts';
import { readVideo } from './video-frames.ts';

/** An image to measure: a file, or its bytes; with a name for messages, which a file takes from its path. */
export type ImageInput =
  | { readonly path: string; readonly name?: string }
  | { readonly bytes: Uint8Array; readonly name: string };

/** A decoded file. */
export interface Decoded {
  readonly kind: 'decoded';
  readonly name: string;
  /** `PNG`, `WebP`, ... by its bytes. */
  readonly type: string;
  /** One for a still image. */
  readonly frames: readonly Picture[];
}

/** Why something cannot be measured here, and what to do about it. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
  readonly hint: string;
}

/**
 * Decodes an image or an animation to RGB as Pillow's `convert('RGB')` has it: values as they are stored, no colour
 * profile, no turning by EXIF, alpha dropped. A video is unavailable without an `ffmpeg`. Size and number of frames are
 * checked before any pixel is decoded. Throws IMAGE_INVALID, IMAGE_TOO_LARGE, FILE_NOT_FOUND, FILE_UNREADABLE,
 * RUNTIME_MISSING.
 */
export async function decode(input: ImageInput, ffmpeg?: string): Promise<Decoded | Unavailable> {
  const name = nameOf(input);
  const bytes = 'path' in input ? await readFrom(input.path, name, HEAD_BYTES) : input.bytes;
  const type = sniff(bytes);
  if (type !== undefined && VIDEO_TYPES.has(type)) {
    if (!('path' in input)) {
      return { kind: 'unavailable', reason: `${name} is a video in memory`, hint: 'Name the file of a video.' };
    }
    const frames = await readVideo(input.path, name, type, ffmpeg);
    return Array.isArray(frames) ? { kind: 'decoded', name, type, frames } : (frames as Unavailable);
  }
  if (type === undefined || !IMAGE_TYPES.has(type)) {
    const reason = type === undefined ? 'its first bytes are those of no image' : `it is a ${type}`;
    throw new CwfError('IMAGE_INVALID', { source: name, type: 'image', reason }, { hint: HINT });
  }
  const whole = 'path' in input ? await readFrom(input.path, name, METRIC_LIMITS.fileBytes + 1) : input.bytes;
  if (whole.length > METRIC_LIMITS.fileBytes) throw tooLarge(name, `${whole.length} bytes`, METRIC_LIMITS.fileBytes);
  return { kind: 'decoded', name, type, frames: await decodeImage(whole, name, type) };
}

/** What messages call an image. */
export function nameOf(input: ImageInput): string {
  return input.name ?? basename((input as { readonly path: string }).path);
}

const HINT = 'Metrics read PNG, JPEG, WebP and GIF, and videos through ffmpeg.';
const HEAD_BYTES = 512;

/** The package that decodes, loaded when the first image comes. Throws RUNTIME_MISSING. */
export async function loadSharp(): Promise<typeof import('sharp')['default']> {
  try {
    const { default: sharp } = await import('sharp');
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new CwfError('RUNTIME_MISSING', { package: 'sharp', reason }, { cause: error });
  }
}

async function decodeImage(bytes: Uint8Array, name: string, type: string): Promise<Picture[]> {
  const fail = (reason: string) => new CwfError('IMAGE_INVALID', { source: name, type, reason }, { hint: HINT });
  const safe = type === 'PNG' ? pngPixels(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), fail) : bytes;
  const sharp = await loadSharp();
  const options = { limitInputPixels: METRIC_LIMITS.totalPixels, failOn: 'warning', ignoreIcc: true } as const;
  try {
    const {
      width = 0,
      height = 0,
      pages = 1,
      delay = [],
    } = await sharp(safe, { ...options, limitInputPixels: false }).metadata();
    if (width * height > METRIC_LIMITS.pixels) throw tooLarge(name, `${width}x${height} pixels`, METRIC_LIMITS.pixels);
    if (pages > METRIC_LIMITS.frames) throw tooLarge(name, `${pages} frames`, METRIC_LIMITS.frames);
    const total = width * height * pages;
    if (total > METRIC_LIMITS.totalPixels) {
      throw tooLarge(name, `${total} pixels in ${pages} frames`, METRIC_LIMITS.totalPixels);
    }
    const { data, info } = await sharp(safe, { ...options, pages: pages > 1 ? -1 : 1 })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const rgb = info.channels === 1 ? tripled(data) : data;
    const size = width * height * 3;
    if (rgb.length !== size * pages) throw fail(`${rgb.length} bytes of pixels came out, not ${size * pages}`);
    const ticks = ticksOf(delay);
    return Array.from({ length: pages }, (_, at) =>
      pictureOf(width, height, rgb.subarray(at * size, (at + 1) * size), ticks[at]),
    );
  } catch (error) {
    if (error instanceof CwfError) throw error;
    throw fail(((error as Error).message.split('\n')[0] ?? '').trim());
  }
}

/** Delays in milliseconds as multiples of the shortest. */
function ticksOf(delays: readonly number[]): readonly number[] {
  const shortest = Math.min(...delays.filter((delay) => delay > 0));
  return delays.map((delay) => (delay > 0 ? Math.round(delay / shortest) : 1));
}

function tripled(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i]!, i * 3, i * 3 + 3);
  return rgb;
}

function tooLarge(source: string, what: string, limit: number): CwfError {
  return new CwfError('IMAGE_TOO_LARGE', { source, what, limit });
}

/** Up to `most` bytes of a plain file. Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
async function readFrom(path: string, name: string, most: number): Promise<Uint8Array> {
  try {
    // Without waiting: a pipe that nobody writes into would hold it up for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error('it is no plain file');
      const bytes = Buffer.alloc(Math.min(most, stat.size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw new CwfError('FILE_NOT_FOUND', { file: name });
    throw new CwfError('FILE_UNREADABLE', { file: name, reason: (error as Error).message }, { cause: error });
  }
}
