import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  promises as fs,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { createSafeFs } from '../../../src/io/repo/safe-fs.ts';

const author = { name: 'A', email: 'a@example.org', timestamp: 1_700_000_000, timezoneOffset: 0 };
const roots: string[] = [];
let template = '';

beforeAll(() => {
  template = repository();
  run(template, 'commit', '-q', '--allow-empty', '-m', 'root');
});
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function repository(): string {
  const root = mkdtempSync(join(tmpdir(), 'cwf-safe-fs-'));
  roots.push(root);
  run(root, 'init', '-q', '-b', 'main', '.');
  return root;
}

async function copyOfTemplate(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'cwf-safe-fs-'));
  roots.push(root);
  await fs.cp(template, root, { recursive: true });
  return root;
}

function run(dir: string, ...args: string[]): string {
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  return execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** A file system that dies at its n-th call: that call is half done, every later one fails, as after a kill. */
function dyingFs(n: number): { fs: typeof fs; calls: () => number } {
  let calls = 0;
  const step = async (name: string, args: unknown[], real: () => Promise<unknown>): Promise<unknown> => {
    // The kernel closes files for a dead process, too.
    if (name === 'close') return real();
    calls++;
    if (calls > n) throw Object.assign(new Error('dead'), { code: 'EDEAD' });
    if (calls < n) return real();
    if (name === 'writeFile' && typeof args[0] === 'string') await fs.writeFile(args[0], '');
    throw Object.assign(new Error('dies here'), { code: 'EDEAD' });
  };
  const wrap = (target: object): object =>
    new Proxy(target, {
      get(object, key) {
        const member = Reflect.get(object, key);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          step(String(key), args, async () => {
            const value = await member.apply(object, args);
            return key === 'open' ? wrap(value as object) : value;
          });
      },
    });
  return { fs: wrap(fs) as typeof fs, calls: () => calls };
}

async function commit(fsArg: object, dir: string, text: string): Promise<string> {
  const common = { fs: fsArg as never, dir, gitdir: join(dir, '.git') };
  const blob = await git.writeBlob({ ...common, blob: Buffer.from(text) });
  const tree = await git.writeTree({ ...common, tree: [{ mode: '100644', path: 'a.json', oid: blob, type: 'blob' }] });
  return git.commit({ ...common, tree, message: 'x\n', author });
}

/** What is wrong with a repository after a crash, as git sees it. */
function damage(dir: string): string[] {
  const found: string[] = [];
  const fsck = spawnSync('git', ['-C', dir, 'fsck', '--strict', '--no-dangling'], { encoding: 'utf8' });
  if (fsck.status !== 0) found.push(`fsck: ${fsck.stderr.trim().split('\n')[0]}`);
  const head = spawnSync('git', ['-C', dir, 'rev-parse', '--verify', 'HEAD^{commit}'], { encoding: 'utf8' });
  if (head.status !== 0) found.push(`HEAD: ${head.stderr.trim().split('\n')[0]}`);
  return found;
}

describe('a process that dies at its n-th file system call', () => {
  // isomorphic-git prints what it does not expect.
  beforeAll(() => void vi.spyOn(console, 'log').mockImplementation(() => undefined));
  afterAll(() => void vi.restoreAllMocks());

  it('leaves damage when isomorphic-git writes for itself (holes 1 and 3)', async () => {
    const broken: string[] = [];
    for (let n = 1; ; n++) {
      const dir = await copyOfTemplate();
      const dying = dyingFs(n);
      await commit({ promises: dying.fs }, dir, 'hello').catch(() => undefined);
      if (dying.calls() < n) break;
      broken.push(...damage(dir));
    }
    expect(broken.some((line) => line.includes('object file'))).toBe(true);
    expect(broken.some((line) => line.startsWith('HEAD:'))).toBe(true);
  });

  it('leaves a clean repository through the adapter, wherever it dies', async () => {
    let points = 0;
    for (let n = 1; ; n++) {
      const dir = await copyOfTemplate();
      const dying = dyingFs(n);
      await commit(createSafeFs(join(dir, '.git'), { fs: dying.fs, lockTimeoutMs: 0 }), dir, 'hello').catch(
        () => undefined,
      );
      if (dying.calls() < n) break;
      points++;
      expect(damage(dir), `died at call ${n}`).toEqual([]);
    }
    expect(points).toBeGreaterThan(20);
  });
});

describe('a torn loose object (hole 2)', () => {
  const torn = async (): Promise<{ dir: string; file: string; oid: string }> => {
    const dir = await copyOfTemplate();
    const oid = execFileSync('git', ['-C', dir, 'hash-object', '--stdin'], { input: 'torn', encoding: 'utf8' }).trim();
    const file = join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    return { dir, file, oid };
  };

  it('is never repaired by isomorphic-git alone', async () => {
    const { dir, file } = await torn();
    await git.writeBlob({ fs: { promises: fs } as never, dir, blob: Buffer.from('torn') });
    expect(readFileSync(file).length).toBe(0);
  });

  it('[C3-46] is absent for the adapter and written again', async () => {
    const { dir, file, oid } = await torn();
    const safe = createSafeFs(join(dir, '.git'));
    await expect(git.readBlob({ fs: safe as never, dir, oid })).rejects.toMatchObject({ code: 'NotFoundError' });
    await git.writeBlob({ fs: safe as never, dir, blob: Buffer.from('torn') });
    expect(readFileSync(file).length).toBeGreaterThan(0);
    expect(run(dir, 'cat-file', '-p', oid)).toBe('torn');
  });
});

describe('an empty ref over a packed value (hole 4)', () => {
  const emptied = async (): Promise<string> => {
    const dir = await copyOfTemplate();
    run(dir, 'pack-refs', '--all');
    run(dir, 'commit', '-q', '--allow-empty', '-m', 'second');
    writeFileSync(join(dir, '.git/refs/heads/main'), '');
    return dir;
  };

  it('falls back to the older value in isomorphic-git alone', async () => {
    const dir = await emptied();
    expect(await git.resolveRef({ fs: { promises: fs } as never, dir, ref: 'main' })).toBe(
      run(template, 'rev-parse', 'HEAD'),
    );
  });

  it('[C3-48] is an error through the adapter', async () => {
    const dir = await emptied();
    const safe = createSafeFs(join(dir, '.git'));
    await expect(git.resolveRef({ fs: safe as never, dir, ref: 'main' })).rejects.toMatchObject({
      code: 'REF_CORRUPT',
    });
  });
});

describe('lock files (hole 6)', () => {
  it('are ignored by isomorphic-git alone', async () => {
    const dir = await copyOfTemplate();
    writeFileSync(join(dir, '.git/refs/heads/main.lock'), '');
    await expect(commit({ promises: fs }, dir, 'x')).resolves.toMatch(/^[0-9a-f]{40}$/);
  });

  it('are honoured by the adapter, which leaves the ref as it was', async () => {
    const dir = await copyOfTemplate();
    const lock = join(dir, '.git/refs/heads/main.lock');
    writeFileSync(lock, '');
    const before = run(dir, 'rev-parse', 'HEAD');
    const failure = await commit(createSafeFs(join(dir, '.git'), { lockTimeoutMs: 20 }), dir, 'x').catch(
      (e: unknown) => e,
    );
    expect(isCwfError(failure, 'REF_LOCKED')).toBe(true);
    expect(run(dir, 'rev-parse', 'HEAD')).toBe(before);
    expect(existsSync(lock)).toBe(true);
    expect(await git.listBranches({ fs: createSafeFs(join(dir, '.git')) as never, dir })).toEqual(['main']);
  });

  it('are waited for while another process holds them', async () => {
    const dir = await copyOfTemplate();
    const lock = join(dir, '.git/refs/heads/main.lock');
    writeFileSync(lock, '');
    setTimeout(() => rmSync(lock), 100);
    const oid = await commit(createSafeFs(join(dir, '.git')), dir, 'x');
    expect(run(dir, 'rev-parse', 'HEAD')).toBe(oid);
    expect(readdirSync(join(dir, '.git/cwf/tmp'))).toEqual([]);
  });

  it('guard the index and packed refs as well, and a ref may replace an empty directory', async () => {
    const dir = await copyOfTemplate();
    const safe = createSafeFs(join(dir, '.git'), { lockTimeoutMs: 10 });
    writeFileSync(join(dir, 'a.json'), '{}');
    writeFileSync(join(dir, '.git/index.lock'), '');
    await expect(git.add({ fs: safe as never, dir, filepath: 'a.json' })).rejects.toMatchObject({ code: 'REF_LOCKED' });
    rmSync(join(dir, '.git/index.lock'));
    await git.add({ fs: safe as never, dir, filepath: 'a.json' });
    expect(run(dir, 'diff', '--cached', '--name-only')).toBe('a.json');
    mkdirSync(join(dir, '.git/refs/heads/topic'));
    await git.writeRef({
      fs: safe as never,
      dir,
      ref: 'refs/heads/topic',
      value: run(dir, 'rev-parse', 'HEAD'),
      force: true,
    });
    expect(run(dir, 'rev-parse', 'topic')).toBe(run(dir, 'rev-parse', 'HEAD'));
    await git.deleteBranch({ fs: safe as never, dir, ref: 'topic' });
    expect(run(dir, 'branch', '--list', 'topic')).toBe('');
  });
});
