import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { allPackedOids, forgetPacks, hasPacked, packedOidsWithPrefix, readPacked } from '../../../src/io/repo/packs.ts';

const roots: string[] = [];
let dir = '';
let gitDir = '';

const ENV = {
  ...process.env,
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@b',
};
const run = (...args: string[]): string =>
  execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', env: ENV, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const raw = (type: string, oid: string): Buffer => execFileSync('git', ['-C', dir, 'cat-file', type, oid]);

function commits(from: number, to: number): void {
  for (let i = from; i < to; i++) {
    writeFileSync(join(dir, 'a.json'), `${JSON.stringify({ i, text: 'x'.repeat(500) }, null, 1)}\n`);
    run('add', 'a.json');
    run('commit', '-q', '-m', `commit ${i}`);
  }
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'cwf-packs-'));
  roots.push(dir);
  gitDir = join(dir, '.git');
  run('init', '-q', '-b', 'main', '.');
  commits(0, 30);
  run('tag', '-a', 'v1', '-m', 'tag');
});
afterAll(() => {
  forgetPacks(gitDir);
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const everyObject = (): [string, string][] =>
  run('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)')
    .split('\n')
    .map((line) => line.split(' ') as [string, string]);

describe('packed objects', () => {
  it('are not there before git packs, and are seen at once when it did', async () => {
    const head = run('rev-parse', 'HEAD');
    expect(hasPacked(gitDir, head)).toBe(false);
    expect(await readPacked(gitDir, head)).toBeUndefined();
    run('gc', '-q');
    expect(hasPacked(gitDir, head)).toBe(true);
    expect((await readPacked(gitDir, head))?.body.equals(raw('commit', head))).toBe(true);
  });

  it('are what git cat-file says, every one', async () => {
    for (const [oid, type] of everyObject()) {
      const found = await readPacked(gitDir, oid);
      expect(found?.type, oid).toBe(type);
      expect(found?.body.equals(raw(type, oid)), oid).toBe(true);
    }
    expect([...allPackedOids(gitDir)].sort()).toEqual(
      everyObject()
        .map(([oid]) => oid)
        .sort(),
    );
  });

  it('are found by prefix as git finds them', () => {
    const oids = everyObject().map(([oid]) => oid);
    for (const prefix of new Set(oids.flatMap((oid) => [oid.slice(0, 2), oid.slice(0, 5), oid]))) {
      expect(packedOidsWithPrefix(gitDir, prefix)).toEqual(oids.filter((oid) => oid.startsWith(prefix)).sort());
    }
    expect(packedOidsWithPrefix(gitDir, 'ffffffffff')).toEqual([]);
    expect(hasPacked(gitDir, '0'.repeat(40))).toBe(false);
    expect(hasPacked(gitDir, 'f'.repeat(40))).toBe(false);
  });

  it('stay readable across repacks by git between two calls', async () => {
    const first = run('rev-parse', 'HEAD');
    for (let round = 0; round < 3; round++) {
      commits(30 + round * 3, 33 + round * 3);
      run('repack', '-q', '-a', '-d', ...(round === 1 ? ['-f'] : []));
      const head = run('rev-parse', 'HEAD');
      for (const oid of [head, first])
        expect((await readPacked(gitDir, oid))?.body.equals(raw('commit', oid))).toBe(true);
    }
    expect(await readPacked(gitDir, 'f'.repeat(40))).toBeUndefined();
  });

  it('are read through alternates', async () => {
    const clone = mkdtempSync(join(tmpdir(), 'cwf-packs-'));
    roots.push(clone);
    run('clone', '-q', '--shared', dir, join(clone, 'c'));
    const head = run('rev-parse', 'HEAD');
    expect((await readPacked(join(clone, 'c/.git'), head))?.body.equals(raw('commit', head))).toBe(true);
  });

  it('[C3-47] with a flipped byte anywhere give the right bytes or OBJECT_CORRUPT, never wrong ones', async () => {
    const objects = everyObject().map(([oid, type]) => [oid, raw(type, oid)] as const);
    const pack = readdirSync(join(gitDir, 'objects/pack')).find((name) => name.endsWith('.pack')) as string;
    const path = join(gitDir, 'objects/pack', pack);
    const sound = readFileSync(path);
    chmodSync(path, 0o644);
    let refused = 0;
    for (let at = 12; at < sound.length - 20; at += 97) {
      const bytes = Buffer.from(sound);
      bytes[at]! ^= 0x55;
      writeFileSync(path, bytes);
      forgetPacks(gitDir);
      for (const [oid, body] of objects) {
        const found = await readPacked(gitDir, oid).catch((error: unknown) => error);
        if (isCwfError(found, 'OBJECT_CORRUPT')) refused++;
        else expect((found as { body: Buffer }).body.equals(body), `byte ${at}, ${oid}`).toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(0);
    writeFileSync(path, sound.subarray(0, sound.length >> 1));
    forgetPacks(gitDir);
    const cut = await Promise.all(objects.map(([oid]) => readPacked(gitDir, oid).catch((error: unknown) => error)));
    expect(cut.some((error) => isCwfError(error, 'OBJECT_CORRUPT'))).toBe(true);
    writeFileSync(path, sound);
    forgetPacks(gitDir);
  });

  it('with deltas that name their base by oid are read', async () => {
    const oids = run('rev-list', '--objects', '--all')
      .split('\n')
      .map((line) => line.slice(0, 40));
    const pack = execFileSync('git', ['-C', dir, 'pack-objects', '--stdout', '--no-reuse-delta', '-q'], {
      input: `${oids.join('\n')}\n`,
      maxBuffer: 1 << 28,
    });
    const other = mkdtempSync(join(tmpdir(), 'cwf-packs-'));
    roots.push(other);
    execFileSync('git', ['init', '-q', other]);
    execFileSync('git', ['-C', other, 'index-pack', '--stdin'], { input: pack, stdio: ['pipe', 'ignore', 'ignore'] });
    for (const oid of oids) {
      const type = run('cat-file', '-t', oid);
      expect((await readPacked(join(other, '.git'), oid))?.body.equals(raw(type, oid)), oid).toBe(true);
    }
  });
});
