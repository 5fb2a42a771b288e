import { crc32 } from 'node:zlib';

/** One PNG chunk; `crc` overrides the checksum. */
export function chunk(type: string, data: Uint8Array | string, crc?: number): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data as string)]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length - 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc ?? crc32(body));
  return Buffer.concat([head, body, tail]);
}

export const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
export const IHDR = chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
export const IEND = chunk('IEND', '');

/** A PNG with the given chunks between header and end. */
export const png = (...chunks: Buffer[]): Buffer => Buffer.concat([SIGNATURE, IHDR, ...chunks, IEND]);

/** A tEXt chunk. */
export const text = (key: string, value: string): Buffer => chunk('tEXt', `${key}\0${value}`);

/** An EXIF block (little endian) whose first directory holds the given texts by tag. */
export function exif(texts: Record<number, string>): Buffer {
  const entries = Object.entries(texts);
  const dir = Buffer.alloc(2 + entries.length * 12 + 4);
  dir.writeUInt16LE(entries.length);
  const bodies: Buffer[] = [];
  let at = 8 + dir.length;
  entries.forEach(([tag, value], i) => {
    const body = Buffer.from(`${value}\0`);
    const e = 2 + i * 12;
    dir.writeUInt16LE(Number(tag), e);
    dir.writeUInt16LE(2, e + 2);
    dir.writeUInt32LE(body.length, e + 4);
    dir.writeUInt32LE(at, e + 8);
    bodies.push(body);
    at += body.length;
  });
  return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), dir, ...bodies]);
}

/** A WebP container around the given chunks (no pixels that anyone could decode). */
export function webp(...chunks: [type: string, data: Buffer][]): Buffer {
  const parts = chunks.map(([type, data]) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length & 1)]);
  });
  const body = Buffer.concat([Buffer.from('WEBP'), ...parts]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** A JPEG with one APP1 segment. */
export function jpeg(block: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), block]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 4);
  return Buffer.concat([head, body, Buffer.from([0xff, 0xda, 0, 2, 0xff, 0xd9])]);
}

/** The same animation with its frames (`ANMF`) so many times over: thousands in a few kilobytes. */
export function manyFrames(animation: Buffer, times: number): Buffer {
  const parts: [type: string, data: Buffer][] = [];
  for (let at = 12; at < animation.length; ) {
    const [type, length] = [animation.toString('latin1', at, at + 4), animation.readUInt32LE(at + 4)];
    parts.push([type, animation.subarray(at + 8, at + 8 + length)]);
    at += 8 + length + (length & 1);
  }
  return webp(...parts.flatMap((part) => Array<typeof part>(part[0] === 'ANMF' ? times : 1).fill(part)));
}
