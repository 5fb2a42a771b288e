import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import {
  changedNotes,
  NOTE_KINDS,
  Notes,
  noteLine,
  notesRef,
  stageNotes,
  treeOfCommit,
} from '../../../src/io/repo/notes.ts';
import { FakeStore } from './fake-store.ts';
import { GitStore } from './git-store.ts';

/** Adds facts as a transaction does: stage on the tip, then move the ref. */
async function addNotes(store: FakeStore, kind: string, additions: Map<string, string[]>): Promise<string> {
  const tip = await stageNotes(store, kind, await store.readRef(notesRef(kind)), additions);
  if (store instanceof GitStore) store.git('update-ref', notesRef(kind), tip!);
  else store.refs.set(notesRef(kind), tip!);
  return tip!;
}

async function blobs(store: FakeStore, n: number): Promise<string[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => store.writeObject('blob', Buffer.from(`object ${i}`))));
}

async function all(notes: Notes): Promise<Map<string, unknown[]>> {
  const out = new Map<string, unknown[]>();
  for await (const { oid, facts } of notes.list()) out.set(oid, facts);
  return out;
}

const stores: GitStore[] = [];
const gitStore = (): GitStore => {
  const store = new GitStore();
  stores.push(store);
  return store;
};
afterAll(() => {
  for (const store of stores) store.remove();
});

describe('notes and git notes', () => {
  let store: GitStore;
  let commits: string[];

  beforeAll(() => {
    store = gitStore();
    for (let i = 0; i < 5; i++) store.git('commit', '-q', '--allow-empty', '-m', `c${i}`);
    commits = store.git('log', '--format=%H').split('\n');
  });

  it('[NT-1] [NT-2] are one sorted set of canonical lines, read alike by both', async () => {
    const [oid] = commits as [string];
    const facts: JsonObject[] = [
      { value: 0.5, metric: 'sharpness' },
      { metric: 'contrast', value: 2 },
    ];
    for (const fact of [...facts, facts[0]!]) await addNotes(store, 'metrics', new Map([[oid, [noteLine(fact)]]]));
    expect(store.git('notes', '--ref=cwf/metrics', 'show', oid)).toBe(
      '{"metric":"contrast","value":2}\n{"metric":"sharpness","value":0.5}',
    );
    expect(await new Notes(store, 'metrics').read(oid)).toEqual([facts[1], { metric: 'sharpness', value: 0.5 }]);
    expect(store.git('fsck', '--strict')).not.toMatch(/error/);
  });

  it('[NT-3] keeps lines that are no facts, whatever their bytes', async () => {
    const [, oid] = commits as [string, string];
    store.git('notes', '--ref=cwf/review', 'add', '-m', 'looks good, ü\n\n[1,2]', oid);
    await addNotes(store, 'review', new Map([[oid, ['{"by":"me"}']]]));
    expect(store.git('notes', '--ref=cwf/review', 'show', oid)).toBe('[1,2]\nlooks good, ü\n{"by":"me"}');
    expect(await new Notes(store, 'review').read(oid)).toEqual(['[1,2]', 'looks good, ü', { by: 'me' }]);
  });

  it('[NT-4] reads what git wrote flat, and git reads what cwf wrote in folders', async () => {
    for (const oid of commits) store.git('notes', '--ref=cwf/runs', 'add', '-m', `{"run":"${oid.slice(0, 4)}"}`, oid);
    const notes = new Notes(store, 'runs');
    expect([...(await all(notes)).keys()]).toEqual([...commits].sort());
    await addNotes(store, 'runs', new Map([[commits[2]!, ['{"z":1}']]]));
    expect(store.git('ls-tree', '-r', '--name-only', notesRef('runs'))).toContain(
      `${commits[2]!.slice(0, 2)}/${commits[2]!.slice(2)}`,
    );
    expect(store.git('notes', '--ref=cwf/runs', 'show', commits[2]!)).toContain('{"z":1}');
    expect(store.git('notes', '--ref=cwf/runs', 'list').split('\n')).toHaveLength(5);
    store.git('notes', '--ref=cwf/runs', 'append', '-m', '{"y":1}', commits[0]!);
    expect((await all(notes)).get(commits[0]!)).toEqual([{ run: commits[0]!.slice(0, 4) }, { y: 1 }]);
    expect((await all(notes)).get(commits[2]!)).toEqual([{ run: commits[2]!.slice(0, 4) }, { z: 1 }]);
  });

  it('[C3-50] refuses a note on an object that does not exist, and writes nothing', async () => {
    const before = await store.readRef(notesRef('metrics'));
    for (const oid of ['f'.repeat(40), 'HEAD', '']) {
      await expect(addNotes(store, 'metrics', new Map([[oid, ['{}']]]))).rejects.toMatchObject({
        code: 'NOTE_TARGET_MISSING',
      });
    }
    expect(await store.readRef(notesRef('metrics'))).toBe(before);
  });

  it('refuses a line that is not one line', async () => {
    for (const line of ['', 'a\nb', 'a\0b']) {
      await expect(addNotes(store, 'metrics', new Map([[commits[0]!, [line]]]))).rejects.toMatchObject({
        code: 'NOTE_INVALID',
      });
    }
  });
});

