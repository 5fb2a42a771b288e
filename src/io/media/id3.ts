import { inflateSync } from 'node:zlib';
import { type MediaFile, readExactly } from './file.ts';
import { type Fail, MEDIA_LIMITS } from './limits.ts';
import { checkLength, Tags } from './tags.ts';

const UNSYNCHRONISED = 0x80;
const EXTENDED = 0x40;
/** Frames with a text under a name, and comments, by version 2 and by 3 and 4. */
const NAMED = new Set(['TXX', 'TXXX']);
const COMMENTS = new Set(['COM', 'COMM']);

/** What a tag says of itself: where it ends is the sum of its header and its length. */
export interface Id3 {
  readonly texts: Map<string, string>;
  readonly end: number;
}

/**
 * Reads the texts of the ID3 tag at the start of a file (ID3v2.2, 2.3 and 2.4): `TXXX` frames, as ffmpeg writes what
 * ComfyUI gives it, and comments. Sound is not read. Throws what `fail` makes.
 */
export function readId3(file: MediaFile, fail: Fail): Id3 {
  const head = readExactly(file, 0, 10, fail);
  const version = head[3]!;
  const flags = head[5]!;
  const length = synchsafe(head, 6, fail);
  const end = 10 + length;
  if (end > file.size) throw fail(`it is cut off: its ID3 tag ends at byte ${end} of ${file.size}`);
  const tags = new Tags();
  if (version < 2 || version > 4) return { texts: tags.texts(), end };
  // Up to 2.3 the whole tag is unsynchronised; otherwise only the frames of interest are read.
  const isWhole = version < 4 && (flags & UNSYNCHRONISED) !== 0;
  if (isWhole) checkLength('ID3 tag', length / 2, fail);
  const part: MediaFile = isWhole ? resynchronised(file, length, fail) : window(file, 10, length);
  const from = version > 2 && flags & EXTENDED ? extendedLength(part, version, fail) : 0;
  new FrameReader(part, version, tags, fail).readAll(from);
  return { texts: tags.texts(), end };
}

class FrameReader {
  private readonly file: MediaFile;
  private readonly version: number;
  private readonly tags: Tags;
  private readonly fail: Fail;

  constructor(file: MediaFile, version: number, tags: Tags, fail: Fail) {
    this.file = file;
    this.version = version;
    this.tags = tags;
    this.fail = fail;
  }

  readAll(from: number): void {
    const { file, version, fail } = this;
    const [idLength, headLength] = version === 2 ? [3, 6] : [4, 10];
    let at = from;
    for (let count = 0; at + headLength <= file.size; count++) {
      if (count >= MEDIA_LIMITS.chunks) throw fail(`it has more than ${MEDIA_LIMITS.chunks} ID3 frames`);
      const head = readExactly(file, at, headLength, fail);
      // What follows the last frame is padding.
      if (head[0] === 0) return;
      const id = head.toString('latin1', 0, idLength);
      if (!/^[A-Z0-9]+$/.test(id)) throw fail(`no ID3 frame at byte ${at + 10}`);
      const length =
        version === 2 ? head.readUIntBE(3, 3) : version === 3 ? head.readUInt32BE(4) : synchsafe(head, 4, fail);
      const start = at + headLength;
      if (start + length > file.size) throw fail(`it is cut off in the ID3 frame ${id}`);
      if (NAMED.has(id) || COMMENTS.has(id)) {
        checkLength(id, length / 2, fail);
        const body = this.body(readExactly(file, start, length, fail), version === 2 ? 0 : head[9]!, id);
        if (body) this.readText(id, body);
      }
      at = start + length;
    }
  }

  /** The content of a frame as its flags have packed it; undefined where it is encrypted. */
  private body(bytes: Buffer, flags: number, id: string): Buffer | undefined {
    const is = this.version === 4 ? { zip: 8, secret: 4, group: 0x40, length: 1, sync: 2 } : { zip: 0x80, secret: 0x40, group: 0x20, length: 0x80, sync: 0 }; // biome-ignore format: two tables of bits
    if (flags & is.secret) return undefined;
    let body = bytes;
    // In 2.3 the length comes before the group, in 2.4 behind it; both are only passed over.
    body = body.subarray((flags & is.group ? 1 : 0) + (flags & is.length ? 4 : 0));
    if (flags & is.sync) body = withoutStuffing(body);
    if (!(flags & is.zip)) return body;
    try {
      return inflateSync(body, { maxOutputLength: MEDIA_LIMITS.textBytes * 2 });
    } catch {
      throw this.fail(`the ID3 frame ${id} does not decompress to at most ${MEDIA_LIMITS.textBytes * 2} bytes`);
    }
  }

  /** Encoding, in comments a language, a name that a zero ends, the text. */
  private readText(id: string, body: Buffer): void {
    const encoding = body[0];
    const isComment = COMMENTS.has(id);
    const content = body.subarray(isComment ? 4 : 1);
    const isWide = encoding === 1 || encoding === 2;
    const end = isWide ? wideZero(content) : content.indexOf(0);
    if (end < 0) return;
    const name = decode(content.subarray(0, end), encoding);
    const text = decode(content.subarray(end + (isWide ? 2 : 1)), encoding).replace(/\0+$/, '');
    checkLength(name, Buffer.byteLength(text), this.fail);
    this.tags.add(isComment && name === '' ? 'comment' : name, text);
  }
}

/** Four bytes of seven bits each. */
function synchsafe(bytes: Buffer, at: number, fail: Fail): number {
  const parts = bytes.subarray(at, at + 4);
  if (parts.some((part) => part > 0x7f)) throw fail('a length in its ID3 tag is damaged');
  return parts.reduce((sum, part) => sum * 128 + part, 0);
}

/** Version 3 does not count the four bytes of the length itself. */
function extendedLength(file: MediaFile, version: number, fail: Fail): number {
  const head = readExactly(file, 0, 4, fail);
  return version === 4 ? synchsafe(head, 0, fail) : 4 + head.readUInt32BE(0);
}

function resynchronised(file: MediaFile, length: number, fail: Fail): MediaFile {
  const bytes = withoutStuffing(readExactly(file, 10, length, fail));
  return { size: bytes.length, read: (at, count) => bytes.subarray(at, at + count) };
}

function window(file: MediaFile, from: number, size: number): MediaFile {
  return { size, read: (at, length) => file.read(from + at, Math.max(0, Math.min(length, size - at))) };
}

/** A zero behind 0xff is one that was put there. */
function withoutStuffing(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, at) => byte !== 0 || at === 0 || bytes[at - 1] !== 0xff));
}

function wideZero(bytes: Buffer): number {
  for (let at = 0; at + 2 <= bytes.length; at += 2) if (bytes[at] === 0 && bytes[at + 1] === 0) return at;
  return -1;
}

/** 0: Latin-1, 1: UTF-16 with a mark, 2: UTF-16 big endian, 3: UTF-8. */
function decode(bytes: Buffer, encoding: number | undefined): string {
  if (encoding === 0) return bytes.toString('latin1');
  if (encoding === 3) return bytes.toString('utf8');
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  const isBig = encoding === 2 || mark === 0xfeff;
  const body = bytes.subarray(mark === 0xfeff || mark === 0xfffe ? 2 : 0);
  const even = Buffer.from(body.subarray(0, body.length & ~1));
  return (isBig ? even.swap16() : even).toString('utf16le');
}
