/** One ISO BMFF box. */
export function box(type: string, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...content.map((part) => Buffer.from(part as string))]);
  return Buffer.concat([u32(body.length + 4), body]);
}

/** Four bytes, big endian. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Four bytes, little endian. */
export function le32(value: number): Buffer {
  return u32(value).reverse();
}

const FTYP = box('ftyp', 'isom', u32(512), 'isomiso2');
const data = (text: string) => box('data', u32(1), u32(0), text);

/** `meta` with `keys` and `ilst`, as ffmpeg writes it with `use_metadata_tags`; `version`: whether it is a full box. */
export function keyedMeta(texts: Record<string, string>, version = true): Buffer {
  const keys = Object.keys(texts).map((key) => box('mdta', key));
  const items = Object.values(texts).map((text, at) => box(u32(at + 1).toString('latin1'), data(text)));
  const parts = [
    box('hdlr', u32(0), u32(0), 'mdta', Buffer.alloc(13)),
    box('keys', u32(0), u32(keys.length), ...keys),
    box('ilst', ...items),
  ];
  return box('meta', ...(version ? [u32(0)] : []), ...parts);
}

/** `meta` as iTunes writes it, with the given items. */
export function itunesMeta(...items: Buffer[]): Buffer {
  return box('meta', u32(0), box('hdlr', u32(0), u32(0), 'mdir', Buffer.alloc(13)), box('ilst', ...items));
}

export const commentItem = (text: string): Buffer => box('\xa9cmt', data(text));
export const freeItem = (name: string, text: string): Buffer =>
  box('----', box('mean', u32(0), 'com.apple.iTunes'), box('name', u32(0), name), data(text));

/** An MP4 with the given boxes in `moov`, behind the media data. */
export function mp4(...moov: Buffer[]): Buffer {
  const track = box('trak', Buffer.alloc(40));
  return Buffer.concat([
    FTYP,
    box('mdat', Buffer.alloc(100)),
    box('moov', box('mvhd', Buffer.alloc(100)), track, ...moov),
  ]);
}

/** One EBML element; `size`: how many bytes its size takes, 0 for a size that is not known. */
export function element(id: number, content: Buffer | string, size = 4): Buffer {
  const body = Buffer.from(content as string);
  const head = Buffer.from(id.toString(16), 'hex');
  const length = Buffer.alloc(Math.max(size, 1), size === 0 ? 0xff : 0);
  if (size > 0) {
    for (let at = size - 1, rest = body.length; at >= 0; at--, rest = Math.floor(rest / 256)) length[at] = rest & 0xff;
    length[0]! |= 0x80 >> (size - 1);
  }
  return Buffer.concat([head, length, body]);
}

export const EBML = element(0x1a45dfa3, element(0x4282, 'webm', 1), 1);
export const simpleTag = (name: string, text: string, ...nested: Buffer[]): Buffer =>
  element(0x67c8, Buffer.concat([element(0x45a3, name, 1), element(0x4487, text), ...nested]));
/** `Tags` with one `Tag`. */
export const matroskaTags = (...tags: Buffer[]): Buffer =>
  element(0x1254c367, element(0x7373, Buffer.concat([element(0x63c0, '', 1), ...tags])), 8);
/** A cluster of one block; `size` as for `element`. */
export const cluster = (size = 4): Buffer =>
  element(0x1f43b675, Buffer.concat([element(0xe7, '\0', 1), element(0xa3, Buffer.alloc(50), 2)]), size);
export const webm = (...parts: Buffer[]): Buffer => Buffer.concat([EBML, element(0x18538067, Buffer.concat(parts), 8)]);

/** The content of a Vorbis comment. */
export function vorbisComment(...comments: string[]): Buffer {
  const parts = ['cwf', ...comments].map((text) => Buffer.concat([le32(Buffer.byteLength(text)), Buffer.from(text)]));
  return Buffer.concat([parts[0]!, le32(comments.length), ...parts.slice(1)]);
}

