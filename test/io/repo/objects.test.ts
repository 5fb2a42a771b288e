import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitOn, newRepo, place } from './place.ts';
import { git } from './worker.ts';

const { next } = place('objects');
const text = (n: number): Buffer => Buffer.from(`text ${n}\n`);

function looseFile(dir: string, oid: string): string {
  return join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
}

describe('objects', () => {
  it('[RP-3] that gc pruned are written again, though this process has seen them', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await repo.objects.write('blob', text(1));
    git(dir, 'prune', '--expire=now');
    expect(existsSync(looseFile(dir, oid))).toBe(false);
    expect(await repo.objects.write('blob', text(1))).toBe(oid);
    expect(git(dir, 'cat-file', '-p', oid)).toBe('text 1');
  });

  it('[RP-3] that are old and unreachable become young when they are used again, so that gc keeps them', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await repo.objects.write('blob', text(1));
    utimesSync(looseFile(dir, oid), 1, 1);
    await (await openRepo(dir)).objects.write('blob', text(1));
    expect(Date.now() - statSync(looseFile(dir, oid)).mtimeMs).toBeLessThan(60_000);
    git(dir, 'prune', '--expire=1.hour.ago');
    expect(git(dir, 'cat-file', '-p', oid)).toBe('text 1');
  });

  it('of a repository that is borrowed from are read, loose and packed, and found by short id', async () => {
    const dir = next();
    const tip = await commitOn(await newRepo(dir), 'refs/heads/main');
    for (const isPacked of [false, true]) {
      if (isPacked) git(dir, 'gc', '-q');
      const clone = next();
      git(dir, 'clone', '-q', '--shared', dir, clone);
      const repo = await openRepo(clone);
      expect(await repo.resolve('HEAD')).toBe(tip);
      expect((await repo.readCommit(tip)).message).toBe('to refs/heads/main\n');
      expect(await repo.resolve(tip.slice(0, 6))).toBe(tip);
      const second = await commitOn(repo, 'refs/heads/main');
      expect(git(clone, 'rev-list', 'HEAD').split('\n')).toEqual([second, tip]);
    }
  });

  it('are found while git packs them under a reader', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oids: string[] = [];
    for (let n = 0; n < 5; n++) {
      oids.push(await commitOn(repo, 'refs/heads/main', { text: `${n}\n` }));
      const reader = await openRepo(dir);
      await reader.readCommit(oids[0]!);
      git(dir, 'gc', '-q', '--prune=now');
      for (const oid of oids) expect((await reader.readCommit(oid)).oid).toBe(oid);
      expect(await reader.objects.has(oids[n]!)).toBe(true);
    }
  });
});
