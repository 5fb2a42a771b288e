import { type MediaFile, readExactly } from './file.ts';
import { type Fail, MEDIA_LIMITS } from './limits.ts';
import { Tags } from './tags.ts';
import { readVorbisComment } from './vorbis.ts';

const CONTINUED = 1;
const FIRST = 2;
/** How a packet begins whose rest is a Vorbis comment: of Opus, Vorbis, Theora; in FLAC a length follows the type. */
const COMMENTS: readonly (readonly [start: string, length: number])[] = [
  ['OpusTags', 8],
  ['\x03vorbis', 7],
  ['\x81theora', 7],
  ['\x04', 4],
];

/** One logical stream of the file: the packets before its comment have been read. */
interface Stream {
  packets: number;
  parts: Buffer[];
  length: number;
  isDone: boolean;
}

/**
 * Reads the Vorbis comments of an Ogg file (RFC 3533): Opus (RFC 7845), Vorbis, Theora and FLAC. The comment is the second packet of
 * each stream, so that pages are read only until every stream has given its own. Throws what `fail` makes.
 */
export function readOggTexts(file: MediaFile, fail: Fail): Map<string, string> {
  const tags = new Tags();
  const streams = new Map<number, Stream>();
  let at = 0;
  for (let count = 0; ; count++) {
    if (count >= MEDIA_LIMITS.chunks) throw fail(`its comments do not end within ${MEDIA_LIMITS.chunks} pages`);
    const page = readPage(file, at, fail);
    at += page.length;
    const isFirst = (page.readUInt8(5) & FIRST) !== 0;
    // The first pages of all streams stand before any other.
    if (!isFirst && [...streams.values()].every(({ isDone }) => isDone)) return tags.texts();
    const serial = page.readUInt32LE(14);
    const known = streams.get(serial);
    if (isFirst && !known) streams.set(serial, { packets: 0, parts: [], length: 0, isDone: false });
    const stream = streams.get(serial);
    if (!stream) throw fail(`the page at byte ${at - page.length} belongs to no stream`);
    if (!stream.isDone) readPackets(page, stream, tags, fail);
    if (at >= file.size) {
      if ([...streams.values()].every(({ isDone }) => isDone)) return tags.texts();
      throw fail(`it is cut off at byte ${at}`);
    }
  }
}

function readPage(file: MediaFile, at: number, fail: Fail): Buffer {
  const head = readExactly(file, at, 27, fail);
  if (head.toString('latin1', 0, 4) !== 'OggS') throw fail(`no page at byte ${at}`);
  const segments = readExactly(file, at + 27, head[26]!, fail);
  const length = segments.reduce((sum, size) => sum + size, 0);
  const page = Buffer.from(readExactly(file, at, 27 + segments.length + length, fail));
  const checksum = page.readUInt32LE(22);
  page.writeUInt32LE(0, 22);
  if (oggCrc(page) !== checksum) throw fail(`the checksum of the page at byte ${at} is wrong`);
  return page;
}

/** A packet ends at a segment of less than 255 bytes. */
function readPackets(page: Buffer, stream: Stream, tags: Tags, fail: Fail): void {
  const segments = page.subarray(27, 27 + page[26]!);
  if (!(page[5]! & CONTINUED) && stream.length > 0) throw fail('a packet of it does not go on');
  let at = 27 + segments.length;
  for (const size of segments) {
    stream.parts.push(page.subarray(at, at + size));
    stream.length += size;
    at += size;
    if (stream.length > MEDIA_LIMITS.textBytes * 2)
      throw fail(`its comment is over ${MEDIA_LIMITS.textBytes * 2} bytes`);
    if (size === 255) continue;
    readPacket(Buffer.concat(stream.parts), stream, tags, fail);
    stream.parts = [];
    stream.length = 0;
    if (stream.isDone) return;
  }
}

function readPacket(packet: Buffer, stream: Stream, tags: Tags, fail: Fail): void {
  if (stream.packets++ === 0) return;
  stream.isDone = true;
  const start = packet.toString('latin1', 0, 8);
  const found = COMMENTS.find(([comment]) => start.startsWith(comment));
  if (found) readVorbisComment(packet.subarray(found[1]), tags, fail);
}

let table: Uint32Array | undefined;

/** CRC-32 of RFC 3533: polynomial 0x04c11db7, from the highest bit, starting at 0. */
function oggCrc(bytes: Uint8Array): number {
  if (table === undefined) {
    table = new Uint32Array(256);
    for (let n = 0; n < 256; n++) {
      let c = n << 24;
      for (let k = 0; k < 8; k++) c = c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1;
      table[n] = c;
    }
  }
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ table[((crc >>> 24) ^ byte) & 0xff]!;
  return crc >>> 0;
}
