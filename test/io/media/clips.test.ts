import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { readEmbedded } from '../../../src/io/media/embedded.ts';
import type { MediaFile } from '../../../src/io/media/file.ts';
import {
  box,
  cluster,
  commentItem,
  EBML,
  element,
  flac,
  frame,
  freeItem,
  itunesMeta,
  keyedMeta,
  le32,
  matroskaTags,
  mp3,
  mp4,
  named,
  oggPacket,
  opus,
  simpleTag,
  u32,
  vorbisComment,
  webm,
} from './clips.ts';

const W = '{"nodes":[],"links":[],"title":"vidéo 漢"}';
const P = '{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615}}}';
const BOTH = { workflow: W, prompt: P };
const COMMENT = JSON.stringify({ workflow: JSON.parse(W), prompt: P, CreationTime: 'now' });

function reason(bytes: Uint8Array): string {
  try {
    readEmbedded(bytes, 'x');
  } catch (error) {
    if (isCwfError(error, 'IMAGE_INVALID')) return error.message;
    throw error;
  }
  return 'read';
}

const read = (bytes: Uint8Array) => readEmbedded(bytes, 'x');

const MADE = fileURLToPath(new URL('made/', import.meta.url));

describe('files that PyAV made', () => {
  const types = { mp4: 'MP4', mov: 'MOV', webm: 'WebM', mkv: 'Matroska', flac: 'FLAC', mp3: 'MP3', opus: 'Ogg' };
  it.each(readdirSync(MADE).filter((name) => !name.endsWith('.md')))('%s', (name) => {
    const { type, workflow, prompt } = read(readFileSync(MADE + name));
    expect(type).toBe(types[name.split('.')[1] as 'mp4']);
    expect(JSON.parse(workflow!).nodes[0].widgets_values).toEqual(['vidéo', 'auto', 'auto']);
    expect(JSON.parse(prompt!)).toEqual({ 1: { class_type: 'SaveVideo', inputs: { filename_prefix: 'vidéo' } } });
  });
});

describe('MP4 and MOV', () => {
  it('reads texts by name from every place where they are written', () => {
    expect(read(mp4(box('udta', keyedMeta(BOTH))))).toEqual({ type: 'MP4', ...BOTH });
    expect(read(mp4(keyedMeta(BOTH, false))).workflow).toBe(W);
    expect(read(mp4(box('udta', itunesMeta(freeItem('workflow', W), freeItem('prompt', P))))).prompt).toBe(P);
    const renamed = { 'com.apple.quicktime.comment': 'x', 'com.apple.quicktime.workflow': W };
    expect(read(mp4(keyedMeta(renamed, false))).workflow).toBe(W);
    expect(read(mp4())).toEqual({ type: 'MP4' });
    expect(read(Buffer.concat([box('wide'), mp4(keyedMeta(BOTH)).subarray(24)])).type).toBe('MOV');
  });

  it('reads a comment that holds both, behind texts of their own name', () => {
    expect(JSON.parse(read(mp4(box('udta', itunesMeta(commentItem(COMMENT))))).workflow!)).toEqual(JSON.parse(W));
    const long = JSON.stringify({ workflow: { nodes: [], links: [], note: 'x'.repeat(70_000) } });
    const length = Buffer.from([(Buffer.byteLength(long) >> 8) & 0xff, Buffer.byteLength(long) & 0xff]);
    const quicktime = box('\xa9cmt', length, Buffer.from([0x55, 0xc4]), long);
    expect(read(mp4(box('udta', quicktime))).workflow).toHaveLength(
      70_000 + '{"links":[],"nodes":[],"note":""}'.length,
    );
    expect(read(mp4(box('udta', itunesMeta(commentItem(COMMENT), freeItem('prompt', '{}')))))).toEqual({
      type: 'MP4',
      prompt: '{}',
      workflow: undefined,
    });
    for (const comment of ['a nice day', '{broken', '[1]', '{"other":1}']) {
      expect(read(mp4(box('udta', itunesMeta(commentItem(comment)))))).toEqual({ type: 'MP4' });
    }
    const seed = JSON.stringify({ prompt: 0 }).replace('0', P);
    expect(read(mp4(box('udta', itunesMeta(commentItem(seed))))).prompt).toContain('18446744073709551615');
  });

  it('[C3-70] holds a comment to the rules of JSON', () => {
    const comment = '{"workflow":{"nodes":[],"__proto__":{}}}';
    expect(() => read(mp4(box('udta', itunesMeta(commentItem(comment)))))).toThrow(/__proto__/);
  });

  it('passes media data over, however long it is', () => {
    const tail = mp4(keyedMeta(BOTH)).subarray(24 + 108);
    const huge = 5 * 2 ** 30;
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(huge));
    const head = Buffer.concat([mp4().subarray(0, 24), u32(1), Buffer.from('mdat'), size]);
    const file = sparse([head, tail], 24 + huge);
    expect(readEmbedded(file, 'x')).toEqual({ type: 'MP4', ...BOTH });
    expect(file.count()).toBeLessThan(10_000);
  });

  it('refuses boxes that do not fit, and pictures in boxes', () => {
    expect(reason(mp4(box('udta', keyedMeta(BOTH))).subarray(0, -1))).toMatch(/cut off in the moov box/);
    expect(reason(Buffer.concat([mp4(), u32(4), Buffer.from('free')]))).toMatch(/no box at byte/);
    expect(reason(Buffer.concat([mp4(), u32(20), Buffer.from('free')]))).toMatch(/cut off in the free box/);
    expect(reason(mp4(box('meta', u32(0), box('keys', u32(0), u32(1), u32(4), 'mdta'))))).toMatch(/list of keys/);
    expect(reason(box('ftyp', 'avif', u32(0)))).toMatch(/none of PNG/);
    const long = 'x'.repeat(8 * 2 ** 20 + 1);
    expect(reason(mp4(keyedMeta({ workflow: long })))).toMatch(/"workflow" is over 8388608 bytes/);
    expect(reason(Buffer.concat([mp4(), ...Array(200_001).fill(box('free'))]))).toMatch(/more than 200000 boxes/);
  });
});

