import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportOutput } from '../../../src/io/outputs/export.ts';
import { outputPath } from '../../../src/io/outputs/place.ts';
import { pointerText, readPointer } from '../../../src/io/outputs/pointer.ts';
import {
  findOutput,
  hasOutput,
  listOutputs,
  outputsWithPrefix,
  putOutput,
  readOutput,
} from '../../../src/io/outputs/store.ts';
import { outputType } from '../../../src/io/outputs/type.ts';
import { verifyOutputs } from '../../../src/io/outputs/verify.ts';
import { picture, tempStore } from './samples.ts';

const ROUNDS = { numRuns: 50 };
const bytesOf = (text: string): Buffer[] => [Buffer.from(text)];

/** Names of all files under a folder. */
function filesIn(dir: string): string[] {
  return (readdirSync(dir, { recursive: true, encoding: 'utf8' }) as string[])
    .filter((name) => !lstatSync(join(dir, name)).isDirectory())
    .sort();
}

describe('the store', () => {
  it('[OU-1] gives back what was put, by its hash, however it was cut into parts', async () => {
    const { place, dir } = tempStore();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async (parts) => {
        const all = Buffer.concat(parts);
        const { id, size } = await putOutput(place, parts);
        expect(id).toBe(createHash('sha256').update(all).digest('hex'));
        expect(size).toBe(all.length);
        expect(readOutput(place, id).equals(all)).toBe(true);
        expect(findOutput(place, id)).toMatchObject({ id, size });
        expect(outputPath(place, id)).toBe(join(dir, 'cwf/outputs', id.slice(0, 2), id));
      }),
      ROUNDS,
    );
    expect(readdirSync(join(dir, 'cwf/tmp'))).toEqual([]);
  });

  it('[OU-1] keeps one content once, and lists by name', async () => {
    const { place } = tempStore();
    const ids = await Promise.all(['a', 'b', 'a', 'c', 'a'].map(async (t) => (await putOutput(place, bytesOf(t))).id));
    expect([...listOutputs(place)].map(({ id }) => id)).toEqual([...new Set(ids)].sort());
    expect(outputsWithPrefix(place, ids[1]!.slice(0, 6))).toEqual([ids[1]]);
    expect(outputsWithPrefix(place, '')).toHaveLength(3);
  });

  it('has nothing before the first is put, and knows no name that is no hash', () => {
    const { place, dir } = tempStore();
    expect([...listOutputs(place)]).toEqual([]);
    expect([...verifyOutputs(place)]).toEqual([]);
    expect(existsSync(join(dir, 'cwf'))).toBe(false);
    const none = 'ab'.repeat(32);
    expect(hasOutput(place, none)).toBe(false);
    expect(() => readOutput(place, none)).toThrow(expect.objectContaining({ code: 'OUTPUT_FILE_NOT_FOUND' }));
    for (const bad of ['', '../../config', `${none}/..`, none.toUpperCase(), `${none}.json`])
      expect(() => hasOutput(place, bad)).toThrow(expect.objectContaining({ code: 'OUTPUT_FILE_NOT_FOUND' }));
  });

  it('[OU-2] writers of one content at once leave one whole object', async () => {
    const { place, dir } = tempStore();
    // Parts of several writers interleave: each pauses between its parts.
    const slow = async function* (): AsyncGenerator<Buffer> {
      for (let i = 0; i < 20; i++) {
        yield Buffer.alloc(1000, i);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const done = await Promise.all([1, 2, 3, 4].map(() => putOutput(place, slow())));
    expect(new Set(done.map(({ id }) => id)).size).toBe(1);
    expect(readOutput(place, done[0]!.id)).toHaveLength(20_000);
    expect(filesIn(join(dir, 'cwf'))).toEqual([`outputs/${done[0]!.id.slice(0, 2)}/${done[0]!.id}`]);
  });

  it('[OU-2] a source that fails leaves nothing', async () => {
    const { place, dir } = tempStore();
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('half');
      throw new Error('the line went dead');
    };
    await expect(putOutput(place, broken())).rejects.toThrow('the line went dead');
    expect(filesIn(join(dir, 'cwf'))).toEqual([]);
  });

  it('[OU-3] names a damaged one, never hands it out, and mends it when it is put again', async () => {
    const { place, dir } = tempStore();
    const whole = await putOutput(place, bytesOf('whole'));
    const cut = await putOutput(place, bytesOf('cut off'));
    const other = await putOutput(place, bytesOf('other'));
    chmodSync(outputPath(place, cut.id), 0o644);
    truncateSync(outputPath(place, cut.id), 3);
    chmodSync(outputPath(place, other.id), 0o644);
    writeFileSync(outputPath(place, other.id), 'OTHER');
    const found = [...verifyOutputs(place)];
    expect(found.find(({ id }) => id === whole.id)).toEqual({ id: whole.id });
    expect(found.flatMap(({ damaged }) => damaged ?? []).sort((a, b) => a.size - b.size)).toEqual([
      { id: cut.id, size: 3, reason: 'its 3 bytes have another hash' },
      { id: other.id, size: 5, reason: 'its 5 bytes have another hash' },
    ]);
    expect(() => readOutput(place, cut.id)).toThrow(expect.objectContaining({ code: 'OUTPUT_CORRUPT' }));
    await expect(exportOutput(place, cut.id, join(dir, 'out.bin'))).rejects.toMatchObject({ code: 'OUTPUT_CORRUPT' });
    expect(readdirSync(dir)).toEqual(['cwf']);
    await putOutput(place, bytesOf('cut off'));
    expect(readOutput(place, cut.id).toString()).toBe('cut off');
  });
});

