import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import isomorphicGit from 'isomorphic-git';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { createSafeFs } from '../../../src/io/repo/safe-fs.ts';
import { git } from './worker.ts';

let root = '';
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cwf-interop-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function repository(): Promise<{ dir: string; repo: Repo }> {
  const dir = join(root, `r${count++} ü`);
  mkdirSync(dir);
  await initRepo(dir);
  return { dir, repo: await openRepo(dir, { durability: 'normal' }) };
}

/** One commit of a generated history: indexes of its parents, a date that may go backwards, the file it changes. */
interface Step {
  readonly parents: number[];
  readonly date: number;
  readonly file: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  parents: fc.array(fc.nat(20), { maxLength: 3 }),
  date: fc.integer({ min: 1_000_000_000, max: 1_000_000_030 }),
  file: fc.constantFrom('a.json', 'b c.json', 'sub/d.json', 'sub/deep/ü.json', 'sub.json'),
});

/** Makes the commits and one branch per tip; returns the oids. */
async function build(repo: Repo, steps: readonly Step[]): Promise<string[]> {
  const oids: string[] = [];
  for (const [n, { parents, date, file }] of steps.entries()) {
    const who = { name: 'A Ü', email: 'a@example.org', timestamp: date, offset: 60 };
    const tips = [
      ...new Set(parents.map((p) => oids[p % Math.max(1, oids.length)]).filter((oid) => oid !== undefined)),
    ];
    oids.push(
      await repo.transaction({ command: 'commit', actor: 'person' }, async (tx) => {
        const base = tips[0] === undefined ? undefined : (await repo.readCommit(tips[0])).tree;
        const blob = await tx.writeBlob(Buffer.from(`{"n":${n}}\n`));
        const tree = await tx.writeTree(base, new Map([[file, { mode: '100644', oid: blob }]]));
        const oid = await tx.writeCommit({
          tree,
          parents: tips,
          message: `commit ${n}\n\nÜ body\n`,
          author: who,
          committer: who,
        });
        tx.setRef(`refs/heads/b${n}`, oid, null);
        return oid;
      }),
    );
  }
  return oids;
}

async function collect(commits: AsyncIterable<{ oid: string }>): Promise<string[]> {
  const oids: string[] = [];
  for await (const { oid } of commits) oids.push(oid);
  return oids;
}

/** What our reader, git and isomorphic-git say about every object must be one and the same. */
async function compareReaders(dir: string, repo: Repo): Promise<void> {
  const listed = git(
    dir,
    'cat-file',
    '--batch-all-objects',
    '--batch-check=%(objectname) %(objecttype) %(objectsize)',
  ).split('\n');
  const fs = createSafeFs(join(dir, '.git')) as never;
  const cache = {};
  for (const line of listed) {
    const [oid, type, size] = line.split(' ') as [string, string, string];
    const own = await repo.readObject(oid);
    const theirs = await isomorphicGit.readObject({ fs, dir, oid, format: 'content', cache });
    expect([own.type, own.body.length], oid).toEqual([type, Number(size)]);
    expect(own.body.equals(Buffer.from(theirs.object as Uint8Array)), oid).toBe(true);
  }
}

describe('repositories cwf wrote', () => {
  it('are read alike by cwf, git and isomorphic-git, loose and packed, whatever the shape of history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { dir, repo } = await repository();
        const oids = await build(repo, steps);
        expect(git(dir, 'fsck', '--strict').replace(/^notice:.*$/gm, '')).toBe('');
        const look = async (): Promise<unknown> => {
          await compareReaders(dir, repo);
          const tips = oids.slice(-3);
          const walked = await collect(repo.walk(tips));
          expect([...walked].sort()).toEqual(
            git(dir, 'rev-list', ...tips)
              .split('\n')
              .sort(),
          );
          for (const oid of walked) {
            const commit = await repo.readCommit(oid);
            expect(`${commit.author.name} <${commit.author.email}> ${commit.author.timestamp}`).toBe(
              git(dir, 'log', '-1', '--format=%an <%ae> %at', oid),
            );
          }
          const hidden = await collect(repo.walk([oids.at(-1)!], { until: [oids[0]!] }));
          expect(hidden.sort()).toEqual(
            git(dir, 'rev-list', oids.at(-1)!, `^${oids[0]}`).split('\n').filter(Boolean).sort(),
          );
          const bases: string[][] = [];
          for (const a of oids.slice(-3)) {
            for (const b of oids.slice(0, 3)) {
              const own = [...(await repo.mergeBases(a, b))].sort();
              expect(own).toEqual(gitMergeBases(dir, a, b));
              expect(await repo.isAncestor(b, a)).toBe(own.includes(b));
              bases.push(own);
            }
          }
          return [walked, bases, [...(await repo.listTree((await repo.readCommit(oids.at(-1)!)).tree))]];
        };
        const before = await look();
        git(dir, 'gc', '-q', '--prune=now');
        expect(await look()).toEqual(before);
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 6 },
    );
  }, 120_000);

  it('are shown, cloned, packed and committed to by git, and read on by cwf', async () => {
    const { dir, repo } = await repository();
    const branch = (await repo.head()).branch!;
    const steps = Array.from({ length: 20 }, (_, n) => ({
      parents: n === 0 ? [] : [n - 1],
      date: 1_000_000_000 + n,
      file: 'a.json',
    }));
    const oids = await build(repo, steps);
    await repo.transaction({ command: 'commit', actor: 'person' }, async (tx) => tx.setRef(branch, oids.at(-1)!, null));
    expect(git(dir, 'log', '-p', branch).match(/^commit /gm)).toHaveLength(20);
    git(dir, 'clone', '-q', '.', join(root, 'clone'));
    expect(git(join(root, 'clone'), 'rev-list', '--count', 'HEAD')).toBe('20');
    git(dir, 'gc', '-q', '--prune=now');
    expect(await repo.resolve(branch)).toBe(oids.at(-1));
    expect((await repo.listRefs('refs/heads/')).map((r) => r.ref).sort()).toEqual(
      git(dir, 'for-each-ref', '--format=%(refname)', 'refs/heads').split('\n').sort(),
    );
    git(dir, 'reset', '-q', '--hard');
    writeFileSync(join(dir, 'a.json'), '{"by":"git"}\n');
    git(dir, 'commit', '-q', '-a', '-m', 'by plain git');
    const tip = await repo.resolve('HEAD');
    expect(tip).toBe(git(dir, 'rev-parse', 'HEAD'));
    expect((await repo.readCommit(tip)).message).toBe('by plain git\n');
    expect((await collect(repo.walk([tip]))).length).toBe(21);
    expect(await repo.resolve(tip.slice(0, 8))).toBe(tip);
    expect(await repo.resolve(`${branch.slice('refs/heads/'.length)}~3`)).toBe(git(dir, 'rev-parse', 'HEAD~3'));
  });
});

function gitMergeBases(dir: string, a: string, b: string): string[] {
  try {
    return git(dir, 'merge-base', '--all', a, b).split('\n').filter(Boolean).sort();
  } catch {
    return []; // git exits with 1 when there is none
  }
}