describe('fan-out', () => {
  it('[NT-4] agrees with git on a few hundred notes that git fanned out itself', async () => {
    const store = gitStore();
    const who = 'committer A <a@b> 1700000000 +0000';
    const commits = Array.from({ length: 400 }, (_, i) => [
      'commit refs/heads/x',
      `mark :${i + 1}`,
      who,
      'data 1',
      `${i % 10}`,
    ]);
    const additions = commits.flatMap((_, i) => [`N inline :${i + 1}`, 'data <<E', `{"n":${i}}`, 'E']);
    const stream = [...commits.flat(), 'commit refs/notes/cwf/rank', who, 'data 1', 'm', ...additions, ''];
    execFileSync('git', ['-C', store.dir, 'fast-import', '--quiet'], { input: stream.join('\n') });
    const oids = store.git('log', '--reverse', '--topo-order', '--format=%H', 'x').split('\n');
    const notes = new Notes(store, 'rank');
    const read = await all(notes);
    expect(read.size).toBe(400);
    oids.forEach((oid, i) => {
      expect(read.get(oid)).toEqual([{ n: i }]);
    });
    await addNotes(store, 'rank', new Map(oids.slice(0, 50).map((oid) => [oid, ['{"a":0}']])));
    expect(store.git('notes', '--ref=cwf/rank', 'list').split('\n')).toHaveLength(400);
    expect(await notes.read(oids[7]!)).toEqual([{ a: 0 }, { n: 7 }]);
  });

  it('[NT-4] any mixture of depths gives the union, and writing folds it', async () => {
    const store = new FakeStore();
    const [oid] = (await blobs(store, 1)) as [string];
    const blob = (text: string): Promise<string> => store.writeObject('blob', Buffer.from(text));
    const { encodeTree } = await import('../../../src/io/repo/tree-object.ts');
    const tree = (...entries: [string, string, string][]): Promise<string> =>
      store.writeObject('tree', encodeTree(entries.map(([mode, name, id]) => ({ mode, name, oid: id }))));
    const deep = await tree(['100644', oid.slice(4), await blob('{"deep":1}\n')]);
    const middle = await tree(['40000', oid.slice(2, 4), deep], ['100644', oid.slice(2), await blob('{"middle":1}')]);
    const root = await tree(
      ['40000', oid.slice(0, 2), middle],
      ['100644', oid, await blob('{"flat":1}')],
      ['100644', 'README', await blob('hi')],
    );
    store.refs.set(notesRef('runs'), await store.writeCommit({ tree: root, parents: [], message: 'm' }));
    const notes = new Notes(store, 'runs');
    const expected = [{ deep: 1 }, { flat: 1 }, { middle: 1 }];
    expect(await notes.read(oid)).toEqual(expected);
    expect(await all(notes)).toEqual(new Map([[oid, expected]]));
    const tip = await addNotes(store, 'runs', new Map([[oid, ['{"new":1}']]]));
    expect(await notes.read(oid)).toEqual([...expected, { new: 1 }]);
    const { decodeTree } = await import('../../../src/io/repo/tree-object.ts');
    const names = decodeTree('', (await store.readObject(await treeOfCommit(store, tip))).body).map((e) => e.name);
    expect(names).toEqual(['README', oid.slice(0, 2)].sort());
  });
});

