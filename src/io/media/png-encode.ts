import { deflateSync } from 'node:zlib';
import { PNG_SIGNATURE, pngChunk } from './png-write.ts';

/** Pixels row by row, `channels` bytes each: 1 grey, 3 colours, 4 colours and alpha. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bytes: Uint8Array;
}

const COLOUR_TYPES: Readonly<Record<number, number>> = { 1: 0, 3: 2, 4: 6 };

/**
 * A PNG of 8 bits a channel (ISO/IEC 15948) with these texts in front of its pixels, each as a `tEXt` chunk in ASCII.
 * `level` is zlib's, 0 to 9.
 */
export function encodePng(pixels: Pixels, texts: readonly (readonly [string, string])[], level: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels.width, 0);
  header.writeUInt32BE(pixels.height, 4);
  header[8] = 8;
  header[9] = COLOUR_TYPES[pixels.channels]!;
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    ...texts.map(([key, text]) => pngChunk('tEXt', Buffer.from(`${key}\0${text}`, 'latin1'))),
    pngChunk('IDAT', deflateSync(filtered(pixels), { level })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Every row less the one above it, which is what photographs and flat areas both compress with. */
function filtered({ width, height, channels, bytes }: Pixels): Buffer {
  const row = width * channels;
  const out = Buffer.alloc(height * (row + 1));
  for (let y = 0; y < height; y++) {
    const to = y * (row + 1);
    out[to] = y === 0 ? 0 : 2;
    for (let x = 0; x < row; x++) {
      const above = y === 0 ? 0 : bytes[(y - 1) * row + x]!;
      out[to + 1 + x] = bytes[y * row + x]! - above;
    }
  }
  return out;
}
