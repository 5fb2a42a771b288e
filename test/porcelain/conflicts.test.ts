import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { conflicts, mergeAbort, mergeContinue, resolve } from '../../src/porcelain/conflicts.ts';
import { fsck } from '../../src/porcelain/fsck.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { cherryPick, revert } from '../../src/porcelain/pick.ts';
import { set } from '../../src/porcelain/set.ts';
import { show } from '../../src/porcelain/show.ts';
import { status } from '../../src/porcelain/status.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { apiGraph } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const value = (t: Temp, node: string, input: string, file = 'a.json'): unknown =>
  JSON.parse(t.read(file))[node].inputs[input];
const setValue = (t: Temp, address: string, to: unknown, file = 'a.json') =>
  set.run(t.ctx, { file, values: [{ address, value: JSON.stringify(to) }] });
const on = (t: Temp, target: string) => switchTo.run(t.ctx, { target });
const head = (t: Temp): string => t.git('rev-parse', 'HEAD').trim();

/** Both branches changed two values, and each one of its own; the working tree is on main. */
async function clash(): Promise<Temp> {
  const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiGraph() });
  await commit.run(t.ctx, { message: 'start' });
  await switchTo.run(t.ctx, { target: 'side', create: true });
  await setValue(t, '3.steps', 25);
  await setValue(t, '6.text', 'a bird');
  await setValue(t, '3.cfg', 5);
  await on(t, 'main');
  await setValue(t, '3.steps', 30);
  await setValue(t, '6.text', 'a dog');
  await setValue(t, '5.width', 768);
  return t;
}

