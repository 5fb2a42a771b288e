import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { Notes } from '../../../src/io/repo/notes.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { bundleWriter, git, textOf } from './worker.ts';

const KILLS = 50;
let root = '';
let writer = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cwf-soak-'));
  writer = await bundleWriter(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Starts a writer and kills it after so many milliseconds of committing; returns what it had acknowledged. */
async function writeAndKill(dir: string, name: string, ms: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, dir, name, '1000000'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = textOf(child.stdout);
  const errors = textOf(child.stderr);
  const exit = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exit]);
  expect(errors()).toBe('');
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill('SIGKILL');
  await exit;
  // The last line may be cut: it counts only with its end.
  return out().split('\n').slice(0, -1);
}

describe('kill -9', () => {
  it(`${KILLS} times at any point of committing: no acknowledged commit or note is lost, git finds no fault`, async () => {
    const dir = join(root, 'kill');
    mkdirSync(dir);
    await initRepo(dir);
    const branch = (await (await openRepo(dir)).head()).branch!;
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      acknowledged.push(...(await writeAndKill(dir, `w${kill}`, Math.random() * 250)));
      const repo = await openRepo(dir);
      const tip = await repo.readRef(branch);
      expect(tip, `kill ${kill}`).toMatch(/^[0-9a-f]{40}$/);
      expect(await repo.isAncestor(acknowledged.at(-1)!, tip!), `kill ${kill}`).toBe(true);
      if (kill % 5 === 4) {
        const fsck = spawnSync('git', ['-C', dir, 'fsck', '--strict'], { encoding: 'utf8' });
        expect([fsck.status, fsck.stderr.replace(/^notice:.*\n/gm, '')], `kill ${kill}`).toEqual([0, '']);
      }
    }
    const reachable = new Set(git(dir, 'rev-list', branch).split('\n'));
    expect(acknowledged.filter((oid) => !reachable.has(oid))).toEqual([]);
    const notes = new Notes(await openRepo(dir), 'metrics');
    const noted = new Set<string>();
    for await (const { oid } of notes.list()) noted.add(oid);
    expect(acknowledged.filter((oid) => !noted.has(oid))).toEqual([]);
    // One commit of each killed writer may be there without having been acknowledged, with its note or not at all.
    expect(reachable.size - acknowledged.length).toBeLessThanOrEqual(KILLS);
    expect([...reachable].filter((oid) => !noted.has(oid))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
  }, 180_000);
});

describe('a full disk', () => {
  const mount = join(tmpdir(), `cwf-full-${process.pid}`);
  let isMounted = false;
  beforeAll(() => {
    mkdirSync(mount, { recursive: true });
    isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1500k', 'tmpfs', mount]).status === 0;
    if (!isMounted) console.warn('skipped: mounting a small tmpfs is not allowed here');
  });
  afterAll(() => {
    if (isMounted) spawnSync('umount', [mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  it('refuses the commit that does not fit and keeps all before it', async (ctx) => {
    if (!isMounted) return ctx.skip();
    const dir = join(mount, 'repo');
    mkdirSync(dir);
    await initRepo(dir);
    const run = spawnSync(process.execPath, [writer, dir, 'w', '100000'], { encoding: 'utf8' });
    expect(run.status).not.toBe(0);
    const acknowledged = run.stdout.split('\n').slice(0, -1);
    expect(acknowledged.length).toBeGreaterThan(10);
    const repo = await openRepo(dir);
    const tip = (await repo.head()).oid!;
    expect(await repo.isAncestor(acknowledged.at(-1)!, tip)).toBe(true);
    const fsck = spawnSync('git', ['-C', dir, 'fsck', '--strict'], { encoding: 'utf8' });
    expect([fsck.status, fsck.stderr.replace(/^notice:.*\n/gm, '')]).toEqual([0, '']);
  });
});
