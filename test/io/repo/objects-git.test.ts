import { chmodSync, copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitFiles, fsck, refuses, scratch } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('objects');

function looseFile(dir: string, oid: string): string {
  return join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
}

/** Damages a loose object, which git leaves read-only. */
function truncate(path: string, size: number): void {
  chmodSync(path, 0o644);
  truncateSync(path, size);
}

describe('objects', () => {
  it('[RP-3] have the ids git gives, and are read alike loose and packed', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'a.json': '{}\n', 'd/b.json': '[]\n' });
    const bodies = fc.sample(fc.uint8Array({ maxLength: 3000 }), 20).map((bytes) => Buffer.from(bytes));
    const oids = await Promise.all(bodies.map((body) => repo.objects.write('blob', body)));
    const tag = `object ${oids[0]}\ntype blob\ntag t\ntagger A <a@b> 1 +0000\n\nm\n`;
    oids.push(await repo.objects.write('tag', Buffer.from(tag)));
    await repo.objects.sync();
    for (const [n, oid] of oids.entries()) git(dir, 'update-ref', `refs/tags/t${n}`, oid);
    for (const pack of [false, true]) {
      if (pack) git(dir, 'gc', '-q', '--prune=now');
      const fresh = await openRepo(dir);
      for (const [n, body] of bodies.entries()) {
        expect(await fresh.readObject(oids[n]!)).toEqual({ type: 'blob', body });
        expect(git(dir, 'cat-file', '-s', oids[n]!)).toBe(String(body.length));
      }
      expect(await fresh.readObject(oids.at(-1)!)).toEqual({ type: 'tag', body: Buffer.from(tag) });
      expect(fsck(dir)).toBe('');
    }
  });

  it('[C3-46] [hole-2] of no bytes are absent, and writing them again heals them', async () => {
    const { dir, repo } = await make();
    const oid = await repo.objects.write('blob', Buffer.from('kept'));
    await repo.objects.sync();
    truncate(looseFile(dir, oid), 0);
    const { objects } = await openRepo(dir);
    expect(await objects.has(oid)).toBe(false);
    await refuses(objects.read(oid), 'OBJECT_CORRUPT');
    expect(await objects.write('blob', Buffer.from('kept'))).toBe(oid);
    await objects.sync();
    expect(git(dir, 'cat-file', 'blob', oid)).toBe('kept');
  });

  it('[C3-47] that are not what their id says are named, whether torn or swapped, and healed by writing', async () => {
    const { dir, repo } = await make();
    const [a, b] = [Buffer.from('a'.repeat(500)), Buffer.from('b'.repeat(500))];
    const oid = await repo.objects.write('blob', a);
    const other = await repo.objects.write('blob', b);
    await repo.objects.sync();
    const path = looseFile(dir, oid);
    const damages = [() => truncate(path, statSync(path).size - 3), () => copyFileSync(looseFile(dir, other), path)];
    for (const damage of damages) {
      chmodSync(path, 0o644);
      damage();
      const { objects } = await openRepo(dir);
      await expect(objects.read(oid)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT', data: { oid } });
      await objects.write('blob', a);
      await objects.sync();
      expect(git(dir, 'cat-file', 'blob', oid)).toBe('a'.repeat(500));
    }
  });

  it('[RP-3] [hole-1] a write that fails leaves no object and no temporary file', async () => {
    const failAt = (at: string) => (step: string) => {
      if (step === at) throw new Error('disk full');
    };
    for (const step of ['object:write', 'object:rename']) {
      const { dir, repo } = await make({ durability: 'durable', faults: failAt(step) });
      await repo.objects.write('blob', Buffer.from('x'));
      await expect(repo.objects.sync()).rejects.toThrow('disk full');
      const files = readdirSync(join(dir, '.git/objects'), { recursive: true, withFileTypes: true });
      expect(files.filter((entry) => entry.isFile())).toEqual([]);
    }
  });
});
