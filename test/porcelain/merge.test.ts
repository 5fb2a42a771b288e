import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { set } from '../../src/porcelain/set.ts';
import { status } from '../../src/porcelain/status.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { apiGraph, apiWith } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const value = (t: Temp, file: string, node: string, input: string): unknown =>
  JSON.parse(t.read(file))[node].inputs[input];
const setValue = (t: Temp, address: string, to: unknown, file = 'a.json') =>
  set.run(t.ctx, { file, values: [{ address, value: JSON.stringify(to) }] });

/** main and side, both standing on the first commit; the working tree is on main. */
async function fork(): Promise<Temp> {
  const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiGraph(), 'notes.txt': 'one\n' });
  await commit.run(t.ctx, { message: 'start' });
  t.git('add', 'notes.txt');
  t.git('commit', '-qm', 'notes');
  await switchTo.run(t.ctx, { target: 'side', create: true });
  await switchTo.run(t.ctx, { target: 'main' });
  return t;
}
const on = (t: Temp, target: string) => switchTo.run(t.ctx, { target });

describe('merge', () => {
  it('joins edits of different values, with a merge commit whose patch is relative to the first parent', async () => {
    const t = await fork();
    await setValue(t, '3.steps', 30);
    const ours = (await t.ctx.repo.head()).oid;
    await on(t, 'side');
    const theirs = (await setValue(t, '3.cfg', 5)).oid;
    await on(t, 'main');
    const dry = await merge.run(t.ctx, { rev: 'side', dryRun: true });
    expect([dry.kind, dry.oid, (await t.ctx.repo.head()).oid]).toEqual(['merged', undefined, ours]);
    const out = await merge.run(t.ctx, { rev: 'side', reason: 'try both' });
    expect(out).toMatchObject({ kind: 'merged', branch: 'refs/heads/main', conflicts: [] });
    expect([value(t, 'a.json', '3', 'steps'), value(t, 'a.json', '3', 'cfg')]).toEqual([30, 5]);
    const made = await t.ctx.repo.readCommit(out.oid!);
    expect(made.parents).toEqual([ours, theirs]);
    expect(made.message).toMatch(/^Merge side\n\ntry both\n\nCwf-Op: merge\n/);
    expect(made.message).toContain('/nodes/3/widgets/cfg');
    expect(made.message).not.toContain('/nodes/3/widgets/steps');
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    expect(t.git('status', '--porcelain', 'a.json')).toBe('');
  });

  it('is up to date, moves forward, or makes a commit all the same', async () => {
    const t = await fork();
    expect((await merge.run(t.ctx, { rev: 'side' })).kind).toBe('up-to-date');
    await on(t, 'side');
    const tip = (await setValue(t, '3.cfg', 5)).oid!;
    await on(t, 'main');
    const only = await merge.run(t.ctx, { rev: 'side', fastForward: 'no', dryRun: true });
    expect(only.kind).toBe('merged');
    expect(await merge.run(t.ctx, { rev: 'side', fastForward: 'only' })).toMatchObject({
      kind: 'fast-forward',
      oid: tip,
    });
    expect(value(t, 'a.json', '3', 'cfg')).toBe(5);
    await setValue(t, '3.steps', 1);
    await on(t, 'side');
    await setValue(t, '3.seed', 1);
    await failure('NOT_FAST_FORWARD', merge.run(t.ctx, { rev: 'main', fastForward: 'only' }));
  });

  it('lists every open decision as data and writes nothing', async () => {
    const t = await fork();
    await setValue(t, '3.steps', 30);
    await setValue(t, '6.text', 'a dog');
    await on(t, 'side');
    await setValue(t, '3.steps', 25);
    await setValue(t, '6.text', 'a bird');
    const gone = apiGraph();
    delete gone['9'];
    t.write('b.json', gone);
    await commit.run(t.ctx, {});
    await on(t, 'main');
    await setValue(t, '9.filename_prefix', 'mine', 'b.json');
    const before = [t.git('rev-parse', 'HEAD'), t.read('a.json'), t.read('b.json')];
    const out = await merge.run(t.ctx, { rev: 'side' });
    expect(out.kind).toBe('conflict');
    expect(out.conflicts).toEqual([
      {
        id: 'a.json#/nodes/3/widgets/steps',
        label: 'KSampler "portrait" (3): steps',
        file: 'a.json',
        kind: 'value',
        path: '/nodes/3/widgets/steps',
        text: 'KSampler "portrait" (3): steps: base 20, ours 30, theirs 25',
        base: 20,
        ours: 30,
        theirs: 25,
        value: 'any',
      },
      expect.objectContaining({ text: 'CLIPTextEncode (6): text: base "a cat", ours "a dog", theirs "a bird"' }),
      expect.objectContaining({ file: 'b.json', text: 'SaveImage (9): changed by ours, removed by theirs' }),
    ]);
    expect([t.git('rev-parse', 'HEAD'), t.read('a.json'), t.read('b.json')]).toEqual(before);
    await merge.run(t.ctx, { rev: 'side', favor: 'theirs' });
    expect([value(t, 'a.json', '3', 'steps'), JSON.parse(t.read('b.json'))[9]]).toEqual([25, undefined]);
  });

  it('reports a graph that only the joining breaks as a conflict of its own', async () => {
    const t = await fork();
    const gone = apiGraph();
    delete gone['7'];
    delete (gone['3']!['inputs'] as JsonObject).negative;
    t.write('a.json', gone);
    await commit.run(t.ctx, {});
    await on(t, 'side');
    const more = apiGraph();
    more['20'] = { class_type: 'ConditioningCombine', inputs: { a: ['7', 0] } };
    t.write('a.json', more);
    await commit.run(t.ctx, {});
    await on(t, 'main');
    const out = await merge.run(t.ctx, { rev: 'side' });
    expect(out.conflicts).toMatchObject([
      { kind: 'violation', text: 'node 20, input a: its link comes from node 7, which is not there' },
    ]);
  });

  it('[MG-8] decides about files as a whole: removed and changed, added twice, and files that are no workflows', async () => {
    const t = await fork();
    t.git('rm', '-qf', 'b.json');
    t.write('c.json', apiWith('3', 'steps', 1));
    t.write('notes.txt', 'ours\n');
    await commit.run(t.ctx, {});
    t.git('commit', '-qam', 'text');
    await on(t, 'side');
    await setValue(t, '3.cfg', 3, 'b.json');
    t.write('c.json', apiWith('3', 'steps', 2));
    t.write('notes.txt', 'theirs\n');
    t.write('image.bin', 'x');
    await commit.run(t.ctx, {});
    t.git('add', 'notes.txt', 'image.bin');
    t.git('commit', '-qm', 'text');
    await on(t, 'main');
    const out = await merge.run(t.ctx, { rev: 'side' });
    expect(out.conflicts.map(({ file, text }) => `${file}: ${text}`)).toEqual([
      'b.json: the file as a whole: removed by ours, changed by theirs',
      'c.json: the file as a whole: added by both',
      'notes.txt: the file as a whole: changed by both',
    ]);
    await merge.run(t.ctx, { rev: 'side', favor: 'theirs' });
    expect([t.read('notes.txt'), t.read('image.bin'), value(t, 'c.json', '3', 'steps')]).toEqual(['theirs\n', 'x', 2]);
    expect(t.git('status', '--porcelain')).toBe('');
  });

  it('keeps uncommitted work: refused where the merge must write, untouched elsewhere', async () => {
    const t = await fork();
    await on(t, 'side');
    await setValue(t, '3.cfg', 5);
    await on(t, 'main');
    await setValue(t, '3.steps', 30);
    t.write('b.json', apiWith('3', 'seed', 1));
    t.write('a.json', apiWith('3', 'seed', 2));
    await failure('UNCOMMITTED_CHANGES', merge.run(t.ctx, { rev: 'side' }));
    expect(value(t, 'a.json', '3', 'seed')).toBe(2);
    t.git('checkout', 'a.json');
    expect((await merge.run(t.ctx, { rev: 'side' })).kind).toBe('merged');
    expect(value(t, 'b.json', '3', 'seed')).toBe(1);
  });

  it('refuses unrelated histories, a merge of plain git under way, and an unknown revision', async () => {
    const t = await fork();
    await failure('REV_NOT_FOUND', merge.run(t.ctx, { rev: 'nope' }));
    const tree = t.git('mktree').trim() || t.git('write-tree').trim();
    const alone = t.git('commit-tree', '-m', 'alone', tree).trim();
    await failure('NO_MERGE_BASE', merge.run(t.ctx, { rev: alone }));
    t.write('.git/MERGE_HEAD', `${t.git('rev-parse', 'side')}`);
    await failure('MERGE_UNDER_WAY', merge.run(t.ctx, { rev: 'side' }));
  });

  it('[MG-9] merges criss-cross histories over the merged bases', async () => {
    const t = await fork();
    await setValue(t, '3.steps', 30);
    await on(t, 'side');
    await setValue(t, '3.cfg', 5);
    t.git('branch', 'a1', 'main');
    t.git('branch', 'b1', 'side');
    await merge.run(t.ctx, { rev: 'a1' });
    await on(t, 'main');
    await merge.run(t.ctx, { rev: 'b1' });
    await setValue(t, '3.steps', 31);
    await on(t, 'side');
    await setValue(t, '3.cfg', 6);
    expect(
      (await t.ctx.repo.mergeBases(await t.ctx.repo.resolve('main'), await t.ctx.repo.resolve('side'))).length,
    ).toBe(2);
    expect((await merge.run(t.ctx, { rev: 'main' })).kind).toBe('merged');
    expect([value(t, 'a.json', '3', 'steps'), value(t, 'a.json', '3', 'cfg')]).toEqual([31, 6]);
  });

  it('does not lose the commit of a writer that is faster', async () => {
    const t = await fork();
    await on(t, 'side');
    await setValue(t, '3.cfg', 5);
    await on(t, 'main');
    await setValue(t, '3.steps', 30);
    const other = await t.open();
    let raced = false;
    const { transaction } = t.ctx.repo;
    const faster = async (...args: Parameters<typeof transaction>): Promise<unknown> => {
      if (!raced) {
        raced = true;
        await set.run(other, { file: 'b.json', values: [{ address: '3.seed', value: '9' }] });
      }
      return transaction.apply(t.ctx.repo, args);
    };
    const repo = Object.create(t.ctx.repo, { transaction: { value: faster } });
    const ctx = Object.create(t.ctx, { repo: { value: repo } });
    expect((await merge.run(ctx, { rev: 'side' })).kind).toBe('merged');
    expect([value(t, 'a.json', '3', 'cfg'), value(t, 'b.json', '3', 'seed')]).toEqual([5, 9]);
    expect(t.git('log', '--oneline').split('\n').length).toBe(7);
  });
});
