import { CwfError, isCwfError } from '../../base/errors.ts';
import { MEDIA_LIMITS } from '../media/limits.ts';
import { pngChunks } from '../media/png.ts';
import { outputType } from './type.ts';

/** Size of a picture; of an animation that of one frame. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Most pixels of one frame; a file of 31 KB can stand for 256 million. */
const MOST_PIXELS = 64_000_000;
/** Most frames of one animation. */
const MOST_FRAMES = 4096;
/** A picture that takes longer than this many seconds to make small is given up. */
const PATIENCE = 20;
/** Longer side of the thumbnail that is kept. */
export const THUMBNAIL = 256;

/** What sharp may decode, by media type: never SVG, TIFF, HEIF or what else it would take, whatever the file says. */
const FORMATS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/webp': 'webp',
  'image/gif': 'gif',
};

/** Whether a media type is one whose pixels are looked at. */
export function isPicture(type: string): boolean {
  return type in FORMATS;
}

/** Reads the size of a picture from its headers, without decoding it. Throws IMAGE_INVALID. */
export async function pixelsOf(bytes: Buffer, source: string): Promise<Pixels> {
  return guarded(bytes, source, async (_sharp, pixels) => pixels);
}

/**
 * A WebP of at most `side` by `side` pixels of a PNG, JPEG, WebP or GIF; of an animation the first frame. Size, frames and
 * the chunks of a PNG are checked before anything is decoded. Throws IMAGE_INVALID.
 */
export async function makeThumbnail(bytes: Buffer, source: string, side = THUMBNAIL): Promise<Buffer> {
  return guarded(bytes, source, (sharp) =>
    sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
      .timeout({ seconds: PATIENCE })
      .autoOrient()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer(),
  );
}

type Sharp = typeof import('sharp').default;

async function guarded<T>(
  bytes: Buffer,
  source: string,
  use: (sharp: Sharp, pixels: Pixels) => Promise<T>,
): Promise<T> {
  const { type } = outputType(bytes);
  const format = FORMATS[type];
  const fail = (reason: string): CwfError => new CwfError('IMAGE_INVALID', { source, type: format ?? 'image', reason });
  if (format === undefined) throw fail(`it is none of ${Object.values(FORMATS).join(', ')}`);
  if (bytes.length > MEDIA_LIMITS.fileBytes) throw fail(`it is over ${MEDIA_LIMITS.fileBytes} bytes`);
  if (format === 'png') checkPng(bytes, fail);
  const { default: sharp } = await import('sharp');
  try {
    const found = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' }).metadata();
    if (found.format !== format) throw fail(`it is a ${found.format} inside`);
    const pixels = { width: found.width, height: found.height, frames: found.pages ?? 1 };
    checkPixels(pixels.width * pixels.height, fail);
    if (pixels.frames > MOST_FRAMES) throw fail(`it has more than ${MOST_FRAMES} frames`);
    return await use(sharp, pixels);
  } catch (error) {
    if (isCwfError(error)) throw error;
    throw fail((error as Error).message.split('\n')[0]!);
  }
}

/** Walks all chunks: their number, their checksums and the end are looked at, and the size before anything else. */
function checkPng(bytes: Buffer, fail: (reason: string) => CwfError): void {
  for (const { type, data } of pngChunks(bytes, fail)) {
    if (type !== 'IHDR') continue;
    if (data.length !== 13) throw fail('its header has a wrong length');
    checkPixels(data.readUInt32BE(0) * data.readUInt32BE(4), fail);
  }
}

function checkPixels(pixels: number, fail: (reason: string) => CwfError): void {
  if (pixels > MOST_PIXELS) throw fail(`it has ${pixels} pixels, more than the ${MOST_PIXELS} allowed`);
}
