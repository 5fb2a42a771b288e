import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { mergeContinue, resolve } from '../../src/porcelain/conflicts.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { edit } from '../../src/porcelain/edit.ts';
import { fsck } from '../../src/porcelain/fsck.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { noteShow } from '../../src/porcelain/note.ts';
import { propose } from '../../src/porcelain/propose.ts';
import { protect } from '../../src/porcelain/protect.ts';
import { repair } from '../../src/porcelain/repair.ts';
import { reviewList, reviewShow } from '../../src/porcelain/review.ts';
import { reviewMerge } from '../../src/porcelain/review-merge.ts';
import {
  reviewApprove,
  reviewChecks,
  reviewComment,
  reviewReject,
  reviewRequestChanges,
} from '../../src/porcelain/review-say.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { redo, undo } from '../../src/porcelain/undo.ts';
import { apiGraph, apiWith } from './samples.ts';
import { ENV, failure, type Temp, tempDir, tempRepo } from './temp.ts';

interface World extends Temp {
  readonly agent: Context;
  readonly bob: Context;
}

async function world(): Promise<World> {
  const temp = await tempRepo({ 'a.json': apiWith('3', 'steps', 20) });
  await commit.run(temp.ctx, { message: 'one' });
  await protect.run(temp.ctx, { branch: '@default' });
  const bob = { ...ENV, GIT_AUTHOR_NAME: 'Bob', GIT_AUTHOR_EMAIL: 'bob@example.org' };
  return { ...temp, agent: await temp.open({ actor: 'agent/tuner' }), bob: await temp.open({ env: bob }) };
}

const steps = (value: number, more = {}) => ({
  file: 'a.json',
  values: [{ address: '3.steps', value: String(value) }],
  ...more,
});

/** A proposal of an agent: steps 30. Its id. */
async function proposed({ agent }: World, value = 30): Promise<string> {
  return (await set.run(agent, steps(value, { propose: true, reason: 'smoother skin' }))).proposal!;
}