describe('WebM and Matroska', () => {
  const tags = matroskaTags(simpleTag('WORKFLOW', W), simpleTag('prompt', P));

  it('reads tags before and behind the clusters, with and without sizes', () => {
    for (const file of [webm(tags, cluster()), webm(cluster(), cluster(), tags), webm(cluster(0), cluster(0), tags)]) {
      expect(read(file)).toEqual({ type: 'WebM', ...BOTH });
    }
    const live = Buffer.concat([EBML, element(0x18538067, Buffer.concat([cluster(0), tags]), 0)]);
    expect(read(live)).toEqual({ type: 'WebM', ...BOTH });
    expect(read(webm(matroskaTags(simpleTag('COMMENT', COMMENT)))).prompt).toBe(P);
    expect(read(webm(matroskaTags(simpleTag('GROUP', 'x', simpleTag('WORKFLOW', W))))).workflow).toBe(W);
    expect(read(webm(cluster()))).toEqual({ type: 'WebM' });
  });

  it('passes clusters over, however long they are', () => {
    const huge = 3 * 2 ** 30;
    const inner = Buffer.concat([Buffer.from('1f43b67508', 'hex').subarray(0, 4), sizeOf(huge)]);
    const segment = Buffer.concat([Buffer.from('18538067', 'hex'), sizeOf(inner.length + huge + tags.length)]);
    const head = Buffer.concat([EBML, segment, inner]);
    const file = sparse([head, tags], head.length + huge);
    expect(readEmbedded(file, 'x').workflow).toBe(W);
    expect(file.count()).toBeLessThan(10_000);
  });

  it('[C3-67] caps nesting, counts and texts, and refuses what is cut off', () => {
    let deep = simpleTag('A', 'x');
    for (let i = 0; i < 20; i++) deep = simpleTag('A', 'x', deep);
    expect(reason(webm(matroskaTags(deep)))).toMatch(/nest over 16 levels/);
    expect(reason(webm(Buffer.concat(Array(200_001).fill(element(0xec, '', 1)))))).toMatch(/more than 200000 elements/);
    expect(reason(webm(matroskaTags(simpleTag('WORKFLOW', 'x'.repeat(8 * 2 ** 20 + 1)))))).toMatch(
      /over 8388608 bytes/,
    );
    expect(reason(webm(cluster(), tags).subarray(0, -1))).toMatch(/cut off in the element 18538067/);
    expect(reason(EBML)).toMatch(/no segment/);
    expect(reason(Buffer.concat([EBML, element(0x18538067, Buffer.alloc(3))]))).toMatch(/no element/);
    expect(reason(webm(element(0x1254c367, tags, 0)))).toMatch(/has no size/);
    expect(reason(element(0x1a45dfa3, element(0x4282, 'other', 1), 1))).toMatch(/none of PNG/);
  });
});

