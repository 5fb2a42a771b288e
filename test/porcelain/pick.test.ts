import { describe, expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { cherryPick, revert } from '../../src/porcelain/pick.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { apiGraph } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const value = (t: Temp, input: string): unknown => JSON.parse(t.read('a.json'))[3].inputs[input];
const setValue = async (t: Temp, address: string, to: unknown): Promise<string> =>
  (await set.run(t.ctx, { file: 'a.json', values: [{ address, value: JSON.stringify(to) }] })).oid!;

async function start() {
  const t = await tempRepo({ 'a.json': apiGraph() });
  const root = (await commit.run(t.ctx, { message: 'start' })).oid!;
  return { t, root };
}

describe('revert', () => {
  it('takes back one past edit and keeps what came later', async () => {
    const { t } = await start();
    const bad = await setValue(t, '3.steps', 99);
    await setValue(t, '3.cfg', 5);
    const { picks } = await revert.run(t.ctx, { revs: [bad], reason: 'too slow' });
    expect(picks).toMatchObject([{ kind: 'done', of: bad, subject: 'KSampler "portrait" (3): steps 20 -> 99' }]);
    expect([value(t, 'steps'), value(t, 'cfg')]).toEqual([20, 5]);
    const { message } = await t.ctx.repo.readCommit(picks[0]!.oid!);
    expect(message).toMatch(/^Revert "KSampler "portrait" \(3\): steps 20 -> 99"\n\nThis reverts commit /);
    expect(message).toContain('too slow');
    expect(message).toContain(`\nCwf-Op: revert\n`);
    expect(message).toContain(`\nCwf-Cause: reverts ${bad}\n`);
    expect((await revert.run(t.ctx, { revs: [bad] })).picks[0]).toMatchObject({ kind: 'empty' });
  });

  it('is a conflict where a later edit touched the same value, and writes nothing', async () => {
    const { t } = await start();
    const bad = await setValue(t, '3.steps', 99);
    const head = await setValue(t, '3.steps', 50);
    const { picks } = await revert.run(t.ctx, { revs: [bad] });
    expect(picks[0]).toMatchObject({
      kind: 'conflict',
      conflicts: [{ path: '/nodes/3/widgets/steps', base: 99, ours: 50, theirs: 20 }],
    });
    expect([(await t.ctx.repo.head()).oid, value(t, 'steps')]).toEqual([head, 50]);
    await revert.run(t.ctx, { revs: [bad], favor: 'theirs' });
    expect(value(t, 'steps')).toBe(20);
  });

  it('takes back the first commit, several in a row, and a merge only with its mainline', async () => {
    const { t, root } = await start();
    await switchTo.run(t.ctx, { target: 'side', create: true });
    await setValue(t, '3.cfg', 5);
    await switchTo.run(t.ctx, { target: 'main' });
    await setValue(t, '3.steps', 1);
    const merged = (await merge.run(t.ctx, { rev: 'side' })).oid!;
    await failure('MAINLINE_NEEDED', revert.run(t.ctx, { revs: [merged] }));
    await failure('REV_NOT_FOUND', revert.run(t.ctx, { revs: [merged], mainline: 3 }));
    await failure('REV_NOT_FOUND', revert.run(t.ctx, { revs: [merged, 'nope'], mainline: 1 }));
    await revert.run(t.ctx, { revs: [merged], mainline: 1 });
    expect([value(t, 'cfg'), value(t, 'steps')]).toEqual([8, 1]);
    const two = await revert.run(t.ctx, { revs: ['HEAD', 'HEAD~2'] });
    expect(two.picks.map(({ kind }) => kind)).toEqual(['done', 'done']);
    expect([value(t, 'cfg'), value(t, 'steps')]).toEqual([5, 20]);
    expect((await revert.run(t.ctx, { revs: [root] })).picks[0]!.conflicts).toMatchObject([{ kind: 'file' }]);
  });
});

describe('cherry-pick', () => {
  it('repeats a commit with its author and message, and names where it came from', async () => {
    const { t } = await start();
    await switchTo.run(t.ctx, { target: 'side', create: true });
    const bob = await t.open({ env: { ...t.ctx.env, GIT_AUTHOR_NAME: 'Bob', GIT_AUTHOR_EMAIL: 'bob@example.org' } });
    const input = { file: 'a.json', values: [{ address: '3.cfg', value: '5' }], message: 'softer\n\nfor skin' };
    const picked = (await set.run(bob, input)).oid!;
    await switchTo.run(t.ctx, { target: 'main' });
    await setValue(t, '3.steps', 1);
    const dry = await cherryPick.run(t.ctx, { revs: ['side'], dryRun: true });
    expect(dry.picks[0]).toMatchObject({ kind: 'done', files: [{ graph: 1 }] });
    expect(dry.picks[0]!.oid).toBeUndefined();
    const { picks } = await cherryPick.run(t.ctx, { revs: ['side'] });
    expect([value(t, 'cfg'), value(t, 'steps')]).toEqual([5, 1]);
    const made = await t.ctx.repo.readCommit(picks[0]!.oid!);
    expect([made.author.name, made.committer.name]).toEqual(['Bob', 'Ada']);
    expect(made.message).toMatch(/^softer\n\nfor skin\n\nCwf-Op: cherry-pick\n/);
    expect(made.message.match(/^Cwf-/gm)?.length).toBe(6);
    expect(made.message).toContain(`\nCwf-Cause: cherry-picked ${picked}\n`);
    expect((await cherryPick.run(t.ctx, { revs: ['side'] })).picks[0]!.kind).toBe('empty');
  });

  it('stops at a conflict, with what came before it kept', async () => {
    const { t } = await start();
    await switchTo.run(t.ctx, { target: 'side', create: true });
    await setValue(t, '3.cfg', 5);
    await setValue(t, '3.steps', 7);
    await setValue(t, '3.seed', 7);
    await switchTo.run(t.ctx, { target: 'main' });
    await setValue(t, '3.steps', 1);
    const { picks } = await cherryPick.run(t.ctx, { revs: ['side~2', 'side~1', 'side'] });
    expect(picks.map(({ kind }) => kind)).toEqual(['done', 'conflict']);
    expect([value(t, 'cfg'), value(t, 'steps'), value(t, 'seed')]).toEqual([5, 1, 42]);
  });
});
