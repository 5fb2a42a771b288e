import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodePng } from '../../../../src/io/media/png-encode.ts';
import { PNG_SIGNATURE, pngChunk } from '../../../../src/io/media/png-write.ts';
import { manyFrames } from '../../media/images.ts';
import { animated, paint } from '../../metrics/images.ts';
import { withEngine } from './harness.ts';

const SMALL = encodePng({ width: 2, height: 2, channels: 3, bytes: new Uint8Array(12) }, [], 1);

/** What the engine says of a file that is loaded: the exception and the reason in its trace. */
async function loaded(bytes: Uint8Array, name = 'x.png'): Promise<string> {
  return withEngine(async (bench) => {
    writeFileSync(join(bench.folders.input, name), bytes);
    return told(await bench.run(loading(name)));
  });
}

const loading = (image: string) => ({
  '1': { class_type: 'LoadImage', inputs: { image } },
  '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
});

function told(ran: { messages: readonly (readonly [string, object])[] }): string {
  const error = ran.messages.find(([type]) => type === 'execution_error')?.[1] as
    | { exception_type: string; exception_message: string; traceback: string[] }
    | undefined;
  if (!error) return 'loaded';
  return `${error.exception_type} ${error.exception_message.trim()} ${error.traceback.at(-1)!.trim()}`;
}

function header(width: number, height: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, 0], 8);
  return pngChunk('IHDR', data);
}

/** An animation of one black pixel. */
function gif(frames: number): Buffer {
  const screen = Buffer.from([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([Buffer.from('GIF89a'), screen, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
}

describe('pictures that are traps', () => {
  test('[C3-66] a PNG of 16000 x 16000 in a few kilobytes is refused by its header', async () => {
    const idat = pngChunk('IDAT', deflateSync(Buffer.alloc(16_001 * 100)));
    const bytes = Buffer.concat([PNG_SIGNATURE, header(16_000, 16_000), idat, pngChunk('IEND', Buffer.alloc(0))]);
    expect(await loaded(bytes)).toMatch(/UnidentifiedImageError .* it has 256000000 pixels, more than/);
  });

  test.each([
    ['a checksum that is wrong', Buffer.from(SMALL).fill(0xff, 29, 33), /checksum of the IHDR chunk/],
    ['no end', SMALL.subarray(0, SMALL.length - 12), /IEND\) is missing/],
    ['cut off', SMALL.subarray(0, SMALL.length - 20), /cut off/],
    ['nothing at all', Buffer.alloc(0), /none of png, jpeg, webp, gif/],
    ['a text', Buffer.from('no picture'), /none of png, jpeg, webp, gif/],
  ])('[C3-67] a PNG with %s', async (_, bytes, expected) => {
    expect(await loaded(bytes)).toMatch(expected);
  });

  test('[C3-67] a million chunks are not read', async () => {
    const chunk = pngChunk('tEXt', Buffer.from('a\0b'));
    const bytes = Buffer.concat([SMALL.subarray(0, 33), ...Array<Buffer>(1_000_000).fill(chunk), SMALL.subarray(33)]);
    expect(await loaded(bytes)).toMatch(/more than 10000 chunks/);
  });

  test('[C3-67] a text that unpacks to 64 MB costs nothing', async () => {
    const bomb = Buffer.concat([Buffer.from('prompt\0\0'), deflateSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 })]);
    const bytes = Buffer.concat([SMALL.subarray(0, 33), pngChunk('zTXt', bomb), SMALL.subarray(33)]);
    expect(await loaded(bytes)).toBe('loaded');
  });

  test('[C3-68] an animation of too many frames', async () => {
    expect(await loaded(gif(5_000), 'x.gif')).toMatch(/more than 4096 frames/);
    expect(await loaded(gif(3), 'x.gif')).toBe('loaded');
    const two = await animated([paint(1, 1, () => [1, 2, 3]), paint(1, 1, () => [9, 8, 7])]);
    expect(await loaded(manyFrames(two, 5_000), 'x.webp')).toMatch(/more than 4096 frames/);
    expect(await loaded(manyFrames(two, 2), 'x.webp')).toBe('loaded');
  });

  test.each([
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['TIFF', Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1')],
    ['HEIF', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['HTML', Buffer.from('<html><script>1</script></html>')],
  ])('[C3-69] a %s under the name of a PNG', async (_, bytes) => {
    expect(await loaded(bytes)).toMatch(/none of png, jpeg, webp, gif/);
  });
});

describe('places outside', () => {
  test.each(['../secret.png', '/etc/passwd', 'sub/../../secret.png', '../x.png [output]'])(
    '%s is not read',
    async (name) => {
      await withEngine(async (bench) => {
        expect(told(await bench.run(loading(name)))).toMatch(/ValueError .*is not inside the folder/);
      });
    },
  );

  test('a link that leads out is not followed', async () => {
    await withEngine(async (bench) => {
      symlinkSync('/etc', join(bench.folders.input, 'etc'));
      expect(told(await bench.run(loading('etc/passwd')))).toMatch(/is not inside the folder/);
    });
  });

  test.each(['../x', '/tmp/x', 'a/../../x'])('nothing is saved as %s', async (prefix) => {
    await withEngine(async (bench) => {
      const prompt = {
        '1': { class_type: 'EmptyImage', inputs: { width: 2, height: 2, batch_size: 1, color: 0 } },
        '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
      };
      expect(told(await bench.run(prompt))).toMatch(/Saving image outside the output folder is not allowed/);
    });
  });
});

describe('sizes', () => {
  test.each([
    ['EmptyImage', { width: 16_384, height: 16_384, batch_size: 4_096, color: 0 }],
    ['EmptyImage', { width: 16_384, height: 16_384, batch_size: 1, color: 0 }],
  ])('%s beyond the bound fails before it takes memory', async (class_type, inputs) => {
    await withEngine(async (bench) => {
      const prompt = {
        '1': { class_type, inputs },
        '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
      };
      expect(told(await bench.run(prompt))).toMatch(/MemoryError .*more than the 134217728 elements/);
    });
  });

  test('a batch that grows beyond it', async () => {
    await withEngine(async (bench) => {
      const prompt = {
        '1': { class_type: 'EmptyImage', inputs: { width: 512, height: 512, batch_size: 1, color: 0 } },
        '2': { class_type: 'RepeatImageBatch', inputs: { image: ['1', 0], amount: 4096 } },
        '3': { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
      };
      expect(told(await bench.run(prompt))).toMatch(/MemoryError/);
    });
  });
});