describe('laws', () => {
  const line = fc
    .record({ k: fc.integer({ min: 0, max: 3 }), v: fc.string({ unit: 'grapheme', maxLength: 4 }) })
    .map(noteLine);
  const additions = fc.array(fc.tuple(fc.nat(7), fc.array(line, { maxLength: 3 })), { maxLength: 8 });

  it('[NT-1] writers on a moved tip stage again and no fact is lost or doubled, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(additions, additions, async (mine, theirs) => {
        const store = new FakeStore();
        const oids = await blobs(store, 8);
        const asMap = (adds: [number, string[]][]): Map<string, string[]> =>
          new Map(adds.map(([i, lines]) => [oids[i]!, lines]));
        // Both stage on the same tip; the second loses the race and stages again on what the first made.
        const first = await stageNotes(store, 'runs', undefined, asMap(mine));
        await stageNotes(store, 'runs', undefined, asMap(theirs));
        const ab = await stageNotes(store, 'runs', first, asMap(theirs));
        const ba = await stageNotes(
          store,
          'runs',
          await stageNotes(store, 'runs', undefined, asMap(theirs)),
          asMap(mine),
        );
        const state = async (tip: string | undefined): Promise<unknown> => {
          if (tip !== undefined) store.refs.set(notesRef('runs'), tip);
          return tip === undefined ? [] : [...(await all(new Notes(store, 'runs')))];
        };
        expect(await state(ab)).toEqual(await state(ba));
        for (const [oid, lines] of [...asMap(mine), ...asMap(theirs)]) {
          const facts = await new Notes(store, 'runs').read(oid);
          for (const text of lines) expect(facts.filter((f) => noteLine(f as JsonObject) === text)).toHaveLength(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('changedNotes names every note that differs', async () => {
    await fc.assert(
      fc.asyncProperty(additions, additions, async (first, second) => {
        const store = new FakeStore();
        const oids = await blobs(store, 8);
        const asMap = (adds: [number, string[]][]): Map<string, string[]> =>
          new Map(adds.map(([i, lines]) => [oids[i]!, lines]));
        const a = await stageNotes(store, 'runs', undefined, asMap(first));
        const b = await stageNotes(store, 'runs', a, asMap(second));
        const tree = async (tip: string | undefined): Promise<string | undefined> =>
          tip ? treeOfCommit(store, tip) : undefined;
        const state = async (tip: string | undefined): Promise<Map<string, unknown[]>> => {
          if (tip === undefined) return new Map();
          store.refs.set(notesRef('runs'), tip);
          return all(new Notes(store, 'runs'));
        };
        const [before, after] = [await state(a), await state(b)];
        const differ = oids.filter((oid) => JSON.stringify(before.get(oid)) !== JSON.stringify(after.get(oid)));
        expect([...(await changedNotes(store, await tree(a), await tree(b)))].sort()).toEqual(
          [...new Set(differ)].sort(),
        );
        expect([...(await changedNotes(store, await tree(b), await tree(a)))].sort()).toEqual(
          [...new Set(differ)].sort(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('a note among ten thousand reads and writes a handful of objects', async () => {
    const store = new FakeStore();
    const oids = await blobs(store, 10_000);
    const tip = await stageNotes(
      store,
      'metrics',
      undefined,
      new Map(oids.map((oid) => [oid, ['{"metric":"a","value":1}']])),
    );
    store.reads = 0;
    const before = store.objects.size;
    await stageNotes(store, 'metrics', tip, new Map([[oids[0]!, ['{"metric":"b","value":1}']]]));
    expect(store.reads).toBeLessThan(8);
    expect(store.objects.size - before).toBe(4);
    expect(NOTE_KINDS).toContain('metrics');
  });
});
