import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { NOTE_KINDS } from '../../../src/io/repo/notes.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitFiles, fsck, refuses } from './scratch.ts';
import { git } from './worker.ts';

const root = mkdtempSync(join(tmpdir(), 'cwf-open-'));
let count = 0;

function folder(...init: string[]): string {
  const dir = join(root, `r${count++}`);
  mkdirSync(dir);
  if (init.length > 0) execFileSync('git', ['init', '-q', '-b', 'main', ...init.slice(1), dir], { stdio: 'pipe' });
  return dir;
}

afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('init', () => {
  it('[RP-1] makes what git init makes, and git works in it', async () => {
    const dir = folder();
    const repo = await initRepo(dir);
    expect(await repo.head()).toEqual({ branch: 'refs/heads/main' });
    expect(git(dir, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(git(dir, 'status', '--porcelain')).toBe('');
    expect(fsck(dir)).toBe('');
    const made = readdirSync(join(dir, '.git'));
    for (const name of ['HEAD', 'config', 'info', 'objects', 'refs']) expect(made).toContain(name);
    for (const kind of NOTE_KINDS) {
      expect(git(dir, 'config', `notes.cwf/${kind}.mergeStrategy`)).toBe('cat_sort_uniq');
    }
    writeFileSync(join(dir, 'a.json'), '{}\n');
    git(dir, 'add', '.');
    git(dir, 'commit', '-q', '-m', 'by git');
    expect(git(dir, 'rev-parse', 'HEAD')).toBe((await repo.head()).oid);
  });

  it('[RP-1] inside a repository adds only its own, and twice is once', async () => {
    const dir = folder('git');
    git(dir, 'commit', '-q', '--allow-empty', '-m', 'first');
    git(dir, 'config', 'user.name', 'Kept');
    const [head, names] = [git(dir, 'rev-parse', 'HEAD'), readdirSync(join(dir, '.git'))];
    mkdirSync(join(dir, 'sub'));
    await initRepo(join(dir, 'sub'));
    const config = git(dir, 'config', '--list', '--local');
    await initRepo(dir);
    expect(git(dir, 'config', '--list', '--local')).toBe(config);
    expect(git(dir, 'config', 'user.name')).toBe('Kept');
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(head);
    expect(existsSync(join(dir, 'sub/.git'))).toBe(false);
    expect(readdirSync(join(dir, '.git')).sort()).toEqual([...names, 'cwf'].sort());
  });
});

describe('open', () => {
  it('[RP-2] walks up like git, through folders of any name', async () => {
    const dir = folder();
    await commitFiles(await initRepo(dir), { 'a.json': '{}\n' });
    const deep = join(dir, 'with space/dé/🙂');
    mkdirSync(deep, { recursive: true });
    expect((await openRepo(deep)).workDir).toBe(dir);
  });

  it('[RP-2] says where there is none', () => refuses(openRepo(folder()), 'REPO_NOT_FOUND'));

  it.each([
    ['a bare one', (dir: string) => git(dir, 'config', 'core.bare', 'true')],
    ['an extension nobody knows', (dir: string) => git(dir, 'config', 'extensions.later', 'true')],
    ['refs in a reftable', (dir: string) => git(dir, 'config', 'extensions.refStorage', 'reftable')],
    [
      'an extension after a comment',
      (dir: string) => appendFileSync(join(dir, '.git/config'), '; x\n[Extensions]\n\tLater\n'),
    ],
  ])('[RP-2] refuses %s', async (_, change) => {
    const dir = folder('git');
    change(dir);
    await refuses(openRepo(dir), 'REPO_UNSUPPORTED');
    await refuses(initRepo(dir), 'REPO_UNSUPPORTED');
  });

  it('[RP-2] refuses SHA-256 objects, a linked worktree and a submodule', async () => {
    await refuses(openRepo(folder('git', '--object-format=sha256')), 'REPO_UNSUPPORTED');
    const dir = folder('git');
    git(dir, 'commit', '-q', '--allow-empty', '-m', 'first');
    git(dir, 'worktree', 'add', '-q', join(dir, 'linked'));
    await refuses(openRepo(join(dir, 'linked')), 'REPO_UNSUPPORTED');
  });

  it('[RP-2] refuses another user’s, unless root or trusted', async () => {
    const dir = folder('git');
    vi.spyOn(process, 'getuid').mockReturnValue(54_321);
    await refuses(openRepo(dir), 'REPO_UNSUPPORTED');
    vi.stubEnv('CWF_TRUST', '1');
    expect((await openRepo(dir)).workDir).toBe(dir);
  });
});
