import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockState, takeLock } from '../../../src/io/repo/locks.ts';
import { fsck, refuses, scratch } from './scratch.ts';

const make = scratch('locks');
const NO_PID = 2 ** 22 + 1;

async function place() {
  const { dir, repo } = await make();
  return { dir, cwfDir: repo.cwfDir, lock: join(dir, '.git/refs/heads/main.lock') };
}

function owner(facts: object): string {
  return JSON.stringify({ cwf: 1, pid: process.pid, host: hostname(), start: '', ...facts });
}

describe('lock files', () => {
  it('[RP-6] say whose they are from the first moment, and git takes none of them for a ref', async () => {
    const { dir, cwfDir, lock } = await place();
    const held = await takeLock(cwfDir, lock, 'main');
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    expect(await lockState(lock)).toBe('alive');
    held.release();
    expect(existsSync(lock)).toBe(false);
    held.release();
    expect(fsck(dir)).toBe('');
  });

  it.each([
    ['an empty file (git)', '', 'foreign'],
    ['text', 'x', 'foreign'],
    ['JSON of another program', '{"pid":1}', 'foreign'],
    ['null', 'null', 'foreign'],
    ['a pid that is gone', owner({ pid: NO_PID, start: '1' }), 'dead'],
    ['a pid used again', owner({ start: '1' }), 'dead'],
    ['another host', owner({ pid: NO_PID, host: 'elsewhere' }), 'alive'],
  ])('[C3-49] [RP-6] %s', async (_, text, state) => {
    const { lock } = await place();
    writeFileSync(lock, text);
    expect(await lockState(lock)).toBe(state);
  });

  it('[C3-49] [RP-6] of the dead are broken once: twenty waiters hold it one after the other', async () => {
    const { cwfDir, lock } = await place();
    writeFileSync(lock, owner({ pid: NO_PID, start: '1' }));
    let inside = 0;
    const once = async (): Promise<void> => {
      const held = await takeLock(cwfDir, lock, 'main');
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
      held.release();
    };
    await Promise.all(Array.from({ length: 20 }, once));
  });

  it('[C3-49] [hole-6] of other programs are waited for, then named with their age, and stay', async () => {
    const { cwfDir, lock } = await place();
    writeFileSync(lock, '');
    await refuses(takeLock(cwfDir, lock, 'refs/heads/main', 50), 'REF_LOCKED');
    const error = await takeLock(cwfDir, lock, 'refs/heads/main', 50).catch((caught) => caught);
    expect(error.data).toMatchObject({ ref: 'refs/heads/main', lock, age: expect.any(Number) });
    expect(existsSync(lock)).toBe(true);
  });

  it('[hole-8] of one name in two repositories have nothing to do with each other', async () => {
    const [a, b] = [await place(), await place()];
    const held = [await takeLock(a.cwfDir, a.lock, 'main'), await takeLock(b.cwfDir, b.lock, 'main')];
    for (const { release } of held) release();
  });
});
