import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { readEmbedded } from '../../../src/io/media/embedded.ts';
import { pngChunks } from '../../../src/io/media/png.ts';
import { embedInPng, plainPng } from '../../../src/io/media/png-write.ts';
import { chunk, exif, jpeg, png, text } from './images.ts';

const TEXTS = { prompt: '{"1": {}}', workflow: '{"nodes": []}' };
const fail = (reason: string) => new Error(reason);

const types = (bytes: Buffer) =>
  [...pngChunks(bytes, fail)].map(({ type, data }) => `${type} ${data.toString('latin1')}`);
const isGraph = (line: string) => /^(tEXt|zTXt|iTXt|comf) (workflow|prompt)\0/.test(line);

const anyChunk = fc.oneof(
  fc
    .tuple(fc.constantFrom('IDAT', 'PLTE', 'gAMA', 'acTL', 'fdAT', 'eXIf', 'ruSt'), fc.uint8Array({ maxLength: 40 }))
    .map(([type, data]) => chunk(type, data)),
  fc
    .tuple(fc.constantFrom('workflow', 'prompt', 'parameters', 'Workflow'), fc.constantFrom('tEXt', 'comf'))
    .map(([key, type]) => chunk(type, `${key}\0{"old":1}`)),
);

describe('embedInPng', () => {
  it('[CV-70] writes tEXt chunks before the pixels, the prompt first', () => {
    const image = png(chunk('gAMA', 'abcd'), chunk('IDAT', 'x'), chunk('IDAT', 'y'));
    expect(types(embedInPng(image, TEXTS, 'x')).slice(1)).toEqual([
      'gAMA abcd',
      'tEXt prompt\0{"1": {}}',
      'tEXt workflow\0{"nodes": []}',
      'IDAT x',
      'IDAT y',
      'IEND ',
    ]);
  });

  it('[CV-71] keeps every other byte, and is read again, whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(anyChunk, { maxLength: 8 }), fc.uint8Array({ maxLength: 20 }), (chunks, tail) => {
        const image = Buffer.concat([png(...chunks), tail]);
        const made = embedInPng(image, TEXTS, 'x');
        expect(readEmbedded(made, 'x')).toEqual({ type: 'PNG', ...TEXTS });
        const [before, after] = [types(image), types(made)];
        expect(after.filter((line) => !isGraph(line))).toEqual(before.filter((line) => !isGraph(line)));
        expect(after.filter(isGraph)).toHaveLength(2);
        expect(made.subarray(made.length - tail.length)).toEqual(Buffer.from(tail));
        // A second time changes nothing.
        expect(embedInPng(made, TEXTS, 'x')).toEqual(made);
      }),
    );
  });

  it('[CV-71] refuses damaged images, other types, and texts that could not be read again', () => {
    const reason = (bytes: Uint8Array, texts = TEXTS): string => {
      try {
        embedInPng(bytes, texts, 'x.png');
      } catch (error) {
        if (isCwfError(error, 'IMAGE_INVALID')) return error.message;
        throw error;
      }
      return 'made';
    };
    expect(reason(Buffer.from('text'))).toMatch(/it is no image/);
    expect(reason(jpeg(exif({ 272: 'x' })))).toMatch(/it is a file of type JPEG/);
    expect(reason(png(text('a', 'b')).subarray(0, -5))).toMatch(/cut off/);
    expect(reason(png(chunk('tEXt', 'a\0b', 1)))).toMatch(/checksum/);
    expect(reason(png(), { ...TEXTS, prompt: 'x'.repeat(8 * 2 ** 20) })).toMatch(/the prompt is over 8388608 bytes/);
  });

  it('[CV-71] makes a grey image of 64 by 64', () => {
    const [header, pixels] = [...pngChunks(plainPng(), fail)];
    expect([header!.data.readUInt32BE(0), header!.data.readUInt32BE(4)]).toEqual([64, 64]);
    const rows = inflateSync(pixels!.data);
    expect(rows.length).toBe(64 * 65);
    expect(new Set(rows)).toEqual(new Set([0, 0x35]));
  });
});
