import { deflateSync } from 'node:zlib';
import { crc32 } from '../../base/crc32.ts';
import { CwfError } from '../../base/errors.ts';
import { mediaType } from './embedded.ts';
import { MEDIA_LIMITS } from './limits.ts';
import { graphKeyOf, pngChunks } from './png.ts';

/** The two texts of ComfyUI, each JSON in ASCII. */
export interface GraphTexts {
  readonly prompt: string;
  readonly workflow: string;
}

/** The bytes every PNG starts with. */
export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/**
 * The PNG with these texts in place of those it has, as ComfyUI writes them: `tEXt` chunks before the pixels, `prompt`
 * first. All other bytes stay as they are, in their order. Throws IMAGE_INVALID when the bytes are no whole PNG or the
 * texts are too long to be read again.
 */
export function embedInPng(bytes: Uint8Array, texts: GraphTexts, source: string): Buffer {
  const type = mediaType(bytes);
  const fail = (reason: string) => new CwfError('IMAGE_INVALID', { source, type: 'PNG', reason });
  if (type !== 'PNG') throw fail(type === undefined ? 'it is no image' : `it is a file of type ${type}`);
  if (bytes.length > MEDIA_LIMITS.fileBytes) throw fail(`it is over ${MEDIA_LIMITS.fileBytes} bytes`);
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Buffer[] = [PNG_SIGNATURE];
  let place: number | undefined;
  let end = 0;
  for (const chunk of pngChunks(image, fail)) {
    end = chunk.end;
    const isPlace = chunk.type === 'IDAT' || chunk.type === 'IEND' || graphKeyOf(chunk) !== undefined;
    if (isPlace) place ??= parts.length;
    if (graphKeyOf(chunk) === undefined) parts.push(image.subarray(chunk.start, chunk.end));
  }
  const chunks = (['prompt', 'workflow'] as const).map((key) => {
    const data = Buffer.from(`${key}\0${texts[key]}`, 'latin1');
    if (data.length > MEDIA_LIMITS.textBytes) throw fail(`the ${key} is over ${MEDIA_LIMITS.textBytes} bytes`);
    return pngChunk('tEXt', data);
  });
  parts.splice(place!, 0, ...chunks);
  // What other programs hang behind the image is theirs.
  return Buffer.concat([...parts, image.subarray(end)]);
}

const SIZE = 64;
const GREY = 0x35;

/** A small image of one grey, to carry texts where there is no picture. */
export function plainPng(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE, 0);
  header.writeUInt32BE(SIZE, 4);
  // Eight bits of grey; each row starts with its filter, none.
  header[8] = 8;
  const row = Buffer.alloc(1 + SIZE, GREY);
  row[0] = 0;
  const pixels = deflateSync(Buffer.concat(Array<Buffer>(SIZE).fill(row)));
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One chunk with its length and checksum. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk, 4, data.length + 8), data.length + 8);
  return chunk;
}
