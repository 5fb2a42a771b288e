import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { commitOn, moveRef, newRepo, place, who } from './place.ts';
import { META } from './scratch.ts';
import { git } from './worker.ts';

/** What happens to the calls of node:fs that change the disk, counted from 1 while it is on. */
interface Disk {
  mode: 'fine' | 'once' | 'dead';
  at: number;
  calls: { name: string; args: unknown[] }[];
  code: string;
}

const disk = vi.hoisted((): Disk => ({ mode: 'fine', at: 0, calls: [], code: 'EIO' }));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const changing = [
    'openSync',
    'writeSync',
    'fsyncSync',
    'fdatasyncSync',
    'renameSync',
    'linkSync',
    'unlinkSync',
    'mkdirSync',
    'appendFileSync',
    'writeFileSync',
    'utimesSync',
    'rmSync',
    'rmdirSync',
    'copyFileSync',
  ] as const;
  const fail = (syscall: string): never => {
    throw Object.assign(new Error(`${disk.code}: injected, ${syscall}`), { code: disk.code, syscall });
  };
  const wrapped = changing.map((name) => {
    const call = real[name] as (...args: unknown[]) => unknown;
    const own = (...args: unknown[]): unknown => {
      const isReading = name === 'openSync' && (args[1] ?? 'r') === 'r';
      if (isReading) return call(...args);
      disk.calls.push({ name, args });
      const isHit = disk.mode === 'once' ? disk.calls.length === disk.at : disk.calls.length >= disk.at;
      if (disk.mode === 'fine' || !isHit) return call(...args);
      // Half of it reaches the disk.
      if (name === 'writeSync' && disk.calls.length === disk.at) {
        const bytes = Buffer.from(args[1] as Uint8Array);
        call(args[0], bytes.subarray(0, bytes.length >> 1));
      }
      return fail(name);
    };
    return [name, own];
  });
  const mocked = { ...real, ...Object.fromEntries(wrapped) };
  return { ...mocked, default: mocked };
});

const { root, next } = place('fs-faults');
const MAIN = 'refs/heads/main';
let start = '';
let old = '';

// Three refs, one of them packed only, a working file, git's index.
beforeAll(async () => {
  start = next();
  const repo = await newRepo(start, {});
  const oid = await commitOn(repo, MAIN, { text: 'one\n' });
  await moveRef(repo, 'refs/heads/gone', oid, null);
  git(start, 'pack-refs', '--all');
  git(start, 'reset', '-q', '--hard');
  for (const name of readdirSync(join(start, '.git/objects'))) {
    if (name.length === 2 && readdirSync(join(start, '.git/objects', name)).length === 0)
      rmdirSync(join(start, '.git/objects', name));
  }
  old = refsOf(start);
});

function refsOf(dir: string): string {
  return git(dir, 'for-each-ref', '--format=%(refname)%(objectname)', 'refs/heads', 'refs/notes');
}

/** Moves a ref, makes one, deletes a packed one, writes a note and a working file and git's index. */
function change(repo: Repo, tip: string): Promise<string> {
  return repo.transaction(META, async (tx) => {
    const blob = await tx.writeBlob(Buffer.from('two\n'));
    const tree = await tx.writeTree(undefined, new Map([['a.json', { mode: '100644', oid: blob }]]));
    const oid = await tx.writeCommit({ tree, parents: [tip], message: 'two\n', author: who(), committer: who() });
    tx.setRef(MAIN, oid, tip);
    tx.setRef('refs/heads/new/branch', oid, null);
    tx.setRef('refs/heads/gone', null, tip);
    tx.writeFile('a.json', Buffer.from('two\n'), { expected: Buffer.from('one\n') });
    tx.setIndexEntry('a.json', { mode: '100644', oid: blob });
    return oid;
  });
}