describe('a merge that waits for decisions', () => {
  it('[MG-11] is resolved one by one and ends in a merge commit that says what was decided', async () => {
    const t = await clash();
    const ours = head(t);
    const files = [t.read('a.json'), t.git('status', '--porcelain', 'a.json')];
    expect((await merge.run(t.ctx, { rev: 'side' })).kind).toBe('conflict');
    expect([head(t), t.read('a.json'), t.git('status', '--porcelain', 'a.json')]).toEqual([ours, ...files]);
    expect(await status.run(t.ctx, {})).toMatchObject({ inProgress: ['merge'], waits: { op: 'merge', rev: 'side' } });
    const asked = await conflicts.run(t.ctx, {});
    expect(asked).toMatchObject({ op: 'merge', rev: 'side', open: 2 });
    expect(asked.conflicts.map(({ number, id }) => [number, id])).toEqual([
      [1, 'a.json#/nodes/3/widgets/steps'],
      [2, 'a.json#/nodes/6/widgets/text'],
    ]);
    await failure('MERGE_UNRESOLVED', mergeContinue.run(t.ctx, { op: 'merge' }));
    expect((await resolve.run(t.ctx, { ids: ['1'], value: '28' })).open).toBe(1);
    const done = await resolve.run(t.ctx, { ids: ['a.json#/nodes/6/widgets/text'], take: 'theirs' });
    expect(done.conflicts.map(({ resolution }) => resolution)).toEqual([{ value: 28 }, { take: 'theirs' }]);
    // Begun again by mistake it would be the same merge, with what was decided.
    const out = await mergeContinue.run(t.ctx, { op: 'merge', message: 'Both ideas' });
    expect([value(t, '3', 'steps'), value(t, '6', 'text'), value(t, '3', 'cfg'), value(t, '5', 'width')]).toEqual([
      28,
      'a bird',
      5,
      768,
    ]);
    const made = await t.ctx.repo.readCommit(out.oid!);
    expect(made.parents).toEqual([ours, t.git('rev-parse', 'side').trim()]);
    expect(made.message).toMatch(/^Both ideas\n/);
    expect(made.message).toContain('Cwf-Resolved: value "a.json#/nodes/3/widgets/steps"\n');
    expect(made.message).toContain('Cwf-Resolved: theirs "a.json#/nodes/6/widgets/text"\n');
    expect(await show.run(t.ctx, {})).toMatchObject({
      resolved: [
        { id: 'a.json#/nodes/3/widgets/steps', choice: 'value' },
        { id: 'a.json#/nodes/6/widgets/text', choice: 'theirs' },
      ],
    });
    expect([t.git('status', '--porcelain', 'a.json'), (await status.run(t.ctx, {})).inProgress]).toEqual(['', []]);
    expect((await fsck.run(t.ctx, {})).findings).toEqual([]);
    await failure('MERGE_NONE', conflicts.run(t.ctx, {}));
    await undo.run(t.ctx, {});
    expect([head(t), value(t, '3', 'steps')]).toEqual([ours, 30]);
  });

  it('[MG-11] keeps a resolution while its sides stay, asks again where one moved, and merges onto what HEAD is', async () => {
    const t = await clash();
    await merge.run(t.ctx, { rev: 'side' });
    await resolve.run(t.ctx, { ids: [], all: true, take: 'ours' });
    await setValue(t, '6.text', 'a wolf');
    await setValue(t, '5.height', 640);
    const again = await conflicts.run(t.ctx, {});
    expect(again.conflicts.map(({ resolution }) => resolution)).toEqual([{ take: 'ours' }, undefined]);
    await failure('MERGE_UNRESOLVED', mergeContinue.run(t.ctx, { op: 'merge' }));
    expect((await merge.run(t.ctx, { rev: 'side' })).conflicts[0]).toMatchObject({ resolution: { take: 'ours' } });
    await resolve.run(t.ctx, { ids: ['a.json'], take: 'base' });
    await mergeContinue.run(t.ctx, { op: 'merge' });
    expect([value(t, '3', 'steps'), value(t, '6', 'text'), value(t, '5', 'height')]).toEqual([30, 'a cat', 640]);
  });

  it('[MG-14] tells what would be committed and the errors it brings once every decision is made, and refuses them with check', async () => {
    const t = await clash();
    await merge.run(t.ctx, { rev: 'side' });
    const some = await resolve.run(t.ctx, { ids: ['1'], value: '"many"' });
    expect([some.open, some.files, some.faults]).toEqual([1, undefined, undefined]);
    const all = await resolve.run(t.ctx, { ids: ['2'], take: 'theirs' });
    expect(all.files!.flatMap(({ lines }) => lines.map(({ text }) => text))).toContain(
      'KSampler "portrait" (3): steps 30 -> "many"',
    );
    expect(all.faults).toMatchObject([{ file: 'a.json', node: '3', input: 'steps', severity: 'error' }]);
    expect((await conflicts.run(t.ctx, {})).faults).toEqual(all.faults);
    const before = head(t);
    const refused = await failure('EDIT_REFUSED', mergeContinue.run(t.ctx, { op: 'merge', check: true }));
    expect(refused.message).toMatch(/^a\.json: the change brings an error: KSampler \(3\) steps/);
    expect(head(t)).toBe(before);
    const done = await mergeContinue.run(t.ctx, { op: 'merge' });
    expect([done.faults, value(t, '3', 'steps')]).toEqual([all.faults, 'many']);
    // Begun without a question: a dry run tells them, and check refuses.
    await undo.run(t.ctx, {});
    t.git('branch', 'bad', done.oid!);
    expect((await merge.run(t.ctx, { rev: 'bad', dryRun: true })).faults).toEqual(all.faults);
    await failure('EDIT_REFUSED', merge.run(t.ctx, { rev: 'bad', check: true }));
    expect(await merge.run(t.ctx, { rev: 'bad' })).toMatchObject({ kind: 'fast-forward', oid: done.oid });
  });

  it('is given up without a trace, and begun again with a side that wins', async () => {
    const t = await clash();
    const before = head(t);
    await merge.run(t.ctx, { rev: 'side' });
    await failure('MERGE_OTHER', mergeAbort.run(t.ctx, { op: 'revert' }));
    await failure('MERGE_OPEN', merge.run(t.ctx, { rev: 'main~1' }));
    await failure('MERGE_OPEN', revert.run(t.ctx, { revs: ['main'] }));
    await mergeAbort.run(t.ctx, { op: 'merge' });
    await failure('MERGE_NONE', mergeAbort.run(t.ctx, { op: 'merge' }));
    expect([head(t), (await status.run(t.ctx, {})).inProgress]).toEqual([before, []]);
    await merge.run(t.ctx, { rev: 'side', dryRun: true });
    await failure('MERGE_NONE', conflicts.run(t.ctx, {}));
    await merge.run(t.ctx, { rev: 'side' });
    expect((await merge.run(t.ctx, { rev: 'side', favor: 'theirs' })).kind).toBe('merged');
    await failure('MERGE_NONE', conflicts.run(t.ctx, {}));
  });

  it('refuses what it cannot mean: unknown conflicts, values that do not fit, another branch', async () => {
    const t = await clash();
    await failure('MERGE_NONE', resolve.run(t.ctx, { ids: ['1'], take: 'ours' }));
    await merge.run(t.ctx, { rev: 'side' });
    for (const id of ['3', '0', 'b.json', 'a.json#/nodes']) {
      await failure('CONFLICT_NOT_FOUND', resolve.run(t.ctx, { ids: [id], take: 'ours' }));
    }
    await failure('RESOLUTION_INVALID', resolve.run(t.ctx, { ids: ['1'], value: 'many' }));
    await failure('RESOLUTION_INVALID', resolve.run(t.ctx, { ids: ['1'] }));
    expect((await resolve.run(t.ctx, { ids: ['2'], value: 'a fox' })).open).toBe(1);
    await switchTo.run(t.ctx, { target: 'other', create: true });
    await failure('MERGE_ELSEWHERE', mergeContinue.run(t.ctx, { op: 'merge' }));
    await on(t, 'main');
    await resolve.run(t.ctx, { ids: ['1'], take: 'theirs' });
    const before = head(t);
    expect((await mergeContinue.run(t.ctx, { op: 'merge', dryRun: true })).oid).toBeUndefined();
    expect(head(t)).toBe(before);
    t.write('a.json', '{ "3": ');
    await failure('UNCOMMITTED_CHANGES', mergeContinue.run(t.ctx, { op: 'merge' }));
    expect(t.read('a.json')).toBe('{ "3": ');
    t.git('checkout', 'a.json');
    await mergeContinue.run(t.ctx, { op: 'merge' });
    expect([value(t, '3', 'steps'), value(t, '6', 'text')]).toEqual([25, 'a fox']);
  });

  it('[MG-11] asks about a graph that only the joining breaks, and takes one side of all it stands on', async () => {
    for (const take of ['ours', 'theirs'] as const) {
      const t = await tempRepo({ 'a.json': apiGraph() });
      await commit.run(t.ctx, { message: 'start' });
      await switchTo.run(t.ctx, { target: 'side', create: true });
      const more = apiGraph();
      more['20'] = { class_type: 'ConditioningCombine', inputs: { a: ['7', 0] } };
      t.write('a.json', more);
      await commit.run(t.ctx, {});
      await on(t, 'main');
      const gone = apiGraph();
      delete gone['7'];
      delete (gone['3']!['inputs'] as JsonObject).negative;
      t.write('a.json', gone);
      await commit.run(t.ctx, {});
      await merge.run(t.ctx, { rev: 'side' });
      expect((await conflicts.run(t.ctx, {})).conflicts).toMatchObject([{ id: 'a.json#DANGLING_LINK/20/a' }]);
      await failure('RESOLUTION_INVALID', resolve.run(t.ctx, { ids: ['1'], value: '1' }));
      await resolve.run(t.ctx, { ids: ['1'], take });
      await mergeContinue.run(t.ctx, { op: 'merge' });
      const graph = JSON.parse(t.read('a.json'));
      expect([graph[20].inputs, graph[7]?.class_type]).toEqual(
        take === 'ours' ? [{}, undefined] : [{ a: ['7', 0] }, 'CLIPTextEncode'],
      );
      expect((await fsck.run(t.ctx, {})).findings).toEqual([]);
    }
  });

  it('[MG-10] strict: two edits of one node are one decision', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    await switchTo.run(t.ctx, { target: 'side', create: true });
    await setValue(t, '3.cfg', 5);
    await on(t, 'main');
    await setValue(t, '3.steps', 30);
    await setValue(t, '5.width', 768);
    expect((await merge.run(t.ctx, { rev: 'side', dryRun: true })).kind).toBe('merged');
    const out = await merge.run(t.ctx, { rev: 'side', isStrict: true });
    expect(out.conflicts.map(({ id }) => id)).toEqual(['a.json#/nodes/3']);
    expect(out.conflicts[0]!.text).toBe('KSampler "portrait" (3): changed by both');
    await resolve.run(t.ctx, { ids: ['1'], take: 'theirs' });
    await mergeContinue.run(t.ctx, { op: 'merge' });
    expect([value(t, '3', 'steps'), value(t, '3', 'cfg'), value(t, '5', 'width')]).toEqual([20, 5, 768]);
  });

  it('a file as a whole takes a side, or what both began with', async () => {
    const t = await clash();
    t.git('rm', '-qf', 'b.json');
    await commit.run(t.ctx, {});
    await on(t, 'side');
    await setValue(t, '3.cfg', 3, 'b.json');
    await on(t, 'main');
    await merge.run(t.ctx, { rev: 'side' });
    await failure('RESOLUTION_INVALID', resolve.run(t.ctx, { ids: ['b.json'], value: '1' }));
    await resolve.run(t.ctx, { ids: ['a.json'], take: 'ours' });
    await resolve.run(t.ctx, { ids: ['b.json'], take: 'theirs' });
    await mergeContinue.run(t.ctx, { op: 'merge' });
    expect([value(t, '3', 'cfg', 'b.json'), value(t, '3', 'steps')]).toEqual([3, 30]);
  });
});

