import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { thumbnailOf } from '../../../src/io/outputs/describe.ts';
import { exportOutput } from '../../../src/io/outputs/export.ts';
import { outputPlace } from '../../../src/io/outputs/place.ts';
import { listOutputs, putOutput, readOutput } from '../../../src/io/outputs/store.ts';
import { verifyOutputs } from '../../../src/io/outputs/verify.ts';
import { picture, tempStore } from './samples.ts';

/** The n-th call of node:fs that changes the disk fails with this code; 0 is none. */
interface Disk {
  at: number;
  count: number;
  code: string;
}

const disk = vi.hoisted((): Disk => ({ at: 0, count: 0, code: 'ENOSPC' }));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const names = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'mkdirSync', 'linkSync'] as const;
  const written = new Set<unknown>();
  const wrapped = names.map((name) => {
    const call = real[name] as (...args: unknown[]) => unknown;
    const own = (...args: unknown[]): unknown => {
      const isReading = (name === 'openSync' && args[1] !== 'wx') || (name === 'closeSync' && !written.delete(args[0]));
      if (isReading) return call(...args);
      if (disk.at === 0 || ++disk.count !== disk.at) {
        const result = call(...args);
        if (name === 'openSync') written.add(result);
        return result;
      }
      // Half of it reaches the disk; a file is closed whatever is said.
      if (name === 'writeSync') call(args[0], (args[1] as Uint8Array).subarray(0, 3));
      if (name === 'closeSync') call(...args);
      throw Object.assign(new Error(`${disk.code}: injected`), { code: disk.code, syscall: name });
    };
    return [name, own];
  });
  const mocked = { ...real, ...Object.fromEntries(wrapped) };
  return { ...mocked, default: mocked };
});

describe('a disk that fails at any one call', () => {
  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EIO', 'EIO'],
  ])('[OU-2] with %s: the error is typed and no torn file is left', async (code, reason) => {
    const { dir } = tempStore();
    let failed = 0;
    for (let at = 1; ; at++) {
      const place = outputPlace(join(dir, `${code}-${at}`), true);
      Object.assign(disk, { at, count: 0, code });
      const result = await putOutput(place, [Buffer.from('the first half '), Buffer.from('the second')]).catch(
        (error: unknown) => error,
      );
      const isOver = disk.count < at;
      disk.at = 0;
      const found = [...verifyOutputs(place)];
      expect(found.flatMap(({ damaged }) => damaged ?? [])).toEqual([]);
      if (result instanceof Error) {
        expect(result, String(at)).toMatchObject({ code: 'STORAGE_FAILED', data: { reason } });
        failed++;
      } else if (isOver) break;
      const tmp = join(dir, `${code}-${at}`, 'tmp');
      if ([...listOutputs(place)].length > 0 || failed > 1) expect(readdirSync(tmp)).toEqual([]);
      const { id } = await putOutput(place, [Buffer.from('the first half the second')]);
      expect(readOutput(place, id).toString()).toBe('the first half the second');
    }
    expect(failed).toBeGreaterThan(5);
  });

  it('[OU-6] an export that fails leaves no file', async () => {
    const { dir, place } = tempStore();
    const { id } = await putOutput(place, [Buffer.alloc(3 << 20, 1)]);
    for (let at = 1; ; at++) {
      Object.assign(disk, { at, count: 0, code: 'ENOSPC' });
      const result = await exportOutput(place, id, join(dir, 'out')).catch((error: unknown) => error);
      const isOver = disk.count < at;
      disk.at = 0;
      if (isOver) break;
      expect(result).toMatchObject({ code: 'STORAGE_FAILED' });
      expect(readdirSync(dir)).toEqual(['cwf']);
    }
    expect(readdirSync(dir).sort()).toEqual(['cwf', 'out']);
  });

  it('[OU-5] a thumbnail that cannot be kept is given all the same, and none is left torn', async () => {
    const { place } = tempStore();
    const { id } = await putOutput(place, [await picture(300, 300)]);
    const folder = join(place.folder, id.slice(0, 2));
    for (let at = 1; ; at++) {
      Object.assign(disk, { at, count: 0, code: 'ENOSPC' });
      const made = await thumbnailOf(place, id);
      const isOver = disk.count < at;
      disk.at = 0;
      expect(made.toString('latin1', 8, 12)).toBe('WEBP');
      if (isOver) break;
      expect(readdirSync(folder)).toEqual([id]);
    }
    expect(readdirSync(folder)).toEqual([id, `${id}.webp`]);
    expect(readdirSync(place.tmp)).toEqual([]);
  });
});
