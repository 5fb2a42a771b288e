import { beforeAll, describe, expect, it } from 'vitest';
import type { Repo } from '../../../src/io/repo/repo.ts';
import { commitOn, moveRef, newRepo, place } from './place.ts';
import { git } from './worker.ts';

const { next } = place('revision');
const MAIN = 'refs/heads/main';
let dir = '';
let repo: Repo;
let oids: string[] = [];

// c0 - c1 - c2 - m (main), side from c1; tags: light, annotated, annotated of an annotated, on a tree
beforeAll(async () => {
  dir = next();
  repo = await newRepo(dir);
  oids = [];
  for (let n = 0; n < 3; n++) oids.push(await commitOn(repo, MAIN, { at: 1_700_000_000 + n }));
  const side = await commitOn(repo, 'refs/heads/side', { parents: [oids[1]!] });
  oids.push(side, await commitOn(repo, MAIN, { parents: [oids[2]!, side] }));
  await moveRef(repo, 'refs/tags/light', oids[0]!, null);
  git(dir, 'tag', '-a', 'v1', '-m', 'one', oids[1]!);
  git(dir, 'tag', '-a', 'v2', '-m', 'of a tag', 'v1');
  git(dir, 'tag', '-a', 'folder', '-m', 'no commit', `${oids[0]}^{tree}`);
  git(dir, 'update-ref', 'refs/remotes/origin/dev', oids[2]!);
  git(dir, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/dev');
  git(dir, 'update-ref', 'refs/cwf/trial/s/aa/7', side);
  git(dir, 'update-ref', 'refs/heads/both', oids[0]!);
  git(dir, 'update-ref', 'refs/tags/both', oids[1]!);
});

const NAMES =
  'HEAD @ main side heads/main tags/v1 v1 v2 light refs/heads/side refs/tags/v2 origin origin/dev origin/HEAD both'.split(
    ' ',
  );
const STEPS = [
  '',
  '~',
  '^',
  '~0',
  '^0',
  '~1',
  '~2',
  '^^',
  '^2',
  '^{commit}',
  '^{}',
  '~1^{commit}~1',
  '^2~1',
  '~9',
  '^3',
];

/** What git says; undefined when it refuses. */
function byGit(rev: string): string | undefined {
  try {
    return git(dir, 'rev-parse', '--verify', '-q', `${rev}^{commit}`);
  } catch {
    return undefined;
  }
}

describe('revisions', () => {
  it.each(['loose', 'packed'])('name what they name in git, refs and objects %s', async (state) => {
    if (state === 'packed') git(dir, 'gc', '-q');
    for (const rev of NAMES.flatMap((name) => STEPS.map((step) => name + step))) {
      const expected = byGit(rev);
      const own = await repo.resolve(rev).catch((e: { code: string }) => e.code);
      expect(own, rev).toBe(expected ?? 'REV_NOT_FOUND');
    }
    for (const oid of oids) {
      for (const length of [7, 12, 39, 40]) expect(await repo.resolve(oid.slice(0, length))).toBe(oid);
      expect(await repo.resolve(`${oid.slice(0, 8).toUpperCase()}~0`)).toBe(oid);
    }
  });

  it('of cwf’s own refs go by their name below refs/cwf', async () => {
    expect(await repo.resolve('trial/s/aa/7')).toBe(oids[3]);
    expect(await repo.resolve('refs/cwf/trial/s/aa/7~1')).toBe(oids[1]);
  });

  it('[C3-50] that name a tree, a blob or nothing are refused, each in its own way', async () => {
    const tree = git(dir, 'rev-parse', `${oids[0]}^{tree}`);
    const blob = git(dir, 'rev-parse', `${oids[0]}:a.json`);
    for (const rev of [tree, blob, 'folder']) {
      await expect(repo.resolve(rev), rev).rejects.toMatchObject({ code: 'NOT_A_COMMIT' });
    }
    const none = [
      '',
      'none',
      'refs/heads',
      'refs/heads/',
      '0'.repeat(40),
      '0000',
      'abc',
      '~1',
      '^',
      'HEAD~x',
      'HEAD^{tree}',
    ];
    const evil = [
      '../config',
      'config',
      'objects/../HEAD',
      '/etc/passwd',
      'HEAD\0',
      'main\n',
      '-x',
      'index',
      'a b',
      '@{0}',
      './HEAD',
    ];
    for (const rev of [...none, ...evil]) {
      await expect(repo.resolve(rev), JSON.stringify(rev)).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
    }
  });
});
