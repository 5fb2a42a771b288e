import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { notesRef, stageNotes } from '../../../src/io/repo/notes.ts';
import { type Projection, withIndex } from '../../../src/io/repo/projection.ts';
import { catchUp } from '../../../src/io/repo/projection-fold.ts';
import { metricKey, readMetricKey } from '../../../src/io/repo/projection-rows.ts';
import { MemoryRows } from '../../../src/io/repo/row-store.ts';
import { formatMessage } from '../../../src/io/repo/trailers.ts';
import { FakeRepo } from './fake-repo.ts';

const roots: string[] = [];
const repository = (): FakeRepo => {
  const root = mkdtempSync(join(tmpdir(), 'cwf-projection-'));
  roots.push(root);
  return new FakeRepo(root);
};
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const patchOf = (file: string, ...paths: string[]): { key: string; value: string } => ({
  key: 'Cwf-Patch',
  value: JSON.stringify({ file, patch: paths.map((path) => ({ op: 'replace', path, value: 1 })) }),
});
const message = (...trailers: { key: string; value: string }[]): string =>
  formatMessage('subject', undefined, [
    { key: 'Cwf-Op', value: 'set' },
    { key: 'Cwf-Actor', value: 'agent/x' },
    ...trailers,
  ]);

async function note(repo: FakeRepo, oid: string, ...facts: object[]): Promise<void> {
  const ref = notesRef('metrics');
  repo.refs.set(
    ref,
    (await stageNotes(repo, 'metrics', repo.refs.get(ref), new Map([[oid, facts.map((f) => JSON.stringify(f))]])))!,
  );
}

async function rowsOf(store: MemoryRows): Promise<[string, string][]> {
  const out: [string, string][] = [];
  for await (const row of store.range('b', 'n')) out.push(row);
  return out;
}

describe('what the index answers', () => {
  it('commits, with what their trailers say and what their trees show', async () => {
    const repo = repository();
    const a = await repo.commit([], { 'p.json': '1', 'README.md': 'x' }, 'by plain git\n\nsome body\n');
    const trailers = [patchOf('p.json', '/nodes/3/widgets/steps'), { key: 'Cwf-Graph', value: 'abc p.json' }];
    const b = await repo.commit([a], { 'p.json': '2', 'README.md': 'y' }, message(...trailers));
    repo.refs.set('refs/heads/main', b);
    await withIndex(repo, async (index) => {
      expect(await index.commit(a)).toMatchObject({
        generation: 1,
        parents: [],
        subject: 'by plain git',
        files: { 'p.json': {} },
      });
      expect(await index.commit(b)).toMatchObject({
        generation: 2,
        parents: [a],
        op: 'set',
        actor: 'agent/x',
        files: { 'p.json': { graph: 'abc' } },
      });
      expect(await index.commit('0'.repeat(40))).toBeUndefined();
    });
  });

  it('changes of a place: at it, below it and above it, newest first; never beside it', async () => {
    const repo = repository();
    const a = await repo.commit([], { 'p.json': '1', 'q.json': '1' }, 'added\n');
    const b = await repo.commit(
      [a],
      { 'p.json': '2', 'q.json': '1' },
      message(patchOf('p.json', '/nodes/3/widgets/steps')),
    );
    const c = await repo.commit(
      [b],
      { 'p.json': '3', 'q.json': '1' },
      message(patchOf('p.json', '/nodes/30', '/nodes/4')),
    );
    const d = await repo.commit([c], { 'p.json': '4', 'q.json': '1' }, message(patchOf('p.json', '/nodes/3')));
    repo.refs.set('refs/heads/main', d);
    await withIndex(repo, async (index) => {
      const of = async (file: string, path?: string): Promise<string[]> =>
        (await index.changesOf(file, path)).map((x) => x.oid);
      expect(await of('p.json', '/nodes/3/widgets/steps')).toEqual([d, b, a]);
      expect(await of('p.json', '/nodes/3')).toEqual([d, b, a]);
      expect(await of('p.json', '/nodes/4')).toEqual([c, a]);
      expect(await of('p.json')).toEqual([d, c, c, b, a]);
      expect(await of('q.json', '/nodes/3')).toEqual([a]);
      expect((await index.changesOf('p.json', '/nodes/3'))[0]).toMatchObject({
        path: '/nodes/3',
        op: { op: 'replace', value: 1 },
      });
      expect((await index.changesOf('p.json', '/nodes/3'))[2]).toEqual({ oid: a, generation: 1, path: '' });
    });
  });

  it('the tree has the last word when a message states a patch for what did not change', async () => {
    const repo = repository();
    const a = await repo.commit([], { 'p.json': '1' }, 'x\n');
    const b = await repo.commit([a], { 'p.json': '1', 'q.json': '1' }, message(patchOf('p.json', '/nodes/3')));
    repo.refs.set('refs/heads/main', b);
    await withIndex(repo, async (index) => {
      expect((await index.changesOf('p.json', '/nodes/3')).map((x) => x.oid)).toEqual([a]);
      expect((await index.changesOf('q.json')).map((x) => x.path)).toEqual(['']);
    });
  });

  it('numbers in numeric order, of reachable commits only', async () => {
    const repo = repository();
    const oids: string[] = [];
    for (const value of [3, -1, 0.5, -1e300, 0, 10, 2]) {
      oids.push(await repo.commit(oids.slice(-1), { 'p.json': String(value) }, 'x\n'));
      await note(repo, oids.at(-1)!, { metric: 'a/b c', value }, { metric: 'text', value: 'no number' });
    }
    await note(repo, await repo.writeObject('blob', Buffer.from('no commit')), { metric: 'a/b c', value: 7 });
    repo.refs.set('refs/heads/main', oids[5]!);
    const values = async (metric: string): Promise<number[]> =>
      withIndex(repo, async (index) => {
        const out: number[] = [];
        for await (const row of index.commitsWithMetric(metric)) out.push(row.value);
        return out;
      });
    expect(await values('a/b c')).toEqual([-1e300, -1, 0, 0.5, 3, 10]);
    expect(await values('text')).toEqual([]);
    expect(await values('a')).toEqual([]);
  });

  it('sorts every double as its key', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [x, y] = [metricKey('m', a, 'f'.repeat(40)), metricKey('m', b, 'f'.repeat(40))];
        expect(readMetricKey(x).value).toBe(a === 0 ? 0 : a);
        expect(a < b).toBe(x < y);
      }),
    );
  });
});

