import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { CwfError } from '../../../src/base/errors.ts';
import { decode } from '../../../src/io/metrics/decode.ts';
import { findMetric } from '../../../src/io/metrics/index.ts';
import { METRIC_LIMITS } from '../../../src/io/metrics/limits.ts';
import type { Parts } from '../../../src/io/metrics/metric.ts';
import type { Picture } from '../../../src/io/metrics/picture.ts';
import { chunk, IEND, manyFrames, SIGNATURE } from '../media/images.ts';
import { animated, encoded, paint, scene } from './images.ts';

const dir = mkdtempSync(join(tmpdir(), 'cwf-metrics-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function frames(bytes: Uint8Array): Promise<readonly Picture[]> {
  const decoded = await decode({ bytes, name: 'x.png' });
  if (decoded.kind !== 'decoded') throw new Error(decoded.reason);
  return decoded.frames;
}

/** Code and message of what decoding throws. */
async function refused(bytes: Uint8Array): Promise<string> {
  try {
    await decode({ bytes, name: 'x.png' });
  } catch (error) {
    if (error instanceof CwfError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'read';
}

function header(width: number, height: number, depth = 8, color = 2): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, color], 8);
  return chunk('IHDR', data);
}

const same = (a: Picture, b: Picture) => Buffer.compare(a.rgb, b.rgb) === 0 && a.width === b.width;

