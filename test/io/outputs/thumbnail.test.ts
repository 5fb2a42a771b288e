import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { describeOutput, thumbnailOf } from '../../../src/io/outputs/describe.ts';
import { makeThumbnail } from '../../../src/io/outputs/picture.ts';
import { outputPath } from '../../../src/io/outputs/place.ts';
import { putOutput } from '../../../src/io/outputs/store.ts';
import { chunk, IEND, manyFrames, png, SIGNATURE } from '../media/images.ts';
import { animated, paint } from '../metrics/images.ts';
import { picture, tempStore } from './samples.ts';

/** A PNG of one colour whose pixels are never held in memory: 16000 by 16000 in about 31 KB at one bit each. */
function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 9 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', rows), IEND]);
}

describe('metadata', () => {
  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('[OU-4] tells type, size and pixels of a %s', async (format) => {
    const { place } = tempStore();
    const bytes = await picture(30, 20, format);
    const { id } = await putOutput(place, [bytes]);
    const want = { id, size: bytes.length, type: `image/${format}`, width: 30, height: 20, frames: 1 };
    expect(await describeOutput(place, id)).toMatchObject(want);
    expect(existsSync(outputPath(place, id, '.json'))).toBe(true);
    expect(await describeOutput(place, id)).toMatchObject(want);
    // A torn or foreign copy is made again.
    for (const text of [
      '',
      '{"size":',
      `{"size":${bytes.length}}`,
      '{"frames":1,"height":1,"size":1,"width":1}',
      '[]',
    ]) {
      writeFileSync(outputPath(place, id, '.json'), text);
      expect(await describeOutput(place, id)).toMatchObject(want);
    }
  });

  it('[OU-4] of a damaged picture and of other files tells no pixels', async () => {
    const { place } = tempStore();
    for (const bytes of [png(), (await picture(9, 9)).subarray(0, 60), Buffer.from('<svg/>'), Buffer.alloc(0)]) {
      const { id } = await putOutput(place, [bytes]);
      expect(await describeOutput(place, id)).toMatchObject({ size: bytes.length });
    }
    const { id } = await putOutput(place, [Buffer.from('text')]);
    expect(await describeOutput(place, id)).not.toHaveProperty('width');
  });
});

describe('thumbnails', () => {
  it('[OU-5] are WebP of at most 256 by 256, made once', async () => {
    const { place } = tempStore();
    for (const [width, height, small] of [
      [1024, 512, [256, 128]],
      [300, 900, [85, 256]],
      [20, 10, [20, 10]],
    ] as const) {
      const { id } = await putOutput(place, [await picture(width, height)]);
      expect(existsSync(outputPath(place, id, '.webp'))).toBe(false);
      const made = await thumbnailOf(place, id);
      const found = await sharp(made).metadata();
      expect([found.format, found.width, found.height]).toEqual(['webp', ...small]);
      expect(readFileSync(outputPath(place, id, '.webp')).equals(made)).toBe(true);
      writeFileSync(outputPath(place, id, '.webp'), made.subarray(0, 20));
      expect((await thumbnailOf(place, id)).equals(made)).toBe(true);
    }
  });

  it('[OU-5] of an animation show the first frame', async () => {
    const frames = await sharp({ create: { width: 8, height: 32, channels: 3, background: 'red' } })
      .raw()
      .toBuffer();
    const gif = await sharp(frames, { raw: { width: 8, height: 32, channels: 3, pageHeight: 8 } })
      .gif({ delay: [1, 2, 3, 4].map(() => 100), loop: 0 })
      .toBuffer();
    const found = await sharp(await makeThumbnail(gif, 'a')).metadata();
    expect([found.width, found.height, found.pages ?? 1]).toEqual([8, 8, 1]);
  });

  it('[C3-66] [C3-68] [OU-5] refuse what is too large before anything is decoded', async () => {
    const huge = hugePng(16_000, 16_000);
    expect(huge.length).toBeLessThan(64_000);
    await expect(makeThumbnail(huge, 'huge.png')).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('256000000 pixels'),
    });
    const frame = Buffer.from('\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
    const head = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
    const many = Buffer.concat([head, ...Array.from({ length: 10_000 }, () => frame), Buffer.from(';')]);
    await expect(makeThumbnail(many, 'many.gif')).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    const two = await animated([paint(1, 1, () => [1, 2, 3]), paint(1, 1, () => [9, 8, 7])]);
    await expect(makeThumbnail(manyFrames(two, 5_000), 'many.webp')).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('frames'),
    });
  });

  it('[C3-67] [OU-5] refuse damage and endless chunks with the reason', async () => {
    const whole = await picture(9, 9);
    const end = whole.subarray(0, whole.length - 12);
    const cases: [Buffer, string][] = [
      [end, 'IEND'],
      [Buffer.concat([end, chunk('tEXt', 'a\0b', 7), IEND]), 'checksum'],
      [Buffer.concat([end, ...Array.from({ length: 10_001 }, () => chunk('tEXt', 'a\0b')), IEND]), 'chunks'],
      [(await picture(64, 64, 'jpeg')).subarray(0, 250), ''],
      [(await picture(64, 64, 'webp')).subarray(0, 40), ''],
    ];
    for (const [bytes, reason] of cases)
      await expect(makeThumbnail(bytes, 'x')).rejects.toMatchObject({
        code: 'IMAGE_INVALID',
        message: expect.stringContaining(reason),
      });
  });

  it('[C3-67] [OU-5] of an embedded bomb of text cost nothing', async () => {
    const whole = await picture(9, 9);
    const bomb = chunk('zTXt', Buffer.concat([Buffer.from('workflow\0\0'), deflateSync(Buffer.alloc(50 << 20))]));
    const bytes = Buffer.concat([whole.subarray(0, whole.length - 12), bomb, IEND]);
    expect((await sharp(await makeThumbnail(bytes, 'x')).metadata()).width).toBe(9);
  });

  it('[C3-69] [OU-5] decode PNG, JPEG, WebP and GIF only, whatever a name says', async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    );
    for (const bytes of [svg, await picture(9, 9, 'tiff'), Buffer.from('P6 1 1 255\nabc'), Buffer.alloc(0)])
      await expect(makeThumbnail(bytes, 'x.png')).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  });
});
