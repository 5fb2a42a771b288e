import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import type { WalkOptions } from '../../../src/io/repo/walk.ts';
import { type DagCommit, importDag, reached } from './dag.ts';
import { scratch } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('walk');

/** Histories of up to 18 commits with up to 3 parents each; dates rise by `steps`, so a negative one lies. */
function dags(steps: fc.Arbitrary<number>): fc.Arbitrary<DagCommit[]> {
  const commit = fc.tuple(fc.array(fc.nat(5), { maxLength: 3 }), steps);
  return fc.array(commit, { minLength: 2, maxLength: 18 }).map((rows) => {
    let time = 1_700_000_000;
    return rows.map(([backs, step], n) => {
      time += step;
      return { parents: [...new Set(backs.map((back) => n - 1 - back))].filter((p) => p >= 0), time };
    });
  });
}
const HONEST = fc.integer({ min: 1, max: 100 });
const LYING = fc.integer({ min: -400_000, max: 400_000 });

async function walked(repo: Repo, start: string[], options?: WalkOptions): Promise<string[]> {
  const out: string[] = [];
  for await (const { oid } of repo.walk(start, options)) out.push(oid);
  return out;
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

describe('walking history', () => {
  it('yields what git log does, in its order, with and without an end', async () => {
    for (const dag of fc.sample(dags(HONEST), 12)) {
      const { dir, repo } = await make();
      const oids = importDag(dir, dag);
      const [last, middle] = [oids.at(-1)!, oids[oids.length >> 1]!];
      expect(await walked(repo, [last, middle])).toEqual(lines(git(dir, 'log', '--format=%H', last, middle)));
      expect(await walked(repo, [last], { firstParent: true })).toEqual(
        lines(git(dir, 'log', '--first-parent', '--format=%H', last)),
      );
      expect(await walked(repo, [last], { until: [middle] })).toEqual(
        lines(git(dir, 'log', '--format=%H', last, `^${middle}`)),
      );
    }
  });

  it('yields all of it, each once, when dates lie', async () => {
    for (const dag of fc.sample(dags(LYING), 12)) {
      const { dir, repo } = await make();
      const oids = importDag(dir, dag);
      const expected = [...reached(dag, dag.length - 1)].map((n) => oids[n]!);
      expect((await walked(repo, [oids.at(-1)!])).sort()).toEqual(expected.sort());
    }
  });

  it('ends where a shallow clone was cut', async () => {
    const { dir } = await make();
    const dag = Array.from({ length: 9 }, (_, n) => ({ parents: n === 0 ? [] : [n - 1], time: 1000 + n }));
    const oids = importDag(dir, dag);
    git(dir, 'update-ref', 'refs/heads/main', oids[8]!);
    const clone = join(dir, 'clone');
    execFileSync('git', ['clone', '-q', '--depth', '3', `file://${dir}`, clone]);
    expect(await walked(await openRepo(clone), [oids[8]!])).toEqual([oids[8], oids[7], oids[6]]);
  });

  it('[C3-50] goes through a commit of 10,000 parents', async () => {
    const { dir, repo } = await make();
    const root = importDag(dir, [{ parents: [], time: 1000 }])[0]!;
    const { tree, author, committer } = await repo.readCommit(root);
    const { encodeCommit } = await import('../../../src/io/repo/commit-object.ts');
    const parents = Array.from({ length: 10_000 }, () => root);
    const body = encodeCommit({ tree, parents, message: 'm', author, committer });
    const oid = await repo.objects.write('commit', body);
    expect(await walked(repo, [oid])).toEqual([oid, root]);
    expect(await repo.mergeBases(oid, root)).toEqual([root]);
  });
});

describe('common ancestors', () => {
  it.each([
    ['honest', HONEST],
    ['lying', LYING],
  ])('are those of git merge-base --all, dates %s', async (_, steps) => {
    for (const dag of fc.sample(dags(steps), 10)) {
      const { dir, repo } = await make();
      const oids = importDag(dir, dag);
      for (const a of [0, dag.length >> 1, dag.length - 2]) {
        const b = dag.length - 1;
        const common = [...reached(dag, a)].filter((n) => reached(dag, b).has(n));
        const best = common.filter((n) => !common.some((other) => other !== n && reached(dag, other).has(n)));
        const bases = await repo.mergeBases(oids[a]!, oids[b]!);
        expect(bases).toEqual(best.map((n) => oids[n]!).sort());
        if (steps !== HONEST) continue;
        if (best.length > 0) expect(bases).toEqual(lines(git(dir, 'merge-base', '--all', oids[a]!, oids[b]!)).sort());
        expect(await repo.isAncestor(oids[a]!, oids[b]!)).toBe(reached(dag, b).has(a));
      }
    }
  });

  it('[C3-50] are both tips of a criss-cross, and none of histories that have nothing in common', async () => {
    const { dir, repo } = await make();
    const shape = [[], [0], [0], [1, 2], [2, 1], []];
    const oids = importDag(
      dir,
      shape.map((parents, n) => ({ parents, time: 1000 + n })),
    );
    expect(await repo.mergeBases(oids[3]!, oids[4]!)).toEqual([oids[1]!, oids[2]!].sort());
    expect(await repo.mergeBases(oids[3]!, oids[5]!)).toEqual([]);
    expect(await repo.isAncestor(oids[5]!, oids[3]!)).toBe(false);
    expect(await repo.mergeBases(oids[3]!, oids[3]!)).toEqual([oids[3]]);
  });
});