/** A FLAC file of blocks and a frame that no one could play. */
export function flac(...blocks: [type: number, content: Buffer][]): Buffer {
  const all: [number, Buffer][] = [[0, Buffer.alloc(34)], ...blocks];
  const parts = all.map(([type, content], at) => {
    const head = u32(content.length);
    head[0] = type | (at === all.length - 1 ? 0x80 : 0);
    return Buffer.concat([head, content]);
  });
  return Buffer.concat([Buffer.from('fLaC'), ...parts, Buffer.from([0xff, 0xf8, 0, 0])]);
}

/** CRC-32 of RFC 3533, bit by bit. */
function oggCrc(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** The pages of one packet; a page takes up to 255 segments of up to 255 bytes. */
export function oggPacket(packet: Buffer, { serial = 7, first = false, sequence = 0 } = {}): Buffer {
  const sizes: number[] = [];
  for (let left = packet.length; ; left -= 255) {
    sizes.push(Math.min(left, 255));
    if (left < 255) break;
  }
  const pages: Buffer[] = [];
  for (let at = 0, from = 0; at < sizes.length; at += 255) {
    const part = sizes.slice(at, at + 255);
    const length = part.reduce((sum, size) => sum + size, 0);
    const head = Buffer.alloc(27);
    head.write('OggS');
    head[5] = (first ? 2 : 0) | (at > 0 ? 1 : 0);
    head.writeUInt32LE(serial, 14);
    head.writeUInt32LE(sequence + at / 255, 18);
    head[26] = part.length;
    const page = Buffer.concat([head, Buffer.from(part), packet.subarray(from, from + length)]);
    page.writeUInt32LE(oggCrc(page), 22);
    pages.push(page);
    from += length;
  }
  return Buffer.concat(pages);
}

/** An Opus file with the given comments. */
export function opus(...comments: string[]): Buffer {
  const tags = Buffer.concat([Buffer.from('OpusTags'), vorbisComment(...comments)]);
  const head = Buffer.from('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0', 'latin1');
  return Buffer.concat([
    oggPacket(head, { first: true }),
    oggPacket(tags, { sequence: 1 }),
    oggPacket(Buffer.alloc(9)),
  ]);
}

const synchsafe = (value: number): Buffer => Buffer.from([21, 14, 7, 0].map((shift) => (value >> shift) & 0x7f));

/** One ID3 frame. */
export function frame(version: 2 | 3 | 4, id: string, body: Buffer, flags = 0): Buffer {
  if (version === 2) return Buffer.concat([Buffer.from(id), u32(body.length).subarray(1), body]);
  const size = version === 3 ? u32(body.length) : synchsafe(body.length);
  return Buffer.concat([Buffer.from(id), size, Buffer.from([0, flags]), body]);
}

/** The body of a TXXX frame: 0 Latin-1, 1 UTF-16 with a mark, 2 UTF-16 big endian, 3 UTF-8. */
export function named(encoding: 0 | 1 | 2 | 3, name: string, text: string): Buffer {
  const parts = [name, '\0', text].map((part) => {
    if (encoding === 0 || encoding === 3) return Buffer.from(part, encoding === 0 ? 'latin1' : 'utf8');
    const mark = encoding === 1 && part !== '\0' ? '\ufeff' : '';
    const wide = Buffer.from(mark + part, 'utf16le');
    return encoding === 2 ? wide.swap16() : wide;
  });
  return Buffer.concat([Buffer.from([encoding]), ...parts]);
}

/** An MP3 whose tag holds the given frames and some padding. */
export function mp3(version: 2 | 3 | 4, frames: Buffer[], { flags = 0, extended = Buffer.alloc(0) } = {}): Buffer {
  let body = Buffer.concat([extended, ...frames, Buffer.alloc(16)]);
  if (flags & 0x80) {
    // A zero goes behind every 0xff.
    body = Buffer.from([...body].flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])));
  }
  const head = Buffer.from([0x49, 0x44, 0x33, version, 0, flags]);
  return Buffer.concat([head, synchsafe(body.length), body, Buffer.from([0xff, 0xfb, 0x90, 0])]);
}