describe('pixels as they are stored [MT-4]', () => {
  const image = scene(1, 40, 30);

  it.each(['png', 'webp'] as const)('%s without loss gives the same bytes', async (format) => {
    const [decoded] = await frames(await encoded(image, format));
    expect(same(decoded!, image)).toBe(true);
  });

  it('JPEG and GIF give something near', async () => {
    for (const format of ['jpeg', 'gif'] as const) {
      const [decoded] = await frames(await encoded(image, format));
      const error = decoded!.rgb.reduce((sum, value, i) => sum + Math.abs(value - image.rgb[i]!), 0) / image.rgb.length;
      expect(error).toBeLessThan(10);
    }
  });

  it('grey becomes three channels, 16 bits become 8, alpha is dropped and not blended', async () => {
    const levels = Buffer.from(Array.from({ length: 64 }, (_, i) => i * 4));
    const grey = await sharp(levels, { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const [one] = await frames(grey);
    expect([...one!.rgb.subarray(0, 9)]).toEqual([0, 0, 0, 4, 4, 4, 8, 8, 8]);
    const rgba = Buffer.from(Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? 0 : 10 * i)));
    const clear = await sharp(rgba, { raw: { width: 2, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    const [dropped] = await frames(clear);
    expect([...dropped!.rgb]).toEqual([0, 10, 20, 40, 50, 60, 80, 90, 100, 120, 130, 140]);
    const deep = Buffer.alloc(1 + 3 * 2);
    for (const [i, value] of [0x1234, 0x80ff, 0xffff].entries()) deep.writeUInt16BE(value, 1 + 2 * i);
    const wide = Buffer.concat([SIGNATURE, header(1, 1, 16, 2), chunk('IDAT', deflateSync(deep)), IEND]);
    expect([...(await frames(wide))[0]!.rgb]).toEqual([0x12, 0x80, 0xff]);
  });

  it('a colour profile and a direction in EXIF change nothing', async () => {
    const { width, height, rgb } = image;
    const raw = { raw: { width, height, channels: 3 as const } };
    const turned = await sharp(rgb, raw).withMetadata({ orientation: 6 }).withIccProfile('p3').png().toBuffer();
    const plain = await sharp(rgb, raw).withMetadata({ orientation: 6 }).png().toBuffer();
    expect(same((await frames(plain))[0]!, image)).toBe(true);
    // sharp itself converts into the profile when it writes; what it wrote is read back as it stands.
    const stored = await sharp(turned, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
    expect(Buffer.compare((await frames(turned))[0]!.rgb, stored)).toBe(0);
  });

  it('an animated GIF gives whole frames, though it stores what changed', async () => {
    const frame = (i: number) => paint(16, 8, (x) => (x === i ? [250, 0, 0] : [0, 0, 250]));
    const raw = Buffer.concat([0, 1, 2, 3].map((i) => frame(i).rgb));
    const options = { raw: { width: 16, height: 32, channels: 3 as const, pageHeight: 8 } };
    const got = await frames(await sharp(raw, options).gif({ dither: 0 }).toBuffer());
    expect(got.map(({ width, height }) => [width, height])).toEqual(new Array(4).fill([16, 8]));
    expect(got.map(({ rgb }) => [0, 1, 2, 3].filter((x) => rgb[x * 3]! > 128))).toEqual([[0], [1], [2], [3]]);
  });

  it('a frame that the encoder stored once and shows longer counts as often as it is shown [MT-11]', async () => {
    const [a, b] = [scene(1, 20, 10), scene(2, 20, 10)];
    const got = await frames(await animated([a, a, a, b, a]));
    expect(got.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(5);
    expect(findMetric('frozen-ratio').measure({ frames: got } as Partial<Parts> as Parts)).toBe(0.5);
    expect(findMetric('frozen-ratio').measure({ frames: [a, a, a, b, a] } as Partial<Parts> as Parts)).toBe(0.5);
  });

  it('an animation gives its frames', async () => {
    const wanted = [scene(1, 20, 10), scene(2, 20, 10), scene(3, 20, 10)];
    const got = await frames(await animated(wanted));
    expect(got.map((frame, i) => same(frame, wanted[i]!))).toEqual([true, true, true]);
  });
});

describe('files that are refused [MT-5]', () => {
  it('[C3-69] by what they are, whatever their names say', async () => {
    const cases = [
      ['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'SVG'],
      ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG'],
      ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'HEIF'],
      ['\0\0\0\x18ftypavif\0\0\0\0mif1avif', 'AVIF'],
      ['II*\0\x08\0\0\0', 'TIFF'],
      ['%PDF-1.7', 'PDF'],
      ['BM\x3a\0\0\0', 'BMP'],
      ['<!DOCTYPE html><html>', 'HTML page'],
      ['hello', 'no image'],
      ['', 'no image'],
    ];
    for (const [text, type] of cases) {
      const message = await refused(Buffer.from(text!, 'latin1'));
      expect(message, type).toContain('IMAGE_INVALID');
      expect(message, type).toContain(type);
    }
  });

  it('[C3-66] by their size before a pixel is decoded', async () => {
    const line = Buffer.alloc(1 + Math.ceil(16_000 / 8));
    const rows = deflateSync(Buffer.concat(Array.from({ length: 16_000 }, () => line)), { level: 9 });
    const bomb = Buffer.concat([SIGNATURE, header(16_000, 16_000, 1, 0), chunk('IDAT', rows), IEND]);
    expect(bomb.length).toBeLessThan(64_000);
    const before = process.memoryUsage().rss;
    expect(await refused(bomb)).toMatch(/^IMAGE_TOO_LARGE: x\.png: 16000x16000 pixels/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    const wide = Buffer.concat([SIGNATURE, header(0x7fffffff, 1, 1, 0), chunk('IDAT', deflateSync(line)), IEND]);
    expect(await refused(wide)).toMatch(/^IMAGE_/);
    const gif = await encoded(
      paint(4, 4, () => [1, 2, 3]),
      'gif',
    );
    // The canvas and the frame on it.
    const frame = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 4, 0, 4, 0]));
    for (const at of [6, 8, frame + 5, frame + 7]) gif.writeUInt16LE(60_000, at);
    expect(await refused(gif)).toMatch(/^IMAGE_TOO_LARGE/);
  });

  it('[C3-68] by the number of their frames', async () => {
    const many = await animated(
      Array.from({ length: METRIC_LIMITS.frames + 1 }, (_, i) => paint(1, 2, () => [i & 255, i >> 8, 7])),
    );
    expect(await refused(many)).toMatch(/^IMAGE_TOO_LARGE: x\.png: 601 frames/);
    const two = await animated([paint(1, 1, () => [1, 2, 3]), paint(1, 1, () => [9, 8, 7])]);
    expect(await refused(manyFrames(two, 5_000))).toMatch(/^IMAGE_TOO_LARGE: x\.png: \d+ frames/);
  });

  it('[C3-67] PNG that is damaged, and bombs that are no pixels never reach the decoder', async () => {
    const good = await encoded(scene(1, 40, 30));
    expect(await refused(good.subarray(0, good.length - 20))).toMatch(/IMAGE_INVALID.*(cut off|missing)/);
    expect(await refused(good.subarray(0, good.length - 12))).toMatch(/IEND/);
    const flipped = Buffer.from(good);
    flipped[good.length - 30]! ^= 1;
    expect(await refused(flipped)).toMatch(/checksum/);
    const head = good.subarray(0, 33);
    const rest = good.subarray(33);
    const text = chunk('zTXt', Buffer.concat([Buffer.from('workflow\0\0'), deflateSync(Buffer.alloc(50 << 20))]));
    const bomb = Buffer.concat([head, text, chunk('iCCP', 'x'), chunk('eXIf', 'II*'), rest]);
    expect(same((await frames(bomb))[0]!, scene(1, 40, 30))).toBe(true);
    const chunks = Buffer.concat([head, ...Array.from({ length: 10_001 }, () => chunk('tEXt', 'a\0b')), rest]);
    expect(await refused(chunks)).toMatch(/10000 chunks/);
    const noPixels = Buffer.concat([SIGNATURE, header(4, 4), IEND]);
    expect(await refused(noPixels)).toMatch(/IMAGE_INVALID/);
    const short = Buffer.concat([SIGNATURE, header(4, 4), chunk('IDAT', deflateSync(Buffer.alloc(7))), IEND]);
    expect(await refused(short)).toMatch(/IMAGE_INVALID/);
  });

  it('any cut and any flipped byte is read or refused with a typed error', async () => {
    const files = await Promise.all((['png', 'jpeg', 'webp', 'gif'] as const).map((f) => encoded(scene(3, 24, 16), f)));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (f, at, byte, cut) => {
          const file = Buffer.from(files[f]!);
          if (cut) return /^(IMAGE_|read)/.test(await refused(file.subarray(0, at % file.length)));
          file[at % file.length] = byte;
          return /^(IMAGE_|read)/.test(await refused(file));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('files that are not there, folders and pipes', async () => {
    await expect(decode({ path: join(dir, 'none.png') })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(decode({ path: dir })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    const pipe = join(dir, 'pipe.png');
    if (spawnSync('mkfifo', [pipe]).status !== 0) return;
    await expect(decode({ path: pipe })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe('videos [MT-6]', () => {
  const video = join(dir, 'clip.mp4');
  writeFileSync(video, Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1'));

  /** A program in place of ffmpeg; it notes its arguments beside it. */
  function fake(name: string, body: string): string {
    const path = join(dir, name);
    const note = `require('fs').writeFileSync(__filename + '.args', JSON.stringify(process.argv.slice(2)));`;
    writeFileSync(path, `#!${process.execPath}\n${note}\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }
  const ppm = (width: number, height: number, level: number) =>
    `Buffer.concat([Buffer.from('P6\\n${width} ${height}\\n255\\n'), Buffer.alloc(${width * height * 3}, ${level})])`;

  it('are unavailable without an ffmpeg, with one that is not there, and in memory', async () => {
    const hint = expect.stringContaining('ffmpeg');
    expect(await decode({ path: video })).toMatchObject({
      kind: 'unavailable',
      reason: /no ffmpeg is set/ as never,
      hint,
    });
    expect(await decode({ path: video }, join(dir, 'none'))).toMatchObject({ kind: 'unavailable', hint });
    const bytes = Buffer.from('\x1aE\xdf\xa3', 'latin1');
    expect(await decode({ bytes, name: 'a.webm' }, 'ffmpeg')).toMatchObject({ kind: 'unavailable' });
  });

  it('are read through ffmpeg with an argument array and one file', async () => {
    const program = fake('ffmpeg', `process.stdout.write(Buffer.concat([${ppm(3, 2, 10)}, ${ppm(3, 2, 20)}]));`);
    const strange = join(dir, '-i; rm -rf $HOME.mp4');
    writeFileSync(strange, Buffer.from('\0\0\0\x18ftypisom', 'latin1'));
    const decoded = await decode({ path: strange }, program);
    if (decoded.kind !== 'decoded') throw new Error(decoded.reason);
    expect(decoded).toMatchObject({ type: 'MP4' });
    expect(decoded.frames.map(({ rgb }) => rgb[0])).toEqual([10, 20]);
    const { readFileSync } = await import('node:fs');
    const args: string[] = JSON.parse(readFileSync(`${program}.args`, 'utf8'));
    expect(args).toContain(`file:${strange}`);
    expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('file,pipe');
  });

  it('fail with what ffmpeg says, and when it writes nonsense', async () => {
    const failing = fake('failing', `process.stderr.write('moov atom not found\\nmore'); process.exit(1);`);
    await expect(decode({ path: video }, failing)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: /moov atom not found$/ as never,
    });
    for (const body of [`process.stdout.write('hello')`, '', `process.stdout.write(${ppm(3, 2, 1)}.subarray(0, 20))`]) {
      await expect(decode({ path: video }, fake('odd', body))).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    }
    const mixed = fake('mixed', `process.stdout.write(Buffer.concat([${ppm(3, 2, 1)}, ${ppm(2, 2, 1)}]))`);
    await expect(decode({ path: video }, mixed)).rejects.toMatchObject({ message: /differ in size/ as never });
  });
});
