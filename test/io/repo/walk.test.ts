import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import type { Commit } from '../../../src/io/repo/types.ts';
import { isAncestor, mergeBases, walk } from '../../../src/io/repo/walk.ts';
import { commitOn, newRepo, place, who } from './place.ts';
import { META } from './scratch.ts';
import { git } from './worker.ts';

const { next } = place('walk');

interface Step {
  readonly parents: readonly number[];
  readonly date: number;
}

// Dates without any relation to the order of the commits: clocks that lie by years.
const history = fc.array(
  fc.record({
    parents: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    date: fc.integer({ min: 0, max: 40 }).map((years) => years * 31_536_000),
  }),
  { minLength: 2, maxLength: 24 },
);

/** A history in memory: commit n is named by its number, parents are counted back from it. */
function fake(steps: readonly Step[]): {
  gitDir: string;
  readCommit(oid: string): Promise<Commit>;
  parents: string[][];
  reads: number;
} {
  const parents = steps.map(({ parents: back }, n) =>
    back
      .map((b) => n - b)
      .filter((p) => p >= 0)
      .map(String),
  );
  const source = {
    gitDir: '/nowhere',
    parents,
    reads: 0,
    readCommit: async (oid: string): Promise<Commit> => {
      source.reads++;
      const time = who(steps[Number(oid)]!.date);
      return { oid, tree: '', parents: parents[Number(oid)]!, author: time, committer: time, message: '' };
    },
  };
  return source;
}

/** By definition: everything that is reached, itself included. */
function closure(parents: readonly string[][], from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const visit = (oid: string): void => {
    if (seen.has(oid)) return;
    seen.add(oid);
    for (const parent of parents[Number(oid)]!) visit(parent);
  };
  for (const oid of from) visit(oid);
  return seen;
}

async function oidsOf(commits: AsyncIterable<Commit>): Promise<string[]> {
  const out: string[] = [];
  for await (const { oid } of commits) out.push(oid);
  return out;
}

describe('history', () => {
  it('merge bases and ancestors are what their definition says, whatever the dates', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(), async (steps, i, j) => {
        const source = fake(steps);
        const [a, b] = [String(i % steps.length), String(j % steps.length)];
        const [left, right] = [closure(source.parents, [a]), closure(source.parents, [b])];
        const common = [...left].filter((oid) => right.has(oid));
        const best = common.filter((oid) => !common.some((o) => o !== oid && closure(source.parents, [o]).has(oid)));
        expect(await mergeBases(source, a, b)).toEqual(best.sort());
        expect(await isAncestor(source, a, b)).toBe(right.has(a));
      }),
      { numRuns: 300 },
    );
  });

  it('a walk gives each commit once that is reached and not reached by until, whatever the dates', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(), { maxLength: 3 }),
        fc.boolean(),
        async (steps, from, to, firstParent) => {
          const source = fake(steps);
          const name = (n: number): string => String(n % steps.length);
          const until = to.map(name);
          const own = await oidsOf(walk(source, from.map(name), { until, firstParent }));
          const hidden = closure(source.parents, until);
          const reached = closure(
            firstParent ? source.parents.map((one) => one.slice(0, 1)) : source.parents,
            from.map(name),
          );
          expect(own.length).toBe(new Set(own).size);
          const wanted = [...reached].filter((oid) => !hidden.has(oid));
          if (!firstParent) expect([...own].sort()).toEqual(wanted.sort());
          else expect(wanted).toEqual(expect.arrayContaining(own));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('ends where a shallow clone was cut', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    for (let n = 0; n < 5; n++) await commitOn(repo, 'refs/heads/main', { at: 1_700_000_000 + n });
    const clone = join(dir, 'clone');
    git(dir, 'clone', '-q', '--depth', '2', `file://${dir}`, clone);
    const cut = await openRepo(clone);
    const [tip, last] = await oidsOf(cut.walk([await cut.resolve('HEAD')]));
    expect(git(clone, 'rev-list', 'HEAD').split('\n')).toEqual([tip, last]);
    expect(await cut.mergeBases(tip!, last!)).toEqual([last]);
    expect(await cut.isAncestor(last!, tip!)).toBe(true);
    expect(await cut.isAncestor(tip!, last!)).toBe(false);
    await expect(cut.resolve('HEAD~2')).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
  });

  it('near the tips of a long history only the tips are read', async () => {
    const steps = Array.from({ length: 20_000 }, (_, n) => ({ parents: [n % 7 === 6 ? 2 : 1], date: n * 60 }));
    const source = fake(steps);
    expect(await mergeBases(source, '19999', '19995')).toHaveLength(1);
    expect(await isAncestor(source, '19999', '19989')).toBe(false);
    expect(await isAncestor(source, '19989', '19999')).toBe(true);
    await oidsOf(walk(source, ['19999'], { until: ['19980'] }));
    expect(source.reads).toBeLessThan(1500);
  });
});

/** Many commits in one transaction, as an import makes them. */
async function chain(repo: Repo, length: number): Promise<string[]> {
  return repo.transaction(META, async (tx) => {
    const tree = await tx.writeTree(undefined, new Map());
    const made: string[] = [];
    for (let n = 0; n < length; n++) {
      const time = who(1_700_000_000 + n);
      made.push(
        await tx.writeCommit({ tree, parents: made.slice(-1), message: `${n}`, author: time, committer: time }),
      );
    }
    tx.setRef('refs/heads/main', made.at(-1)!, null);
    return made;
  });
}

describe('a thousand loose commits', () => {
  it('are walked, and compared end to end', async () => {
    const repo = await newRepo(next());
    const made = await chain(repo, 1000);
    const reader = await openRepo(repo.workDir);
    expect(await oidsOf(reader.walk([made.at(-1)!]))).toEqual([...made].reverse());
    expect(await reader.isAncestor(made[0]!, made[999]!)).toBe(true);
    expect(await reader.mergeBases(made[0]!, made[999]!)).toEqual([made[0]]);
  });
});
