import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { readEmbedded } from '../../../src/io/media/embedded.ts';
import { chunk, exif, IHDR, jpeg, png, SIGNATURE, text, webp } from './images.ts';

const W = '{"nodes":[],"links":[]}';
const P = '{"3":{"class_type":"KSampler","inputs":{}}}';

function reason(bytes: Uint8Array): string {
  try {
    readEmbedded(bytes, 'x.png');
  } catch (error) {
    if (isCwfError(error, 'IMAGE_INVALID')) return error.message;
    throw error;
  }
  return 'read';
}

describe('readEmbedded', () => {
  it('reads every kind of PNG text ComfyUI and its savers write', () => {
    const itxt = (flag: number, body: Uint8Array) =>
      chunk('iTXt', Buffer.concat([Buffer.from(`workflow\0${String.fromCharCode(flag)}\0en\0key\0`, 'latin1'), body]));
    const zip = deflateSync(W);
    const z = chunk('zTXt', Buffer.concat([Buffer.from('workflow\0\0', 'latin1'), zip]));
    for (const one of [
      text('workflow', W),
      z,
      itxt(0, Buffer.from(W)),
      itxt(1, zip),
      chunk('comf', `workflow\0${W}`),
    ]) {
      expect(readEmbedded(png(text('prompt', P), one), 'x')).toEqual({ type: 'PNG', workflow: W, prompt: P });
    }
    expect(readEmbedded(png(text('parameters', 'steps 20')), 'x')).toEqual({ type: 'PNG' });
    expect(readEmbedded(png(chunk('tEXt', Buffer.from('workflow\0"\xe9"', 'latin1'))), 'x').workflow).toBe('"é"');
    expect(readEmbedded(png(text('workflow', '"漢"')), 'x').workflow).toBe('"漢"');
    // Quoted as the JSON of a text, and once more.
    const quoted = JSON.stringify(JSON.stringify(W));
    expect(readEmbedded(png(text('workflow', JSON.stringify(W)), text('prompt', quoted)), 'x')).toMatchObject({
      workflow: W,
      prompt: W,
    });
  });

  it('reads EXIF of WebP and JPEG by the name in the text, not by the tag', () => {
    const block = exif({ 272: `prompt:${P}`, 271: `workflow:${W}`, 270: 'cwf:{"commit":"x"}' });
    expect(readEmbedded(webp(['VP8X', Buffer.alloc(10)], ['EXIF', block]), 'x')).toEqual({
      type: 'WebP',
      workflow: W,
      prompt: P,
    });
    expect(readEmbedded(jpeg(block), 'x')).toEqual({ type: 'JPEG', workflow: W, prompt: P });
    expect(readEmbedded(webp(['VP8L', Buffer.alloc(3)]), 'x')).toEqual({ type: 'WebP' });
  });

  it('[C3-67] caps a compressed text before it grows', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    const z = chunk('zTXt', Buffer.concat([Buffer.from('workflow\0\0', 'latin1'), bomb]));
    expect(reason(png(z))).toMatch(/"workflow" is over 8388608 bytes/);
    expect(reason(png(chunk('tEXt', `workflow\0${'x'.repeat(8388609)}`)))).toMatch(/over 8388608 bytes/);
    expect(reason(png(chunk('zTXt', 'workflow\0\0garbage')))).toMatch(/does not decompress/);
  });

  it('[C3-67] caps the number of chunks', () => {
    expect(reason(png(...Array.from({ length: 10_001 }, () => text('a', 'b'))))).toMatch(/more than 10000 chunks/);
  });

  it('[C3-67] refuses a wrong checksum, a missing end and a cut file', () => {
    expect(reason(png(chunk('tEXt', `workflow\0${W}`, 1)))).toMatch(/checksum of the tEXt chunk at byte 33 is wrong/);
    expect(reason(Buffer.concat([SIGNATURE, IHDR]))).toMatch(/IEND\) is missing/);
    expect(reason(png(text('workflow', W)).subarray(0, 60))).toMatch(/cut off/);
    expect(reason(webp(['EXIF', exif({ 272: `prompt:${P}` })]).subarray(0, 40))).toMatch(/cut off/);
  });

  it('[C3-69] refuses what is no image, whatever its name says', () => {
    const heif = '\0\0\0\x18ftypheic\0\0\0\0mif1heic';
    for (const bytes of ['', '{"nodes":[]}', '<svg/>', 'GIF89a', 'RIFF....WAVE', 'II*\0\x08\0\0\0', heif])
      expect(reason(Buffer.from(bytes, 'latin1')), bytes).toMatch(/none of PNG, WebP/);
  });

  it('never fails in another way, whatever byte is wrong', () => {
    const block = exif({ 272: `prompt:${P}`, 271: `workflow:${W}` });
    const files = [png(text('workflow', W)), webp(['EXIF', block]), jpeg(block)];
    const damage = fc.record({
      file: fc.constantFrom(...files),
      cut: fc.nat(400),
      flips: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(damage, ({ file, cut, flips }) => {
        const bytes = Buffer.from(file.subarray(0, cut));
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
        expect(typeof reason(bytes)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});
