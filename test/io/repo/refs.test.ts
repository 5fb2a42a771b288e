import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fullRefName } from '../../../src/io/repo/ref-name.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitOn, moveRef, newRepo, place } from './place.ts';
import { META } from './scratch.ts';
import { git } from './worker.ts';

const { next } = place('refs');
const MAIN = 'refs/heads/main';

describe('names of refs', () => {
  it('[C3-38] [RP-5] a name of thousands of bytes in short parts is refused, not an error of the file system', async () => {
    const repo = await newRepo(next());
    const long = Array.from({ length: 60 }, () => 'x'.repeat(80)).join('/');
    expect(() => fullRefName(long, 'refs/heads/')).toThrow(expect.objectContaining({ code: 'REF_INVALID' }));
    await expect(repo.resolve(long)).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
    await expect(repo.resolve('x'.repeat(300))).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
  });
});

describe('refs beside each other', () => {
  it.each([
    ['[C3-36]', 'Main', 'main'],
    ['[C3-36]', 'caf\u00e9', 'cafe\u0301'],
    ['[C3-36]', 'A/b', 'a/B'],
    ['[C3-36]', 'x', 'X/y'],
    ['[C3-37]', 'a/b', 'a'],
    ['[C3-37]', 'a', 'a/b'],
    ['[C3-37]', 'a', 'a/b/c'],
    ['[C3-37]', 'a/b/c', 'a'],
  ])('%s [RP-5] %s and %s cannot be, loose or packed', async (_, first, second) => {
    for (const isPacked of [false, true]) {
      const dir = next();
      const repo = await newRepo(dir);
      const oid = await commitOn(repo, 'refs/heads/base');
      await moveRef(repo, `refs/heads/${first}`, oid, null);
      if (isPacked) git(dir, 'pack-refs', '--all');
      await expect(moveRef(repo, `refs/heads/${second}`, oid, null)).rejects.toMatchObject({
        code: 'REF_CONFLICT',
        data: { ref: `refs/heads/${second}`, other: `refs/heads/${first}` },
      });
      expect((await repo.listRefs('refs/heads/')).map(({ ref }) => ref)).toEqual(
        ['refs/heads/base', `refs/heads/${first}`].sort(),
      );
      await moveRef(repo, `refs/heads/${first}`, null, oid);
      await moveRef(repo, `refs/heads/${second}`, oid, null);
      expect(git(dir, 'rev-parse', `refs/heads/${second}`)).toBe(oid);
      expect(git(dir, 'reflog', 'show', '--format=%H', `refs/heads/${second}`)).toBe(oid);
    }
  });

  it.each([
    ['[C3-36]', 'Q', 'q'],
    ['[C3-37]', 'p', 'p/q'],
    ['[C3-37]', 'p/q/r', 'p'],
  ])('%s [RP-5] %s and %s cannot be made in one transaction', async (_, first, second) => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await commitOn(repo, MAIN);
    const both = repo.transaction(META, async (tx) => {
      for (const name of [first, second]) tx.setRef(`refs/heads/${name}`, oid, null);
    });
    await expect(both).rejects.toMatchObject({ code: 'REF_CONFLICT' });
    expect(git(dir, 'for-each-ref', '--format=%(refname)')).toBe(MAIN);
    await moveRef(repo, `refs/heads/${second}`, oid, null);
  });

  it('[RP-5] the same name as a branch and as a tag is allowed, as in git', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await commitOn(repo, MAIN);
    await moveRef(repo, 'refs/tags/main', oid, null);
    expect(git(dir, 'for-each-ref', '--format=%(refname)').split('\n')).toEqual([MAIN, 'refs/tags/main']);
  });
});

describe('refs', () => {
  it('[RP-4] several move together or not at all', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const [one, two] = [await commitOn(repo, MAIN), await commitOn(repo, MAIN)];
    await moveRef(repo, 'refs/heads/b', one, null);
    const move = (wrong: string) =>
      repo.transaction({ command: 'branch', actor: 'person' }, async (tx) => {
        tx.setRef('refs/heads/a', two, null);
        tx.setRef('refs/heads/b', two, wrong);
        tx.setRef(MAIN, null, two);
      });
    await expect(move(two)).rejects.toMatchObject({ code: 'REF_STALE' });
    expect((await repo.listRefs('refs/heads/')).map(({ ref }) => ref)).toEqual(['refs/heads/b', MAIN]);
    expect(git(dir, 'for-each-ref', '--format=%(refname)').split('\n')).toEqual(['refs/heads/b', MAIN]);
    await move(one);
    expect(await repo.listRefs('refs/heads/')).toEqual([
      { ref: 'refs/heads/a', oid: two },
      { ref: 'refs/heads/b', oid: two },
    ]);
    expect(existsSync(join(dir, '.git', `${MAIN}.lock`))).toBe(false);
  });

  it('symbolic ones are followed, and a remote’s name leads to its HEAD', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await commitOn(repo, MAIN);
    git(dir, 'symbolic-ref', 'refs/remotes/origin/HEAD', MAIN);
    expect(await repo.readRef('refs/remotes/origin/HEAD')).toBe(oid);
    expect(await repo.resolve('origin')).toBe(git(dir, 'rev-parse', 'origin'));
  });

  it('HEAD stands on a branch that is not born, on one that is, or on a commit', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    expect(await repo.head()).toEqual({ branch: MAIN });
    const oid = await commitOn(repo, MAIN);
    expect(await repo.head()).toEqual({ branch: MAIN, oid });
    await repo.transaction({ command: 'switch', actor: 'person' }, async (tx) => tx.setHead({ oid }));
    expect(await repo.head()).toEqual({ oid });
    expect(git(dir, 'rev-parse', '--symbolic-full-name', 'HEAD')).toBe('HEAD');
    await repo.transaction({ command: 'switch', actor: 'person' }, async (tx) => tx.setHead({ branch: MAIN }));
    expect(git(dir, 'symbolic-ref', 'HEAD')).toBe(MAIN);
  });

  it('[RP-7] a branch where others lay below its name has a reflog', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await commitOn(repo, MAIN);
    await moveRef(repo, 'refs/heads/a/b/c', oid, null);
    await moveRef(repo, 'refs/heads/a/b/c', null, oid);
    await moveRef(repo, 'refs/heads/a', oid, null);
    expect(readFileSync(join(dir, '.git/logs/refs/heads/a'), 'utf8')).toContain(oid);
  });

  it('[RP-7] a reflog that cannot be written does not stop the branch', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    mkdirSync(join(dir, '.git/logs'), { recursive: true });
    writeFileSync(join(dir, '.git/logs/refs'), 'a file in the way');
    const oid = await commitOn(repo, MAIN);
    expect(git(dir, 'rev-parse', MAIN)).toBe(oid);
  });

  it('a change of packed-refs by another process is seen at once', async () => {
    const dir = next();
    const repo = await openRepo(dir).catch(() => newRepo(dir));
    const [one, two] = [await commitOn(repo, MAIN), await commitOn(repo, MAIN)];
    for (let n = 0; n < 10; n++) {
      const oid = n % 2 === 0 ? one : two;
      git(dir, 'update-ref', 'refs/heads/p', oid);
      git(dir, 'pack-refs', '--all');
      expect(await repo.readRef('refs/heads/p')).toBe(oid);
    }
  });
});