describe('types', () => {
  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('[OU-4] knows a %s by its bytes', async (format) => {
    expect(outputType(await picture(2, 2, format)).type).toBe(`image/${format}`);
  });

  it('[OU-4] knows sounds, videos and models, and takes everything else for bytes', () => {
    const type = (head: string): string => outputType(Buffer.from(head, 'latin1')).type;
    expect(type('fLaC')).toBe('audio/flac');
    expect(type('RIFF\0\0\0\0WAVEfmt ')).toBe('audio/wav');
    expect(type('\0\0\0\x20ftypisom')).toBe('video/mp4');
    expect(type('\0\0\0\x20ftypavif')).toBe('image/avif');
    expect(type('glTF\x02\0\0\0')).toBe('model/gltf-binary');
    for (const text of ['', '<svg xmlns="http://www.w3.org/2000/svg"/>', '<!doctype html><script>', 'MZ', '{"a":1}'])
      expect(type(text)).toBe('application/octet-stream');
  });
});

describe('export', () => {
  it('[OU-6] copies to a new file, or into a folder with an ending by the type', async () => {
    const { place, dir } = tempStore();
    const bytes = await picture(3, 2);
    const { id } = await putOutput(place, [bytes]);
    expect(await exportOutput(place, id, join(dir, 'a'))).toBe(join(dir, 'a'));
    expect(readFileSync(join(dir, 'a')).equals(bytes)).toBe(true);
    expect(statSync(join(dir, 'a')).mode & 0o200).toBe(0o200);
    expect(await exportOutput(place, id, dir)).toBe(join(dir, `${id.slice(0, 16)}.png`));
    expect(readdirSync(dir).sort()).toEqual(['a', 'cwf', `${id.slice(0, 16)}.png`].sort());
    await expect(exportOutput(place, id, join(dir, 'no/where'))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('[OU-6] writes over nothing and through no symbolic link', async () => {
    const { place, dir } = tempStore();
    const { id } = await putOutput(place, bytesOf('x'));
    writeFileSync(join(dir, 'taken'), 'mine');
    symlinkSync('taken', join(dir, 'link'));
    symlinkSync('nowhere', join(dir, 'dangling'));
    for (const name of ['taken', 'link', 'dangling'])
      await expect(exportOutput(place, id, join(dir, name)), name).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(join(dir, 'taken'), 'utf8')).toBe('mine');
    expect(readdirSync(dir).sort()).toEqual(['cwf', 'dangling', 'link', 'taken']);
  });

  it('[OU-2] reads no object that is a link or a pipe', async () => {
    const { place, dir } = tempStore();
    const id = createHash('sha256').update('secret').digest('hex');
    writeFileSync(join(dir, 'secret'), 'secret');
    mkdirSync(join(place.folder, id.slice(0, 2)), { recursive: true });
    symlinkSync(join(dir, 'secret'), outputPath(place, id));
    expect(() => readOutput(place, id)).toThrow(expect.objectContaining({ code: 'OUTPUT_CORRUPT' }));
    expect(hasOutput(place, id)).toBe(false);
    const pipe = 'cd'.repeat(32);
    mkdirSync(join(place.folder, 'cd'), { recursive: true });
    if (spawnSync('mkfifo', [outputPath(place, pipe)]).status === 0)
      expect(() => readOutput(place, pipe)).toThrow(expect.objectContaining({ code: 'OUTPUT_CORRUPT' }));
    await expect(exportOutput(place, id, join(dir, 'out'))).rejects.toMatchObject({ code: 'OUTPUT_FILE_NOT_FOUND' });
  });
});

describe('pointers', () => {
  it('[OU-7] are what git-lfs writes, and are read back', () => {
    const id = createHash('sha256').update('x').digest('hex');
    expect(pointerText({ id, size: 12345 })).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize 12345\n`,
    );
    fc.assert(
      fc.property(fc.string(), fc.maxSafeNat(), (text, size) => {
        const pointer = { id: createHash('sha256').update(text).digest('hex'), size };
        expect(readPointer(pointerText(pointer))).toEqual(pointer);
      }),
      ROUNDS,
    );
    for (const bad of ['', 'version https://git-lfs.github.com/spec/v1\n', pointerText({ id: 'ab', size: 1 })])
      expect(readPointer(bad)).toBeUndefined();
    expect(readPointer(pointerText({ id, size: 1 }).replace('v1', 'v9'))).toBeUndefined();
    expect(readPointer(pointerText({ id, size: 1 }) + 'x'.repeat(1024))).toBeUndefined();
  });

  it('[OU-7] are exported in place of the bytes', async () => {
    const { place, dir } = tempStore();
    const { id } = await putOutput(place, bytesOf('pixels'));
    await exportOutput(place, id, join(dir, 'a.png'), 'pointer');
    expect(readPointer(readFileSync(join(dir, 'a.png'), 'utf8'))).toEqual({ id, size: 6 });
    expect(existsSync(outputPath(place, id, '.pin'))).toBe(true);
  });
});

it('an output that was put again is young', async () => {
  const { place } = tempStore();
  const { id } = await putOutput(place, bytesOf('x'));
  utimesSync(outputPath(place, id), 1000, 1000);
  expect(findOutput(place, id).time).toBe(1_000_000);
  await putOutput(place, bytesOf('x'));
  expect(findOutput(place, id).time).toBeGreaterThan(1_600_000_000_000);
});