describe('FLAC and Ogg', () => {
  const comments = [`Workflow=${W}`, `prompt=${P}`, 'encoder=x', 'noequals'];
  const block = vorbisComment(...comments);

  it('reads Vorbis comments of FLAC, also behind an ID3 tag', () => {
    expect(read(flac([1, Buffer.alloc(9)], [4, block]))).toEqual({ type: 'FLAC', ...BOTH });
    expect(read(flac([4, vorbisComment(`comment=${COMMENT}`)])).prompt).toBe(P);
    // As ffmpeg writes it, and beside a comment of its own name; words that people wrote are none.
    expect(read(flac([4, vorbisComment(`DESCRIPTION=${COMMENT}`)])).prompt).toBe(P);
    expect(read(opus('comment=mine', `DESCRIPTION=${COMMENT}`))).toEqual({ type: 'Ogg' });
    expect(read(opus('DESCRIPTION=a song'))).toEqual({ type: 'Ogg' });
    expect(read(flac())).toEqual({ type: 'FLAC' });
    const tagged = Buffer.concat([mp3(4, []).subarray(0, -4), flac([4, block])]);
    expect(read(tagged).workflow).toBe(W);
  });

  it('reads comments of Opus, Vorbis and FLAC in Ogg, over several pages and streams', () => {
    expect(read(opus(...comments))).toEqual({ type: 'Ogg', ...BOTH });
    const long = `{"nodes":[],"links":[],"note":"${'x'.repeat(200_000)}"}`;
    expect(read(opus(`workflow=${long}`)).workflow).toBe(long);
    const second = (start: string, head: string) =>
      Buffer.concat([
        oggPacket(Buffer.from(head, 'latin1'), { first: true }),
        oggPacket(Buffer.from('fishead'), { first: true, serial: 8 }),
        oggPacket(Buffer.from('fisbone'), { serial: 8 }),
        oggPacket(Buffer.concat([Buffer.from(start, 'latin1'), block])),
      ]);
    expect(read(second('\x03vorbis', '\x01vorbis')).workflow).toBe(W);
    expect(read(second('\x04\0\0\0', '\x7fFLAC')).prompt).toBe(P);
  });

  it('[C3-67] caps counts and lengths, and refuses wrong checksums and what is cut off', () => {
    expect(reason(flac([4, block.subarray(0, -1)]))).toMatch(/Vorbis comment is cut off/);
    expect(reason(flac([4, block]).subarray(0, 60))).toMatch(/cut off in the block/);
    expect(reason(flac([4, Buffer.concat([le32(0), le32(10_001)])]))).toMatch(/more than 10000 comments/);
    expect(reason(flac([4, vorbisComment(`workflow=${'x'.repeat(8 * 2 ** 20 + 1)}`)]))).toMatch(/over 8388608 bytes/);
    const file = opus(...comments);
    expect(reason(file.subarray(0, 200))).toMatch(/cut off/);
    const wrong = Buffer.from(file);
    wrong[100]! ^= 1;
    expect(reason(wrong)).toMatch(/checksum of the page at byte \d+ is wrong/);
    const stray = Buffer.concat([file.subarray(0, 47), oggPacket(Buffer.from('x'), { serial: 9 })]);
    expect(reason(stray)).toMatch(/belongs to no stream/);
    const endless = Buffer.concat([
      oggPacket(Buffer.from('OpusHead'), { first: true }),
      oggPacket(Buffer.alloc(17 * 2 ** 20)),
    ]);
    expect(reason(endless)).toMatch(/its comment is over/);
  });
});

