import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockRefs } from '../../../src/io/repo/ref-update.ts';
import type { Repo } from '../../../src/io/repo/repo.ts';
import type { RefChange } from '../../../src/io/repo/types.ts';
import { commitFiles, fsck, refuses, scratch, WHO } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('refs');
const REFLOG = { identity: WHO, message: 'test' };

async function move(repo: Repo, ...changes: RefChange[]): Promise<void> {
  const locked = await lockRefs(repo, changes);
  try {
    locked.commit(REFLOG);
  } finally {
    locked.release();
  }
}

async function started() {
  const { dir, repo } = await make();
  const oid = await commitFiles(repo, { 'a.json': '{}\n' });
  const add = (name: string) => move(repo, { ref: `refs/heads/${name}`, old: null, new: oid });
  return { dir, repo, oid, add };
}

describe('refs', () => {
  it('[RP-4] are those git for-each-ref lists, loose, packed, both, and after gc', async () => {
    const { dir, repo, oid, add } = await started();
    await add('x/y');
    git(dir, 'tag', '-a', '-m', 'm', 'v1');
    git(dir, 'pack-refs', '--all');
    const second = await commitFiles(repo, { 'a.json': '[]\n' });
    await add('later');
    for (const gc of [false, true]) {
      if (gc) git(dir, 'gc', '-q');
      const listed = git(dir, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags').split(
        '\n',
      );
      const ours = [...(await repo.listRefs('refs/heads/')), ...(await repo.listRefs('refs/tags/'))];
      expect(ours.map(({ ref, oid: value }) => `${ref} ${value}`)).toEqual(listed);
      expect(await repo.readRef('refs/heads/main')).toBe(second);
      expect(await repo.readRef('refs/heads/x/y')).toBe(oid);
    }
  });

  it.each([
    ['Topic', 'topic'],
    ['caf\u00e9', 'cafe\u0301'],
    ['x/Deep', 'X/deep'],
  ])('[C3-36] %j and %j are one file somewhere: the second is refused', async (first, second) => {
    const { dir, add } = await started();
    await add(first);
    await refuses(add(second), 'REF_CONFLICT');
    git(dir, 'pack-refs', '--all');
    await refuses(add(second), 'REF_CONFLICT');
  });

  it.each([
    ['a/b', 'a'],
    ['a/b/c', 'a'],
  ])('[C3-37] %j stands, so %j is refused, and no lock stays', async (first, second) => {
    const { dir, add } = await started();
    await add(first);
    for (const pack of [false, true]) {
      if (pack) git(dir, 'pack-refs', '--all');
      await refuses(add(second), 'REF_CONFLICT');
      expect(existsSync(join(dir, '.git/refs/heads', `${second}.lock`))).toBe(false);
    }
    git(dir, 'update-ref', `refs/heads/${first}2`, 'HEAD');
    expect(fsck(dir)).toBe('');
  });

  it('[C3-37] [RP-4] below a packed "a", "a/b" is refused', async () => {
    const { dir, add } = await started();
    await add('a');
    git(dir, 'pack-refs', '--all');
    await refuses(add('a/b'), 'REF_CONFLICT');
  });

  it('[C3-37] [RP-4] below a loose "a", "a/b" is refused', async () => {
    const { add } = await started();
    await add('a');
    await refuses(add('a/b'), 'REF_CONFLICT');
  });

  it.each(['', '\n', 'garbage', 'a'.repeat(39), `${'a'.repeat(40)}b`, '\0'.repeat(41), 'ref:', 'A'.repeat(40)])(
    '[C3-48] [hole-4] a branch file that holds %j is an error with the last value, not the packed one',
    async (text) => {
      const { dir, repo } = await started();
      git(dir, 'pack-refs', '--all');
      const second = await commitFiles(repo, { 'a.json': '[]\n' });
      writeFileSync(join(dir, '.git/refs/heads/main'), text);
      const error = await repo.readRef('refs/heads/main').catch((caught) => caught);
      expect(error).toMatchObject({ code: 'REF_CORRUPT', hint: expect.stringContaining(second) });
      await refuses(commitFiles(repo, { 'b.json': '1\n' }), 'REF_CORRUPT');
      await refuses(repo.resolve('main'), 'REF_CORRUPT');
    },
  );

  it('[C3-48] a ring of symbolic refs ends', async () => {
    const { dir, repo } = await started();
    writeFileSync(join(dir, '.git/refs/heads/a'), 'ref: refs/heads/b\n');
    writeFileSync(join(dir, '.git/refs/heads/b'), 'ref: refs/heads/a\n');
    await refuses(repo.readRef('refs/heads/a'), 'REF_CORRUPT');
  });

  it('[hole-5] [RP-4] a value that is not the expected one moves nothing, in any of several refs', async () => {
    const { dir, repo, oid, add } = await started();
    await add('a');
    await add('z');
    const before = git(dir, 'for-each-ref');
    const other = await repo.objects.write('blob', Buffer.from('x'));
    const changes = ['a', 'z'].map((name) => ({
      ref: `refs/heads/${name}`,
      old: name === 'a' ? oid : other,
      new: null,
    }));
    await expect(move(repo, ...changes)).rejects.toMatchObject({
      code: 'REF_STALE',
      data: { ref: 'refs/heads/z', actual: oid },
    });
    await refuses(add('a'), 'REF_STALE');
    expect(git(dir, 'for-each-ref')).toBe(before);
    for (const name of ['refs/heads/a.lock', 'refs/heads/z.lock', 'packed-refs.lock']) {
      expect(existsSync(join(dir, '.git', name))).toBe(false);
    }
  });

  it('[hole-7] [RP-4] of packed refs with peeled tags, a deleted one goes with its peeled line', async () => {
    const { dir, repo } = await started();
    for (const name of ['v1', 'v2', 'v3']) git(dir, 'tag', '-a', '-m', name, name);
    git(dir, 'pack-refs', '--all');
    const ref = 'refs/tags/v2';
    await move(repo, { ref, old: (await repo.readRef(ref))!, new: null });
    expect(git(dir, 'for-each-ref', '--format=%(refname) %(*objecttype)', 'refs/tags').split('\n')).toEqual([
      'refs/tags/v1 commit',
      'refs/tags/v3 commit',
    ]);
    expect(await repo.readRef(ref)).toBeUndefined();
    expect(fsck(dir)).toBe('');
  });
});
