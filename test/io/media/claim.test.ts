import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readEmbedded } from '../../../src/io/media/embedded.ts';
import { chunk, exif, jpeg, png, text, webp } from './images.ts';

const CLAIM = '{"commit":"c","file":"wf.json"}';

describe('what cwf says in a file', () => {
  test('is read beside the graph, in PNG, WebP and JPEG', () => {
    expect(readEmbedded(png(text('prompt', '{}'), text('cwf', CLAIM)), 'a')).toMatchObject({
      prompt: '{}',
      cwf: CLAIM,
    });
    const block = exif({ 272: 'prompt:{}', 271: `cwf:${CLAIM}` });
    expect(readEmbedded(webp(['EXIF', block]), 'a')).toMatchObject({ prompt: '{}', cwf: CLAIM });
    expect(readEmbedded(jpeg(block), 'a')).toMatchObject({ prompt: '{}', cwf: CLAIM });
    expect(readEmbedded(png(text('prompt', '{}')), 'a')).not.toHaveProperty('cwf');
  });

  test('a PNG is as good without one that is too long or damaged', () => {
    const zip = (body: Buffer) => chunk('zTXt', Buffer.concat([Buffer.from('cwf\0\0', 'latin1'), body]));
    for (const bad of [
      text('cwf', 'x'.repeat(9_000_000)),
      zip(Buffer.from('no')),
      zip(deflateSync(Buffer.alloc(9_000_000))),
    ]) {
      const read = readEmbedded(png(text('prompt', '{}'), bad), 'a');
      expect([read.prompt, read.cwf]).toEqual(['{}', undefined]);
    }
    expect(readEmbedded(png(zip(deflateSync(Buffer.from(CLAIM)))), 'a').cwf).toBe(CLAIM);
  });
});