describe('MP3', () => {
  const frames = (version: 2 | 3 | 4, encoding: 0 | 1 | 2 | 3) => {
    const id = version === 2 ? 'TXX' : 'TXXX';
    const title = frame(version, version === 2 ? 'TT2' : 'TIT2', Buffer.from('\x03title'));
    const body = (name: string, text: string) => frame(version, id, named(encoding, name, text));
    return [title, body('workflow', encoding === 0 ? '{}' : W), body('PROMPT', P)];
  };

  it('reads named texts of every version and encoding', () => {
    for (const version of [2, 3, 4] as const) {
      for (const encoding of [1, 2, 3] as const) {
        expect(read(mp3(version, frames(version, encoding)))).toEqual({ type: 'MP3', ...BOTH });
      }
      expect(read(mp3(version, frames(version, 0))).workflow).toBe('{}');
    }
    const comment = Buffer.concat([Buffer.from('\x03eng\0'), Buffer.from(COMMENT)]);
    expect(read(mp3(3, [frame(3, 'COMM', comment)])).prompt).toBe(P);
    expect(read(Buffer.from([0xff, 0xfb, 0x90, 0]))).toEqual({ type: 'MP3' });
  });

  it('reads unsynchronised, compressed and grouped frames, and passes encrypted ones over', () => {
    expect(read(mp3(3, frames(3, 1), { flags: 0x80 }))).toEqual({ type: 'MP3', ...BOTH });
    const body = named(3, 'workflow', W);
    const stuffed = Buffer.from([...named(1, 'workflow', W)].flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])));
    expect(read(mp3(4, [frame(4, 'TXXX', stuffed, 2)])).workflow).toBe(W);
    const zipped = Buffer.concat([Buffer.alloc(4), deflateSync(body)]);
    expect(read(mp3(4, [frame(4, 'TXXX', zipped, 9)])).workflow).toBe(W);
    expect(read(mp3(3, [frame(3, 'TXXX', zipped, 0x80)])).workflow).toBe(W);
    expect(read(mp3(4, [frame(4, 'TXXX', Buffer.concat([Buffer.from('g'), body]), 0x40)])).workflow).toBe(W);
    expect(read(mp3(4, [frame(4, 'TXXX', body, 4)]))).toEqual({ type: 'MP3' });
    const extended = Buffer.concat([u32(6), Buffer.alloc(6)]);
    expect(read(mp3(3, frames(3, 3), { flags: 0x40, extended })).workflow).toBe(W);
    const synchsafe = Buffer.from([0, 0, 0, 6, 1, 0]);
    expect(read(mp3(4, frames(4, 3), { flags: 0x40, extended: synchsafe })).workflow).toBe(W);
  });

  it('[C3-67] caps what decompresses, counts and lengths, and refuses what is cut off', () => {
    const bomb = Buffer.concat([Buffer.alloc(4), deflateSync(Buffer.alloc(64 * 2 ** 20))]);
    expect(reason(mp3(4, [frame(4, 'TXXX', bomb, 9)]))).toMatch(/does not decompress/);
    expect(reason(mp3(4, Array(10_001).fill(frame(4, 'TIT2', Buffer.from('x')))))).toMatch(
      /more than 10000 ID3 frames/,
    );
    expect(reason(mp3(3, [frame(3, 'TXXX', Buffer.alloc(17 * 2 ** 20))]))).toMatch(/over 8388608 bytes/);
    expect(reason(mp3(4, frames(4, 3)).subarray(0, 100))).toMatch(/its ID3 tag ends at byte/);
    expect(reason(mp3(4, [frame(4, 'TXXX', named(3, 'workflow', W)).subarray(0, 30)]))).toMatch(
      /in the ID3 frame TXXX/,
    );
    expect(reason(mp3(4, [Buffer.from('!!!!00000000')]))).toMatch(/no ID3 frame/);
    expect(reason(Buffer.from('ID3\x04\0\0\xff\0\0\0', 'latin1'))).toMatch(/a length in its ID3 tag/);
  });
});

describe('any of them', () => {
  const files = [
    mp4(box('udta', keyedMeta(BOTH), itunesMeta(commentItem(COMMENT)))),
    webm(cluster(0), matroskaTags(simpleTag('WORKFLOW', W))),
    flac([4, vorbisComment(`workflow=${W}`)]),
    opus(`workflow=${W}`),
    mp3(3, [frame(3, 'TXXX', named(1, 'workflow', W))], { flags: 0x80 }),
    ...readdirSync(MADE)
      .filter((name) => !name.endsWith('.md'))
      .map((name) => readFileSync(MADE + name)),
  ];

  it('cut off anywhere, it is refused or read, and nothing else', () => {
    for (const file of files) {
      for (let end = 0; end < Math.min(file.length, 2000); end++) {
        expect(typeof reason(file.subarray(0, end))).toBe('string');
      }
    }
  });

  it('never fails in another way, whatever bytes are wrong', () => {
    const damage = fc.record({
      file: fc.constantFrom(...files),
      flips: fc.array(fc.tuple(fc.nat(1500), fc.constantFrom(0, 1, 8, 0x7f, 0x80, 0xff)), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(damage, ({ file, flips }) => {
        const bytes = Buffer.from(file);
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
        try {
          readEmbedded(bytes, 'x');
        } catch (error) {
          // A comment is JSON and may be broken as such.
          if (!isCwfError(error)) throw error;
          expect(error.code).toMatch(/^IMAGE_INVALID$|^JSON_/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

/** A size of eight bytes. */
function sizeOf(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  bytes[0] = 1;
  return bytes;
}

/** A file of two parts with zeros between them, which counts the bytes that are read. */
function sparse([head, tail]: [Buffer, Buffer], tailAt: number): MediaFile & { count(): number } {
  let count = 0;
  const size = tailAt + tail.length;
  return {
    size,
    count: () => count,
    read(at, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
      count += bytes.length;
      for (const [from, part] of [
        [0, head],
        [tailAt, tail],
      ] as const) {
        for (let i = 0; i < bytes.length; i++) {
          const own = at + i - from;
          if (own >= 0 && own < part.length) bytes[i] = part[own]!;
        }
      }
      return bytes;
    },
  };
}