type Step =
  | { kind: 'commit'; branch: number; parents: number[]; file: number; stated: boolean }
  | { kind: 'note'; target: number; value: number }
  | { kind: 'reset'; branch: number; to: number }
  | { kind: 'delete'; branch: number }
  | { kind: 'look' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      branch: fc.nat(2),
      parents: fc.array(fc.nat(30), { maxLength: 3 }),
      file: fc.nat(2),
      stated: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('note' as const),
      target: fc.nat(30),
      value: fc.integer({ min: -3, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), branch: fc.nat(2), to: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), branch: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'look' as const }) },
);

describe('laws', () => {
  it('[IX-4] catching up along any history gives the rows that building anew gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const repo = new FakeRepo('unused');
        const rows = new MemoryRows();
        const made: string[] = [];
        const pick = (i: number): string | undefined => made[i % Math.max(1, made.length)];
        for (const [n, s] of [...steps, { kind: 'look' as const }].entries()) {
          const branch = `refs/heads/${'branch' in s ? ['main', 'b', 'c'][s.branch] : ''}`;
          if (s.kind === 'commit') {
            const parents = [...new Set(s.parents.flatMap((p) => pick(p) ?? []))];
            const trailers = s.stated ? [patchOf(`f${s.file}.json`, `/nodes/${n}`)] : [];
            made.push(
              await repo.commit(parents, { [`f${s.file}.json`]: String(n), 'k.json': 'k' }, message(...trailers)),
            );
            repo.refs.set(branch, made.at(-1)!);
          } else if (s.kind === 'note') {
            if (pick(s.target)) await note(repo, pick(s.target)!, { metric: 'a', value: s.value });
          } else if (s.kind === 'reset') {
            if (pick(s.to)) repo.refs.set(branch, pick(s.to)!);
          } else if (s.kind === 'delete') {
            repo.refs.delete(branch);
          } else {
            expect(await catchUp(repo, rows)).toBe(true);
            const anew = new MemoryRows();
            await catchUp(repo, anew);
            expect(await rowsOf(rows)).toEqual(await rowsOf(anew));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[IX-4] deleting the folder between any two questions changes no answer', async () => {
    const repo = repository();
    const answers = (): Promise<unknown> =>
      withIndex(repo, async (index: Projection) => {
        const metrics: unknown[] = [];
        for await (const row of index.commitsWithMetric('a')) metrics.push(row);
        return [metrics, await index.changesOf('p.json'), await index.changesOf('p.json', '/nodes/1/widgets/x')];
      });
    let tip: string[] = [];
    for (let n = 0; n < 6; n++) {
      tip = [await repo.commit(tip, { 'p.json': String(n) }, message(patchOf('p.json', `/nodes/${n % 2}`)))];
      repo.refs.set('refs/heads/main', tip[0]!);
      await note(repo, tip[0]!, { metric: 'a', value: n % 3 });
      const kept = await answers();
      rmSync(join(repo.cwfDir, 'level'), { recursive: true });
      expect(await answers()).toEqual(kept);
    }
  });

  it('cannot be continued when the watermark commit is gone, and is built again', async () => {
    const repo = repository();
    const a = await repo.commit([], { 'p.json': '1' }, 'a\n');
    const b = await repo.commit([a], { 'p.json': '2' }, 'b\n');
    repo.refs.set('refs/heads/main', b);
    await withIndex(repo, async () => undefined);
    repo.refs.set('refs/heads/main', a);
    repo.objects.delete(b);
    expect(await withIndex(repo, async (index) => [await index.commit(b), (await index.commit(a))?.subject])).toEqual([
      undefined,
      'a',
    ]);
  });
});
