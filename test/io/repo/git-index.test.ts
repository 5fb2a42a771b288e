import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitFiles, fsck, put, scratch } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('index');

describe('git’s index after a commit of cwf', () => {
  it('[RP-11] is clean for files that are older, in whatever layout the user keeps them', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', '{ "a" : 1 }', 10);
    put(dir, 'sub/b.json', '{\n"b":2}\n', 10);
    await commitFiles(repo, { 'a.json': '{"a":1}\n', 'sub/b.json': '{"b":2}\n' });
    expect(git(dir, 'status', '--porcelain')).toBe('');
    expect(git(dir, 'ls-files', '-s')).toBe(
      git(dir, 'ls-tree', '-r', 'HEAD')
        .replaceAll(' blob', '')
        .replace(/(?=\t)/g, ' 0'),
    );
    put(dir, 'a.json', '{ "a" : 2 }', 5);
    expect(git(dir, 'status', '--porcelain')).toBe('M a.json');
    await commitFiles(repo, { 'a.json': '{"a":2}\n', 'sub/b.json': null });
    rmSync(join(dir, 'sub'), { recursive: true });
    expect(git(dir, 'status', '--porcelain')).toBe('');
    expect(git(dir, 'ls-files')).toBe('a.json');
  });

  it('[RP-11] keeps what the user staged, flags and all other entries', async () => {
    const { dir, repo } = await make();
    for (const name of ['kept', 'staged', 'assumed', 'new']) put(dir, `${name}.txt`, `${name}\n`, 10);
    git(dir, 'add', 'kept.txt', 'staged.txt', 'assumed.txt');
    git(dir, 'commit', '-q', '-m', 'by git');
    put(dir, 'staged.txt', 'staged, changed\n', 8);
    git(dir, 'add', 'staged.txt');
    git(dir, 'add', '-N', 'new.txt');
    git(dir, 'update-index', '--assume-unchanged', 'assumed.txt');
    git(dir, 'update-index', '--skip-worktree', 'kept.txt');
    const before = git(dir, 'ls-files', '-s', '-v');
    put(dir, 'a.json', 'a\n', 10);
    await commitFiles(repo, { 'a.json': 'a\n' });
    const after = git(dir, 'ls-files', '-s', '-v').split('\n');
    expect(after.filter((line) => !line.endsWith('\ta.json')).join('\n')).toBe(before);
    expect(git(dir, 'diff', '--cached', '--name-status')).toMatch(/^M\tstaged\.txt$/m);
    expect(fsck(dir)).toBe('');
  });

  it('[RP-11] is left alone, the commit made, while another program holds its lock', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a\n', 10);
    await commitFiles(repo, { 'a.json': 'a\n' });
    const lock = join(dir, '.git/index.lock');
    const index = readFileSync(join(dir, '.git/index'));
    writeFileSync(lock, '');
    put(dir, 'a.json', 'b\n', 5);
    const oid = await commitFiles(repo, { 'a.json': 'b\n' });
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect((await repo.head()).oid).toBe(oid);
    expect(readFileSync(join(dir, '.git/index'))).toEqual(index);
    // The next commit puts it right.
    await commitFiles(repo, { 'a.json': 'b\n', 'c.json': null });
    expect(git(dir, 'status', '--porcelain')).toBe('');
  }, 20_000);

  it('[RP-11] in a form cwf does not write stays as it is, and the commit is made', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a\n', 10);
    await commitFiles(repo, { 'a.json': 'a\n' });
    git(dir, 'update-index', '--split-index');
    const oid = await commitFiles(repo, { 'a.json': 'b\n' });
    expect((await repo.head()).oid).toBe(oid);
    expect(git(dir, 'ls-files', '-s')).toContain('a.json');
    expect(fsck(dir)).toBe('');
  });

  it('[RP-11] a folder that takes the place of nothing, a file that takes the place of a folder', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'x/a.json': '1\n', 'x/b.json': '2\n', 'y.json': '3\n' });
    const oid = execFileSync('git', ['-C', dir, 'rev-parse', 'HEAD:y.json'], { encoding: 'utf8' }).trim();
    await repo.transaction({ command: 'commit', actor: 'person' }, async (tx) =>
      tx.setIndexEntry('x', { mode: '100644', oid }),
    );
    expect(git(dir, 'ls-files').split('\n')).toEqual(['x', 'y.json']);
  });
});
