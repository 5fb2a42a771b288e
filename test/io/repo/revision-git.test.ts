import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDag } from './dag.ts';
import { refuses, scratch } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('revision');

async function history() {
  const { dir, repo } = await make();
  const oids = importDag(dir, [
    { parents: [], time: 1000 },
    { parents: [0], time: 1010 },
    { parents: [0], time: 1020 },
    { parents: [1, 2], time: 1030 },
    { parents: [3], time: 1040 },
  ]);
  git(dir, 'update-ref', 'refs/heads/main', oids[4]!);
  git(dir, 'update-ref', 'refs/remotes/origin/topic', oids[2]!);
  git(dir, 'tag', '-a', '-m', 'x', 'v1', oids[3]!);
  git(dir, 'tag', '-a', '-m', 'y', 'v1-again', 'v1');
  git(dir, 'tag', 'light', oids[1]!);
  return { dir, repo, oids };
}

describe('revisions', () => {
  it('lead where git rev-parse leads, refs loose and packed', async () => {
    const { dir, repo, oids } = await history();
    const revs = ['HEAD', '@', 'main', 'heads/main', 'refs/heads/main', 'origin/topic', 'v1', 'v1-again', 'light'];
    revs.push('tags/v1', 'HEAD~', 'HEAD~1^2', '@~2', 'main^0', 'v1^2~1', 'HEAD^^2^', 'HEAD~0');
    revs.push(oids[2]!, oids[2]!.slice(0, 8), `${oids[3]!.slice(0, 12)}^2`, oids[1]!.slice(0, 10).toUpperCase());
    for (const pack of [false, true]) {
      if (pack) git(dir, 'gc', '-q', '--prune=now');
      for (const rev of revs) {
        expect(await repo.resolve(rev), rev).toBe(git(dir, 'rev-parse', '--verify', `${rev}^{commit}`));
      }
    }
  });

  it.each([
    'nothing',
    'HEAD~99',
    'HEAD^3',
    'main~~~~~~',
    '',
    '~',
    'f'.repeat(40),
    'fff',
    'config',
    '../HEAD',
    '/etc/passwd',
  ])('%j is REV_NOT_FOUND', async (rev) => refuses((await history()).repo.resolve(rev), 'REV_NOT_FOUND'));

  it.each(['v1^{commit}', 'v1^{}', 'HEAD^{commit}'])('%s is the commit itself, not its parent', async (rev) => {
    const { dir, repo } = await history();
    expect(await repo.resolve(rev)).toBe(git(dir, 'rev-parse', '--verify', rev));
  });

  it('a tag is found before a branch of its name, as in git', async () => {
    const { dir, repo, oids } = await history();
    git(dir, 'update-ref', 'refs/heads/both', oids[0]!);
    git(dir, 'update-ref', 'refs/tags/both', oids[1]!);
    expect(await repo.resolve('both')).toBe(oids[1]);
    expect(await repo.resolve('heads/both')).toBe(oids[0]);
  });

  it('[C3-50] what is no commit is said so, also on a branch', async () => {
    const { dir, repo } = await history();
    const blob = await repo.objects.write('blob', Buffer.from('x'));
    writeFileSync(join(dir, '.git/refs/heads/odd'), `${blob}\n`);
    git(dir, 'tag', '-a', '-m', 'x', 'tagged-blob', blob);
    for (const rev of [blob, 'odd', 'tagged-blob', git(dir, 'rev-parse', 'HEAD^{tree}')]) {
      await refuses(repo.resolve(rev), 'NOT_A_COMMIT');
    }
  });

  it('a beginning shared by two commits is ambiguous and names both; one more digit is enough', async () => {
    const { dir, repo } = await make();
    const oids = importDag(
      dir,
      Array.from({ length: 1200 }, (_, n) => ({ parents: n === 0 ? [] : [0], time: 1000 + n })),
    );
    const shared = oids.map((oid) => oid.slice(0, 4)).filter((start, n, all) => all.indexOf(start) !== n);
    expect(shared.length).toBeGreaterThan(0);
    const known = oids.filter((oid) => oid.startsWith(shared[0]!)).sort();
    await expect(repo.resolve(shared[0]!)).rejects.toMatchObject({ code: 'REV_AMBIGUOUS' });
    const error = await repo.resolve(shared[0]!).catch((caught) => caught);
    expect([...error.data.known].sort()).toEqual(known);
    for (const oid of known) expect(await repo.resolve(oid.slice(0, 12))).toBe(oid);
  });
});