describe('revert and cherry-pick that wait for decisions', () => {
  it('[MG-11] go on with the commits that follow', async () => {
    const t = await clash();
    const [one, two, three] = t.git('log', '--reverse', '--format=%H', 'main..side').trim().split('\n');
    const out = await cherryPick.run(t.ctx, { revs: [three!, one!, two!] });
    expect(out.picks.map(({ kind }) => kind)).toEqual(['done', 'conflict']);
    await resolve.run(t.ctx, { ids: ['1'], take: 'theirs' });
    await failure('MERGE_OTHER', mergeContinue.run(t.ctx, { op: 'revert' }));
    const more = await mergeContinue.run(t.ctx, { op: 'cherry-pick' });
    expect(more.subject).toContain('steps');
    expect(more.picks.map(({ kind }) => kind)).toEqual(['conflict']);
    await resolve.run(t.ctx, { ids: ['1'], take: 'ours' });
    expect(await mergeContinue.run(t.ctx, { op: 'cherry-pick' })).toMatchObject({ files: [], picks: [] });
    expect([value(t, '3', 'steps'), value(t, '6', 'text'), value(t, '3', 'cfg')]).toEqual([25, 'a dog', 5]);
    await failure('MERGE_NONE', conflicts.run(t.ctx, {}));
  });

  it('[MG-11] a revert of a value that was changed since takes a value of its own', async () => {
    const t = await clash();
    const first = t.git('rev-parse', 'main~2').trim();
    await setValue(t, '3.steps', 40);
    expect((await revert.run(t.ctx, { revs: [first] })).picks[0]!.kind).toBe('conflict');
    await resolve.run(t.ctx, { ids: ['1'], value: '22' });
    const out = await mergeContinue.run(t.ctx, { op: 'revert' });
    expect((await t.ctx.repo.readCommit(out.oid!)).message).toContain(`Cwf-Cause: reverts ${first}`);
    expect(value(t, '3', 'steps')).toBe(22);
  });
});
