import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitFiles, fsck, log, META, put, refuses, scratch, stage, WHO } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('transaction');

describe('a transaction', () => {
  it('[OP-1] shows nothing when its function throws, and nothing when a ref was moved', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a1\n');
    const first = await commitFiles(repo, { 'a.json': 'a1\n' });
    const branch = (await repo.head()).branch!;
    await expect(
      repo.transaction(META, async (tx) => {
        await stage(repo, tx, { 'a.json': 'a2\n' });
        tx.writeFile('a.json', Buffer.from('a2\n'));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await refuses(
      repo.transaction(META, async (tx) => {
        const oid = await stage(repo, tx, { 'a.json': 'a2\n' });
        tx.setRef(branch, oid, null);
        tx.setRef('refs/heads/other', oid, null);
        tx.writeFile('a.json', Buffer.from('a2\n'));
        tx.addNote('metrics', oid, '{"m":1}');
      }),
      'REF_STALE',
    );
    expect((await repo.head()).oid).toBe(first);
    expect(await repo.readRef('refs/heads/other')).toBeUndefined();
    expect(await repo.readRef('refs/notes/cwf/metrics')).toBeUndefined();
    expect(readFileSync(join(dir, 'a.json'), 'utf8')).toBe('a1\n');
    expect(await log(repo)).toHaveLength(1);
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  it('[OP-1] that stages nothing is no operation', async () => {
    const { repo } = await make();
    expect(await repo.transaction(META, async () => 7)).toBe(7);
    expect(await log(repo)).toEqual([]);
  });

  it('[OP-1] 40 at once in one process on one branch, with retry: none is lost', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'a.json': 'a\n' });
    const commitOne = async (n: number): Promise<string> => {
      for (;;) {
        try {
          return await commitFiles(repo, { [`f${n}.json`]: `${n}\n` });
        } catch (error) {
          if (!isCwfError(error, 'REF_STALE', 'REF_LOCKED')) throw error;
        }
      }
    };
    const made = await Promise.all(Array.from({ length: 40 }, (_, n) => commitOne(n)));
    const reachable = new Set(git(dir, 'rev-list', 'HEAD').split('\n'));
    expect(made.filter((oid) => !reachable.has(oid))).toEqual([]);
    expect(git(dir, 'ls-tree', '--name-only', 'HEAD').split('\n')).toHaveLength(41);
    expect(await log(repo)).toHaveLength(41);
    expect(fsck(dir)).toBe('');
  }, 60_000);

  it('[OP-1] puts HEAD on a branch, on a commit alone, and back, as git sees it', async () => {
    const { dir, repo } = await make();
    const first = await commitFiles(repo, { 'a.json': 'a\n' });
    const branch = (await repo.head()).branch!;
    await repo.transaction(META, async (tx) => tx.setHead({ oid: first }));
    expect(await repo.head()).toEqual({ oid: first });
    const second = await commitFiles(repo, { 'a.json': 'b\n' });
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(second);
    await repo.transaction(META, async (tx) => {
      tx.setRef('refs/heads/topic', second, null);
      tx.setHead({ branch: 'refs/heads/topic' });
    });
    expect(git(dir, 'symbolic-ref', 'HEAD')).toBe('refs/heads/topic');
    expect(await repo.readRef(branch)).toBe(first);
  });

  it('[OP-1] hole 9: the reflog of branch and HEAD says each move, in git’s own form', async () => {
    const { dir, repo } = await make();
    const a = await commitFiles(repo, { 'a.json': '1\n' });
    const b = await commitFiles(repo, { 'a.json': '2\n' });
    const branch = (await repo.head()).branch!;
    for (const ref of ['HEAD', branch]) expect(git(dir, 'reflog', '--format=%H', ref).split('\n')).toEqual([b, a]);
  });

  it('[RP-9] hole 12 and paths: what would lead out of the tree or into .git is refused', async () => {
    const { repo } = await make();
    const oid = await repo.transaction(META, (tx) => tx.writeBlob(Buffer.from('x')));
    const bad = [
      '.git/config',
      '.GIT/x',
      'a/.git',
      'a/.gi\u200ct/x',
      'GIT~1/x',
      '.git. /x',
      '.git::$INDEX_ALLOCATION/x',
    ];
    for (const path of [...bad, '../x', 'a/../x', './x', '', '/x', 'a//x', 'a\\b', 'a\nb', 'a\0b']) {
      const entry = { mode: '100644', oid };
      await refuses(
        repo.transaction(META, (tx) => tx.writeTree(undefined, new Map([[path, entry]]))),
        'PATH_INVALID',
      );
      await refuses(
        repo.transaction(META, async (tx) => tx.writeFile(path, Buffer.from('x'))),
        'PATH_INVALID',
      );
    }
    const name = 'A\nparent 0000000000000000000000000000000000000000';
    const tree = await repo.transaction(META, (tx) => tx.writeTree(undefined, new Map()));
    const made = await repo.transaction(META, (tx) =>
      tx.writeCommit({ tree, parents: [], message: 'm\n', author: { ...WHO, name }, committer: WHO }),
    );
    expect((await repo.readCommit(made)).parents).toEqual([]);
  });

  it('writes nested trees as git does, whatever is added and removed', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'a/b/c.json': '1\n', 'a.json': '2\n', 'a/b.json': '3\n', 'ü/x.json': '4\n' });
    await commitFiles(repo, { 'a/b/c.json': null, 'z/y.json': '5\n', 'a.json': '6\n' });
    git(dir, 'reset', '-q', '--hard');
    expect(git(dir, 'write-tree')).toBe(git(dir, 'rev-parse', 'HEAD^{tree}'));
    expect(git(dir, '-c', 'core.quotepath=off', 'ls-files').split('\n')).toEqual([
      'a.json',
      'a/b.json',
      'z/y.json',
      'ü/x.json',
    ]);
    expect(fsck(dir)).toBe('');
  });

  it('[NT-5] notes of many transactions at once are a union, one commit each', async () => {
    const { dir, repo } = await make();
    const oid = await commitFiles(repo, { 'a.json': 'a\n' });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        repo.transaction(META, async (tx) => tx.addNote('metrics', oid, `{"metric":"m${n}","value":${n}}`)),
      ),
    );
    expect(git(dir, 'notes', '--ref=cwf/metrics', 'show', oid).split('\n')).toHaveLength(20);
  }, 60_000);

  it('waits for no lock for ever: a branch that git holds is REF_LOCKED, and nothing has changed', async () => {
    const { dir, repo } = await make();
    const oid = await commitFiles(repo, { 'a.json': 'a\n' });
    const lock = join(dir, '.git', `${(await repo.head()).branch}.lock`);
    writeFileSync(lock, '');
    await refuses(commitFiles(repo, { 'a.json': 'b\n' }), 'REF_LOCKED');
    rmSync(lock);
    expect((await repo.head()).oid).toBe(oid);
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(oid);
  }, 20_000);

  it('is seen at once by a repository opened elsewhere', async () => {
    const { dir, repo } = await make();
    const other = await openRepo(dir);
    const oid = await commitFiles(repo, { 'a.json': 'a\n' });
    expect((await other.head()).oid).toBe(oid);
    expect(existsSync(join(dir, '.git/cwf/transaction.lock'))).toBe(false);
  });

  it('[OP-1] compares a ref that is to stay where it is as well', async () => {
    const { repo } = await make();
    const a = await commitFiles(repo, { 'a.json': '1\n' });
    await commitFiles(repo, { 'a.json': '2\n' });
    const branch = (await repo.head()).branch!;
    const run = repo.transaction(META, async (tx) => {
      tx.setRef(branch, a, a);
      tx.setRef('refs/heads/x', a, null);
    });
    await refuses(run, 'REF_STALE');
  });

  it('[OP-1] is refused when HEAD was moved while it was put together', async () => {
    const { dir, repo } = await make();
    const a = await commitFiles(repo, { 'a.json': '1\n' });
    git(dir, 'checkout', '-q', '-f', '--detach');
    const run = repo.transaction(META, async (tx) => {
      const head = await repo.head();
      git(dir, 'commit', '-q', '--allow-empty', '-m', 'by git');
      const { tree, author, committer } = await repo.readCommit(head.oid!);
      tx.setHead({ oid: await tx.writeCommit({ tree, parents: [a], message: 'cwf\n', author, committer }) });
    });
    await refuses(run, 'REF_STALE');
    expect(git(dir, 'log', '-1', '--format=%s')).toBe('by git');
  });

  it('[NT-5] a note that git adds meanwhile is no conflict', async () => {
    const { dir } = await make();
    let isFirst = true;
    const faults = (step: string): void => {
      if (step !== 'lock-refs' || !isFirst || git(dir, 'rev-list', '--all', '--count') === '0') return;
      isFirst = false;
      git(dir, 'notes', '--ref=cwf/metrics', 'add', '-m', '{"by":"git"}', 'HEAD');
    };
    const oid = await commitFiles(await openRepo(dir), { 'a.json': 'a\n' });
    const repo = await openRepo(dir, { faults });
    await repo.transaction(META, async (tx) => tx.addNote('metrics', oid, '{"by":"cwf"}'));
    expect(git(dir, 'notes', '--ref=cwf/metrics', 'show', oid)).toBe('{"by":"cwf"}\n{"by":"git"}');
  });
});
