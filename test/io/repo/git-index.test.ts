import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitFiles, fsck, put, scratch, stage } from './scratch.ts';
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

  it('[RP-11] is clean in the very second the file was saved, in the user’s own layout', async () => {
    const { dir, repo } = await make();
    for (let n = 0; n < 3; n++) {
      put(dir, 'a.json', `{ "a" : ${n} }`);
      await commitFiles(repo, { 'a.json': `{"a":${n}}\n` });
      expect(git(dir, 'status', '--porcelain')).toBe('');
    }
  });

  it('[RP-11] hides no edit that came while the commit was made', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a1\n', 100);
    await repo.transaction({ command: 'commit', actor: 'person' }, async (tx) => {
      await stage(repo, tx, { 'a.json': 'a1\n' });
      put(dir, 'a.json', 'a2\n', 50);
    });
    expect(git(dir, 'status', '--porcelain')).toBe('M a.json');
  });

  it('[RP-11] does not hide an edit of another file that git had staged in the same second', async () => {
    const { dir, repo } = await make();
    const second = Math.floor(Date.now() / 1000) - 20;
    put(dir, 'b.txt', 'one\n');
    utimesSync(join(dir, 'b.txt'), second, second);
    git(dir, 'add', 'b.txt');
    utimesSync(join(dir, '.git/index'), second, second);
    writeFileSync(join(dir, 'b.txt'), 'two\n');
    utimesSync(join(dir, 'b.txt'), second, second);
    git(dir, 'config', 'core.trustctime', 'false');
    expect(git(dir, 'status', '--porcelain')).toBe('AM b.txt');
    put(dir, 'a.json', 'a\n', 10);
    await commitFiles(repo, { 'a.json': 'a\n' });
    expect(git(dir, 'status', '--porcelain')).toBe('AM b.txt');
  });

  it('[RP-11] has no stages of a merge left for a path that was committed', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'a.json': '1\n' });
    const oid = git(dir, 'rev-parse', 'HEAD:a.json');
    const lines = [1, 2, 3].map((stage) => `100644 ${oid} ${stage}\ta.json\n`).join('');
    const input = `0 ${'0'.repeat(40)}\ta.json\n${lines}`;
    execFileSync('git', ['-C', dir, 'update-index', '--index-info'], { input });
    await commitFiles(repo, { 'a.json': '2\n' });
    expect(git(dir, 'ls-files', '-u')).toBe('');
    expect(git(dir, 'show', ':a.json')).toBe('2');
  });

  it('[RP-11] a folder takes the place of a file', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { x: '1\n', 'x.json': '2\n' });
    await commitFiles(repo, { 'x/y.json': '3\n', x: null });
    await repo.transaction({ command: 'commit', actor: 'person' }, async (tx) =>
      tx.setIndexEntry('x.json/z.json', { mode: '100644', oid: await tx.writeBlob(Buffer.from('z')) }),
    );
    expect(git(dir, 'ls-files').split('\n')).toEqual(['x.json/z.json', 'x/y.json']);
  });

  it('[RP-11] of version 4 is read, and nothing of it lost', async () => {
    const { dir, repo } = await make();
    const names = ['a/b/c.txt', 'a/b/cd.txt', 'a/x.txt', `long/${'n'.repeat(200)}.txt`, 'z.txt'];
    for (const name of names) put(dir, name, `${name}\n`, 10);
    git(dir, 'add', '.');
    git(dir, 'update-index', '--index-version', '4');
    const before = git(dir, 'ls-files', '-s').split('\n');
    put(dir, 'a.json', 'a\n', 10);
    await commitFiles(repo, { 'a.json': 'a\n' });
    const after = git(dir, 'ls-files', '-s').split('\n');
    expect(after.filter((line) => !line.endsWith('\ta.json'))).toEqual(before);
    expect(after).toHaveLength(before.length + 1);
  });

  it('[RP-11] with names that are not UTF-8 loses none of them', async () => {
    const { dir, repo } = await make();
    const oid = git(dir, 'hash-object', '-w', '--stdin', '-t', 'blob', '/dev/null').slice(0, 40);
    const input = Buffer.from(`100644 ${oid}\ta\xff.txt\x00100644 ${oid}\ta\xfe.txt\0`, 'latin1');
    execFileSync('git', ['-C', dir, 'update-index', '-z', '--index-info'], { input });
    await commitFiles(repo, { 'a.json': 'a\n' });
    expect(
      git(dir, 'ls-files')
        .split('\n')
        .filter((name) => name.includes('.txt')),
    ).toHaveLength(2);
  });
});