/** Runs the change in a copy with the disk failing at its n-th call; returns what came of it. */
async function attempt(
  mode: Disk['mode'],
  at: number,
  code: string,
): Promise<{ dir: string; result: unknown; isOver: boolean }> {
  const dir = join(root, `${mode}-${code}-${at}`);
  await cp(start, dir, { recursive: true, preserveTimestamps: true });
  const repo = await openRepo(dir);
  const tip = (await repo.readRef(MAIN))!;
  Object.assign(disk, { mode, at, code, calls: [] });
  const result = await change(repo, tip).catch((error: unknown) => error);
  const isOver = disk.calls.length < at;
  disk.mode = 'fine';
  return { dir, result, isOver };
}

/** Makes the locks of this process those of one that is gone. */
function bury(dir: string): void {
  for (const name of readdirSync(join(dir, '.git/cwf/tmp'))) {
    if (!name.startsWith('owner-')) continue;
    const path = join(dir, '.git/cwf/tmp', name);
    const text = readFileSync(path, 'utf8');
    if (text.endsWith('}\n')) writeFileSync(path, JSON.stringify({ ...JSON.parse(text), start: '1' }));
  }
}

/** What must hold however it ended: git finds no fault, the refs are the old or the new ones, and work goes on. */
async function check(dir: string, label: string): Promise<'old' | 'new'> {
  const repo = await openRepo(dir);
  expect(git(dir, 'fsck', '--strict', '--no-dangling').replace(/^notice:.*$/gm, ''), label).toBe('');
  const refs = refsOf(dir);
  const isOld = refs === old;
  const names = isOld ? ['refs/heads/gone', MAIN] : [MAIN, 'refs/heads/new/branch'];
  expect(
    (await repo.listRefs('refs/heads/')).map(({ ref }) => ref),
    label,
  ).toEqual(names);
  const text = isOld ? 'one\n' : 'two\n';
  expect(readFileSync(join(dir, 'a.json'), 'utf8'), label).toBe(text);
  const more = await commitOn(repo, MAIN);
  expect(git(dir, 'rev-parse', MAIN), label).toBe(more);
  rmSync(dir, { recursive: true });
  return isOld ? 'old' : 'new';
}

describe('a disk that fails', () => {
  it.each(['EIO', 'ENOSPC', 'EACCES'])(
    '[OP-1] with %s at any one call: what is said is true, typed, and nothing is half done',
    async (code) => {
      for (let at = 1, step = code === 'EIO' ? 1 : 13; ; at += step) {
        const { dir, result, isOver } = await attempt('once', at, code);
        const call = disk.calls[at - 1];
        const label = `${code} at ${at} (${call?.name} ${String(call?.args[1] ?? call?.args[0]).slice(-40)}): ${result}`;
        // A lock that cannot be removed is this process's until it ends: that is waited for elsewhere.
        if (call?.name === 'unlinkSync' && String(call.args[0]).endsWith('.lock')) bury(dir);
        if (typeof result !== 'string')
          expect(result, label).toMatchObject({ name: 'CwfError', code: expect.not.stringMatching('BUG') });
        const state = await check(dir, label);
        if (call?.name !== 'unlinkSync') expect(state, label).toBe(typeof result === 'string' ? 'new' : 'old');
        if (isOver) break;
        expect(at).toBeLessThan(400);
      }
    },
    120_000,
  );

  it('[OP-2] for good at any call, as at a crash: the next start finds the old state or makes the new one', async () => {
    const seen = new Set<string>();
    for (let at = 1; ; at++) {
      const { dir, result, isOver } = await attempt('dead', at, 'EIO');
      const call = disk.calls[at - 1];
      bury(dir);
      const state = await check(dir, `dead at ${at} (${call?.name} ${String(call?.args[0]).slice(-40)}): ${result}`);
      if (typeof result === 'string') expect(state).toBe('new');
      seen.add(state);
      if (isOver) break;
    }
    expect([...seen].sort()).toEqual(['new', 'old']);
  }, 120_000);
});