describe('a proposal', () => {
  it('[RV-4] takes what an agent changes, and leaves branch, files and index as they are', async () => {
    const w = await world();
    const before = [w.git('rev-parse', 'main'), w.read('a.json'), w.git('status', '--porcelain')];
    const id = await proposed(w);
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    await edit.run(w.agent, {
      file: 'a.json',
      calls: [{ op: 'add-node', args: { class: 'LoadImage' } }],
      proposal: id,
    });
    expect([w.git('rev-parse', 'main'), w.read('a.json'), w.git('status', '--porcelain')]).toEqual(before);
    w.write('a.json', apiWith('6', 'text', 'a dog'));
    await commit.run(w.agent, { proposal: id, message: 'and a dog' });
    expect(JSON.parse(w.read('a.json'))['6'].inputs.text).toBe('a dog');
    expect(w.git('rev-parse', 'main')).toBe(before[0]);
    const shown = await reviewShow.run(w.ctx, { proposal: `proposal/${id.slice(0, 4)}` });
    expect(shown).toMatchObject({
      title: 'KSampler "portrait" (3): steps 20 -> 30',
      text: 'smoother skin',
      state: 'open',
      target: 'main',
    });
    expect(shown.author).toMatchObject({ actor: 'agent/tuner' });
    expect(shown.commits.map(({ actor }) => actor)).toEqual(['agent/tuner', 'agent/tuner', 'agent/tuner']);
    const lines = shown.files.flatMap(({ lines: all }) => all.map(({ text }) => text));
    expect(lines).toEqual(expect.arrayContaining(['KSampler "portrait" (3): steps 20 -> 30', '+ LoadImage (10)']));
    // Everywhere a revision stands, and for any git.
    expect(await w.ctx.repo.resolve(`proposal/${id}~2`)).toBe(shown.commits[2]!.oid);
    expect(w.git('rev-parse', `refs/cwf/proposal/${id}`).trim()).toBe(shown.head);
    w.git('fsck', '--strict');
    expect((await fsck.run(w.ctx, {})).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    await undo.run(w.agent, {});
    expect((await reviewShow.run(w.ctx, { proposal: id })).commits).toHaveLength(2);
  });

  it('[RV-4] is made of a branch, brought up to date by proposing it again, and of the working tree', async () => {
    const w = await world();
    await switchTo.run(w.agent, { target: 'agent/work', create: true });
    await set.run(w.agent, steps(30));
    const dry = await propose.run(w.agent, { dryRun: true });
    expect(dry).toMatchObject({ kind: 'opened', target: 'main' });
    expect(dry.id).toBeUndefined();
    const { id, kind } = await propose.run(w.agent, { title: 'Softer', reason: 'because' });
    expect(kind).toBe('opened');
    await failure('PROPOSAL_EMPTY', propose.run(w.agent, {}));
    await set.run(w.agent, steps(31));
    expect(await propose.run(w.agent, {})).toMatchObject({ kind: 'updated', id, title: 'Softer' });
    await switchTo.run(w.ctx, { target: 'main' });
    w.write('a.json', apiWith('3', 'cfg', 5));
    const tree = await propose.run(w.agent, { fromWorkingTree: true });
    expect(tree).toMatchObject({ kind: 'opened', target: 'main' });
    expect(JSON.parse(w.read('a.json'))['3'].inputs.cfg).toBe(5);
    expect((await reviewList.run(w.ctx, {})).proposals.map((one) => one.id).sort()).toEqual([id, tree.id].sort());
    await failure('PROPOSAL_INVALID', propose.run(w.ctx, { branch: 'main' }));
    await failure('PROPOSAL_EMPTY', propose.run(w.ctx, { branch: 'main~0', into: 'agent/work' }));
    await failure('REV_NOT_FOUND', propose.run(w.ctx, { branch: 'agent/work', into: 'nope' }));
    await failure('PROPOSAL_NOT_FOUND', reviewShow.run(w.ctx, { proposal: 'ffff' }));
  });

  it('[RV-4] takes a repair, one commit for each agent', async () => {
    const w = await world();
    const graph = apiGraph();
    graph['3']!['inputs'] = { ...(graph['3']!['inputs'] as object), steps: 0 } as never;
    w.write('b.json', graph);
    const out = await repair.run(w.agent, { file: 'b.json', propose: true });
    expect(out.proposal).toBeDefined();
    const shown = await reviewShow.run(w.ctx, { proposal: out.proposal! });
    expect(shown.title).toBe('Repair b.json');
    expect(shown.commits[0]!.actor).toBe('agent/parameter');
    expect((await w.ctx.repo.listRefs('refs/heads/')).map(({ ref }) => ref)).toEqual(['refs/heads/main']);
  });
});

describe('a review', () => {
  it('[RV-7] merges what is approved as it is: a later push makes an approval stale', async () => {
    const w = await world();
    await protect.run(w.ctx, { branch: 'main', approvals: 1 });
    const id = await proposed(w);
    expect((await failure('REVIEW_NEEDED', reviewMerge.run(w.ctx, { proposal: id }))).message).toContain(
      '0 of 1 approval',
    );
    await failure('REVIEW_NEEDED', merge.run(w.ctx, { rev: `proposal/${id}` }));
    for (const actor of ['agent/critic', 'tool/ci'])
      await failure('APPROVAL_DENIED', reviewApprove.run(await w.open({ actor }), { proposal: id }));
    expect((await reviewApprove.run(w.ctx, { proposal: id })).needs).toEqual([]);
    await set.run(w.agent, steps(31, { proposal: id }));
    const stale = await reviewShow.run(w.ctx, { proposal: id });
    expect(stale).toMatchObject({ verdicts: [{ stale: true }], needs: ['0 of 1 approval; 1 is of an earlier commit'] });
    await failure('REVIEW_NEEDED', reviewMerge.run(w.ctx, { proposal: id }));
    await reviewApprove.run(w.bob, { proposal: id, text: 'fine' });
    await failure('BRANCH_PROTECTED', reviewMerge.run(w.agent, { proposal: id }));
    await failure('REF_STALE', reviewMerge.run(w.ctx, { proposal: id, expected: 'ffffffff' }));
    const dry = await reviewMerge.run(w.ctx, { proposal: id, dryRun: true });
    expect(dry.oid).toBeUndefined();
    const out = await reviewMerge.run(w.ctx, { proposal: id });
    expect(out).toMatchObject({ kind: 'merged', approvedBy: ['Bob'] });
    expect(w.git('rev-parse', 'main').trim()).toBe(out.oid);
    expect(
      w
        .git(
          'log',
          '-1',
          '--format=%(trailers:key=Cwf-Proposal,valueonly)%(trailers:key=Reviewed-by,valueonly)',
          'main',
        )
        .trim()
        .split('\n'),
    ).toEqual([id, 'Bob <bob@example.org>']);
    expect(JSON.parse(w.read('a.json'))['3'].inputs.steps).toBe(31);
    expect(w.git('status', '--porcelain')).toBe('');
    const shown = await reviewShow.run(w.ctx, { proposal: id });
    expect(shown).toMatchObject({ state: 'merged', closed: { name: 'Ada', as: out.oid } });
    expect(shown.commits).toHaveLength(2);
    expect(shown.files).toHaveLength(1);
    await failure('PROPOSAL_CLOSED', reviewMerge.run(w.ctx, { proposal: id }));
    await failure('PROPOSAL_CLOSED', set.run(w.agent, steps(32, { proposal: id })));
    await undo.run(w.ctx, {});
    expect((await reviewShow.run(w.ctx, { proposal: id })).state).toBe('open');
    expect(JSON.parse(w.read('a.json'))['3'].inputs.steps).toBe(20);
    await redo.run(w.ctx, {});
    expect((await reviewShow.run(w.ctx, { proposal: id })).state).toBe('merged');
  });

  it('[RV-10] is undone alone, whatever others said since', async () => {
    const w = await world();
    const [one, two] = [await proposed(w), await proposed(w, 40)];
    await reviewMerge.run(w.ctx, { proposal: one });
    await reviewComment.run(w.bob, { proposal: two, text: 'later' });
    const merged = (await (await import('../../src/porcelain/op.ts')).opLog.run(w.ctx, {})).operations.find(
      ({ command }) => command === 'review merge',
    )!;
    await undo.run(w.ctx, { operation: merged.id });
    expect((await reviewShow.run(w.ctx, { proposal: one })).state).toBe('open');
    expect((await reviewShow.run(w.ctx, { proposal: two })).comments.map(({ text }) => text)).toEqual(['later']);
  });

  it('[RV-7] moves the branch alone where HEAD is elsewhere, and waits with a conflict where HEAD is on it', async () => {
    const w = await world();
    const [one, two] = [await proposed(w), await proposed(w, 40)];
    await switchTo.run(w.ctx, { target: 'elsewhere', create: true });
    const out = await reviewMerge.run(w.ctx, { proposal: one });
    expect([w.git('rev-parse', 'main').trim(), JSON.parse(w.read('a.json'))['3'].inputs.steps]).toEqual([out.oid, 20]);
    expect(w.git('status', '--porcelain')).toBe('');
    expect(await reviewMerge.run(w.ctx, { proposal: two })).toMatchObject({ kind: 'conflict', isWaiting: false });
    await switchTo.run(w.ctx, { target: 'main' });
    expect(await reviewMerge.run(w.ctx, { proposal: two })).toMatchObject({
      kind: 'conflict',
      isWaiting: true,
      conflicts: [{ kind: 'value' }],
    });
    await resolve.run(w.ctx, { ids: [], all: true, take: 'theirs' });
    await reviewRequestChanges.run(w.bob, { proposal: two });
    await failure('REVIEW_NEEDED', mergeContinue.run(w.ctx, { op: 'merge' }));
    await reviewApprove.run(w.bob, { proposal: two });
    await mergeContinue.run(w.ctx, { op: 'merge' });
    expect(await reviewShow.run(w.ctx, { proposal: two })).toMatchObject({ joined: true, needs: [] });
    expect((await reviewList.run(w.ctx, {})).proposals).toEqual([]);
    await failure('PROPOSAL_CLOSED', reviewApprove.run(w.ctx, { proposal: two }));
  });

  it('[RV-10] of two merges at once tells one that the other was faster', async () => {
    const w = await world();
    const id = await proposed(w);
    const ends = await Promise.allSettled([w.ctx, w.bob].map((ctx) => reviewMerge.run(ctx, { proposal: id })));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = ends.find((end) => end.status === 'rejected') as PromiseRejectedResult;
    expect(lost.reason).toMatchObject({ code: 'PROPOSAL_CLOSED' });
    expect(w.git('rev-list', '--merges', '--count', 'main').trim()).toBe('1');
  });

  it('[RV-10] of two reviewers at once loses no word, in one copy and in two', async () => {
    const w = await world();
    const id = await proposed(w);
    const say = (ctx: Context, n: number) => reviewComment.run(ctx, { proposal: id, text: `word ${n}` });
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => say(n % 2 ? w.ctx : w.bob, n)));
    const copy = tempDir();
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: copy, env: ENV, encoding: 'utf8', stdio: 'pipe' });
    git('clone', '-q', w.dir, '.');
    git('fetch', '-q', 'origin', 'refs/notes/cwf/*:refs/notes/cwf/*', 'refs/cwf/proposal/*:refs/cwf/proposal/*');
    const there = await w.open({ cwd: copy });
    await reviewComment.run(there, { proposal: id, text: 'from there' });
    await reviewApprove.run(w.bob, { proposal: id });
    w.git('fetch', '-q', copy, 'refs/notes/cwf/review:refs/notes/theirs');
    w.git('notes', '--ref=cwf/review', 'merge', '-q', '-s', 'cat_sort_uniq', 'refs/notes/theirs');
    const shown = await reviewShow.run(w.ctx, { proposal: id });
    expect(shown.comments.map(({ text }) => text).sort()).toEqual([
      'from there',
      ...[0, 1, 2, 3, 4, 5].map((n) => `word ${n}`),
    ]);
    expect(shown.verdicts).toMatchObject([{ name: 'Bob', verdict: 'approve', stale: false }]);
  });

  it('[RV-8] finds what a comment is about again when ids change, and says so when it is gone', async () => {
    const w = await world();
    const id = await proposed(w);
    const on = { proposal: id, file: 'a.json' };
    const first = await reviewComment.run(w.ctx, { ...on, address: '3.steps', text: 'too many' });
    expect(first).toMatchObject({ place: 'a.json KSampler "portrait" (3): steps', now: { node: '3', input: 'steps' } });
    await reviewComment.run(w.bob, { ...on, address: 'LoadImage', text: 'x' }).catch(() => {});
    await reviewComment.run(w.bob, { ...on, address: '9', text: 'why saved?' });
    await reviewComment.run(w.agent, { proposal: id, reply: first.id, text: '25 then?' });
    const renumbered = JSON.parse(JSON.stringify(apiWith('3', 'steps', 30)).replaceAll('"3"', '"33"'));
    delete renumbered['9'];
    w.write('a.json', renumbered);
    await commit.run(w.agent, { proposal: id });
    const { comments } = await reviewShow.run(w.ctx, { proposal: id });
    expect(comments[0]).toMatchObject({
      place: 'a.json KSampler "portrait" (33): steps',
      now: { node: '33' },
      replies: [{ text: '25 then?' }],
    });
    expect(comments[1]).toMatchObject({ isGone: true, place: 'a.json SaveImage (9)' });
    await failure('INPUT_NOT_FOUND', reviewComment.run(w.ctx, { ...on, address: '33.step', text: 'x' }));
    await failure('NODE_NOT_FOUND', reviewComment.run(w.ctx, { ...on, address: '77', text: 'x' }));
    await failure('FILE_NOT_FOUND', reviewComment.run(w.ctx, { proposal: id, file: 'b.json', text: 'x' }));
    await failure('COMMENT_NOT_FOUND', reviewComment.run(w.ctx, { proposal: id, reply: 'ffffff', text: 'x' }));
    for (const text of ['', ' ', 'a\0b', 'x'.repeat(70_000)])
      await failure('REVIEW_INVALID', reviewComment.run(w.ctx, { proposal: id, text }));
  });

  it('[RV-7] rejects and keeps all; an agent only what is its own', async () => {
    const w = await world();
    const id = await proposed(w);
    await failure('APPROVAL_DENIED', reviewReject.run(await w.open({ actor: 'agent/other' }), { proposal: id }));
    await reviewReject.run(w.agent, { proposal: id, text: 'no longer needed' });
    expect(await reviewShow.run(w.ctx, { proposal: id })).toMatchObject({
      state: 'rejected',
      closed: { text: 'no longer needed' },
    });
    expect((await reviewList.run(w.ctx, { all: true })).proposals).toMatchObject([{ state: 'rejected' }]);
    await failure('PROPOSAL_CLOSED', reviewMerge.run(w.ctx, { proposal: id }));
    w.git('gc', '-q', '--prune=now');
    expect((await reviewShow.run(w.ctx, { proposal: id })).commits).toHaveLength(1);
    await undo.run(w.ctx, {});
    expect((await reviewShow.run(w.ctx, { proposal: id })).state).toBe('open');
  });

  it('[RV-9] checks anew whatever a note says, and refuses what a rule asks for', async () => {
    const w = await world();
    await protect.run(w.ctx, { branch: 'main', checks: ['validate', 'reach'] });
    const { proposal } = await edit.run(w.agent, {
      file: 'a.json',
      calls: [
        { op: 'disconnect', args: { input: '3.model' } },
        { op: 'add-node', args: { class: 'BriaEraser' } },
      ],
      propose: true,
    });
    const checks = await reviewChecks.run(w.agent, { proposal: proposal! });
    expect(checks.results.map(({ check, state }) => `${check} ${state}`)).toEqual(['validate fail', 'reach warn']);
    const shown = await reviewShow.run(w.ctx, { proposal: proposal! });
    expect(shown.checks).toEqual({ base: checks.base, digest: checks.digest, results: checks.results });
    expect(shown.needs).toEqual(['the check reach fails', 'the check validate fails']);
    await failure('REVIEW_NEEDED', reviewMerge.run(w.ctx, { proposal: proposal! }));
  });

  it('[RV-11] takes the texts of others for data: no trailer, no line, no word of theirs counts', async () => {
    const w = await world();
    const evil = 'x\n\nReviewed-by: Mallory <m@x>\nCwf-Actor: person\n\x1b[2J{"event":"approve"}';
    const { proposal: id } = await set.run(w.agent, steps(30, { propose: true, reason: evil }));
    await reviewComment.run(w.agent, { proposal: id!, text: evil });
    await protect.run(w.ctx, { branch: 'main', approvals: 1 });
    await failure('REVIEW_NEEDED', reviewMerge.run(w.ctx, { proposal: id! }));
    await reviewApprove.run(w.ctx, { proposal: id! });
    await reviewMerge.run(w.ctx, { proposal: id! });
    const trailers = w.git('log', '-1', '--format=%(trailers:only,unfold)', 'main');
    expect(trailers).not.toContain('Mallory');
    expect(trailers.match(/^Cwf-Actor: person$/gm)).toHaveLength(1);
    expect((await noteShow.run(w.ctx, { rev: `proposal/${id}` })).facts.some(({ text }) => text === evil)).toBe(true);
  });
});
