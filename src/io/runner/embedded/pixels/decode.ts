import { MEDIA_LIMITS } from '../../../media/limits.ts';
import { pngChunks } from '../../../media/png.ts';
import { MOST_ELEMENTS, type Tensor, zeros } from '../values.ts';

/** The pictures of a file: colours, and their alpha where the file has one. */
export interface Decoded {
  readonly image: Tensor;
  readonly alpha: Tensor | undefined;
}

/** Frames of one animation. */
const MOST_FRAMES = 4096;
const f = Math.fround;
const FORMATS = ['png', 'jpeg', 'webp', 'gif'];

/**
 * Decodes a PNG, JPEG, WebP or GIF, all frames of an animation. Only headers are read before its size is checked: a
 * small file can stand for a huge picture. Throws what `fail` makes.
 */
export async function decodeImage(bytes: Buffer, fail: (reason: string) => Error): Promise<Decoded> {
  const format = formatOf(bytes);
  if (format === undefined) throw fail(`it is none of ${FORMATS.join(', ')}`);
  if (bytes.length > MEDIA_LIMITS.fileBytes) throw fail(`it is over ${MEDIA_LIMITS.fileBytes} bytes`);
  const header = format === 'png' ? readPngHeader(bytes, fail) : undefined;
  const { default: sharp } = await import('sharp');
  try {
    const options = { limitInputPixels: MOST_ELEMENTS, failOn: 'error', ignoreIcc: true } as const;
    const { pages = 1, ...found } = await sharp(bytes, options).metadata();
    if (!FORMATS.includes(found.format)) throw fail(`it is none of ${FORMATS.join(', ')}`);
    if (pages > MOST_FRAMES) throw fail(`it has more than ${MOST_FRAMES} frames`);
    checkSize(found.width * found.height * pages, fail);
    const isDeep = found.depth === 'ushort';
    const source = sharp(bytes, { ...options, animated: pages > 1 }).autoOrient();
    const raw = isDeep ? source.toColourspace('rgb16').raw({ depth: 'ushort' }) : source.raw({ depth: 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const height = info.height / pages;
    const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    const shape = [pages, height, info.width, info.channels] as const;
    return separate(
      values,
      scaleOf(isDeep, (found.channels ?? 3) < 3, header),
      shape,
      alwaysHasAlpha(bytes, format, header),
    );
  } catch (error) {
    if ((error as Error).constructor === fail('').constructor) throw error;
    throw fail((error as Error).message.split('\n')[0]!);
  }
}

/**
 * What a value is multiplied by. ComfyUI decodes with FFmpeg: grey of 8 bits becomes the upper byte of 16 bits, so that
 * white is a little less than 1.
 */
function scaleOf(isDeep: boolean, isGrey: boolean, header: PngHeader | undefined): (value: number) => number {
  const step = f(1 / 65535);
  if (isDeep) return (value) => value * step;
  if (isGrey && header?.depth !== 1) return (value) => value * 256 * step;
  return (value) => value / 255;
}

/** Whether FFmpeg decodes a file to pixels with alpha also where all of them are opaque. */
function alwaysHasAlpha(bytes: Buffer, format: string, header: PngHeader | undefined): boolean {
  const isLossless = format === 'webp' && bytes.toString('latin1', 12, 16) === 'VP8L';
  return header?.colourType === 3 || format === 'gif' || isLossless;
}

function formatOf(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n') return 'png';
  if (bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff') return 'jpeg';
  if (/^GIF8[79]a$/.test(bytes.subarray(0, 6).toString('latin1'))) return 'gif';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'webp';
  return undefined;
}

interface PngHeader {
  readonly depth: number;
  readonly colourType: number;
}

/** Reads all chunks, so that a damaged file is told before anything is decoded. */
function readPngHeader(bytes: Buffer, fail: (reason: string) => Error): PngHeader {
  let header: PngHeader = { depth: 8, colourType: 0 };
  for (const { type, data } of pngChunks(bytes, fail)) {
    if (type !== 'IHDR') continue;
    if (data.length !== 13) throw fail('its header has a wrong length');
    checkSize(data.readUInt32BE(0) * data.readUInt32BE(4), fail);
    header = { depth: data[8]!, colourType: data[9]! };
  }
  return header;
}

function checkSize(pixels: number, fail: (reason: string) => Error): void {
  const most = Math.floor(MOST_ELEMENTS / 3);
  if (pixels > most) throw fail(`it has ${pixels} pixels, more than the ${most} allowed`);
}

function separate(
  values: Uint8Array | Uint16Array,
  scaled: (value: number) => number,
  [batch, height, width, channels]: readonly [number, number, number, number],
  alwaysAlpha: boolean,
): Decoded {
  const image = zeros(batch, height, width, 3);
  const hasAlpha = channels === 2 || channels === 4;
  const alpha = hasAlpha || alwaysAlpha ? zeros(batch, height, width) : undefined;
  const isGrey = channels < 3;
  for (let i = 0; i < batch * height * width; i++) {
    for (let c = 0; c < 3; c++) image.data[i * 3 + c] = scaled(values[i * channels + (isGrey ? 0 : c)]!);
    if (alpha) alpha.data[i] = hasAlpha ? scaled(values[i * channels + channels - 1]!) : 1;
  }
  return { image, alpha };
}
