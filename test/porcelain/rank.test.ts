import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { outputAdd } from '../../src/porcelain/output.ts';
import { rank, rankNext, rankShow } from '../../src/porcelain/rank.ts';
import { redo, undo } from '../../src/porcelain/undo.ts';
import { readNotes } from './rank-notes.ts';
import { apiWith } from './samples.ts';
import { ENV, failure, type Temp, tempDir, tempRepo } from './temp.ts';

/** A repository with this many commits; returns them, oldest first. */
async function history(count: number): Promise<{ temp: Temp; oids: string[] }> {
  const temp = await tempRepo();
  const oids: string[] = [];
  for (let i = 0; i < count; i++) {
    temp.write('a.json', apiWith('3', 'steps', 20 + i));
    await commit.run(temp.ctx, { message: `steps ${20 + i}` });
    oids.push(temp.git('rev-parse', 'HEAD').trim());
  }
  return { temp, oids };
}

describe('choices', () => {
  it('[RK-1] are one line of canonical JSON on the chosen commit, which any git reads', async () => {
    const { temp, oids } = await history(3);
    const { ctx } = temp;
    await rank.run(ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'b' });
    await rank.run(ctx, { candidates: ['HEAD', 'HEAD~2'], winner: 'tie' });
    await rank.run(ctx, { candidates: ['HEAD', 'HEAD~1', 'HEAD~2'], best: 'main' });
    const line = (oid: string): string => temp.git('notes', '--ref=cwf/rank', 'show', oid).trim();
    const by = { actor: 'person', id: expect.stringMatching(/^[0-9a-f]{12}$/), time: expect.any(Number) };
    expect(JSON.parse(line(oids[1]!))).toEqual({ ...by, chosen: oids[1], over: [oids[2]] });
    expect(JSON.parse(line([oids[0]!, oids[2]!].sort()[0]!).split('\n')[0]!)).toMatchObject({ actor: 'person' });
    const all = await readNotes(temp);
    expect(all).toHaveLength(3);
    expect(all).toContainEqual({ ...by, tied: [oids[0], oids[2]].sort() });
    expect(all).toContainEqual({ ...by, chosen: oids[2], over: [oids[0], oids[1]].sort() });
    for (const text of temp.git('notes', '--ref=cwf/rank', 'show', oids[1]!).trim().split('\n'))
      expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(JSON.parse(text)).sort());
  });

  it('[RK-1] are kept with who made them, and may be counted by actor', async () => {
    const { temp } = await history(2);
    const agent = await temp.open({ actor: 'agent/critic' });
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'a' });
    await rank.run(agent, { candidates: ['HEAD', 'HEAD~1'], winner: 'b' });
    await rank.run(agent, { candidates: ['HEAD', 'HEAD~1'], winner: 'b' });
    expect((await rankShow.run(temp.ctx, {})).actors).toEqual({ person: 1, 'agent/critic': 2 });
    for (const by of ['agent', 'agent/critic']) expect((await rankShow.run(temp.ctx, { by })).choices).toBe(2);
    expect((await rankShow.run(temp.ctx, { by: 'person' })).ranking[0]!.about).toBe('steps 21');
    expect((await rankShow.run(temp.ctx, { by: 'agent' })).ranking[0]!.about).toBe('steps 20');
    expect((await rankShow.run(temp.ctx, { by: 'tool' })).ranking).toEqual([]);
  });

  it('[RK-2] are none of them lost: the same one twice, many at once, and of two copies', async () => {
    const { temp, oids } = await history(3);
    const frozen = await temp.open({ now: () => 1_700_000_000_000 });
    const twice = { candidates: ['HEAD', 'HEAD~1'], winner: 'a' } as const;
    await rank.run(frozen, twice);
    await rank.run(frozen, twice);
    expect((await rankShow.run(temp.ctx, {})).choices).toBe(2);
    await Promise.all(Array.from({ length: 8 }, () => rank.run(frozen, twice)));
    expect((await rankShow.run(temp.ctx, {})).choices).toBe(10);

    const copy = tempDir();
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: copy, env: ENV, encoding: 'utf8', stdio: 'pipe' });
    git('clone', '-q', temp.dir, '.');
    git('fetch', '-q', 'origin', 'refs/notes/cwf/*:refs/notes/cwf/*');
    const there = await temp.open({ cwd: copy, now: () => 1_700_000_000_000 });
    await rank.run(there, twice);
    await rank.run(there, { candidates: ['HEAD~2', 'HEAD'], winner: 'a' });
    await rank.run(frozen, twice);
    temp.git('fetch', '-q', copy, 'refs/notes/cwf/rank:refs/notes/theirs');
    temp.git('notes', '--ref=cwf/rank', 'merge', '-q', '-s', 'cat_sort_uniq', 'refs/notes/theirs');
    const shown = await rankShow.run(temp.ctx, {});
    expect(shown.choices).toBe(13);
    expect(shown.ranking.find(({ id }) => id === oids[0])).toMatchObject({ won: 1 });
  });

  it('[RK-2] copied to another commit by git are still one', async () => {
    const { temp, oids } = await history(3);
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'a' });
    temp.git('notes', '--ref=cwf/rank', 'copy', oids[2]!, oids[0]!);
    expect((await rankShow.run(temp.ctx, {})).choices).toBe(1);
  });

  it('[RK-2] are taken back and given again through the operation log', async () => {
    const { temp } = await history(2);
    const count = async (): Promise<number> => (await rankShow.run(temp.ctx, {})).choices;
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'a' });
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'b' });
    await undo.run(temp.ctx, {});
    expect(await count()).toBe(1);
    await undo.run(temp.ctx, {});
    expect(await count()).toBe(0);
    await redo.run(temp.ctx, {});
    expect(await count()).toBe(1);
  });

  it('[RK-2] lines that are none are told and left alone', async () => {
    const { temp, oids } = await history(2);
    const [a, b] = oids as [string, string];
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'a' });
    const bad = [
      'a remark of a person',
      { chosen: a, over: [] },
      { chosen: a, over: [a] },
      { chosen: 'HEAD', over: [b] },
      { tied: [a] },
      { tied: [a, b], chosen: a, over: [b] },
      { chosen: a, over: 'b' },
    ];
    for (const line of bad)
      temp.git('notes', '--ref=cwf/rank', 'append', '-m', typeof line === 'string' ? line : JSON.stringify(line), b);
    const shown = await rankShow.run(temp.ctx, {});
    expect(shown).toMatchObject({ choices: 1, unread: bad.length });
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'a' });
    expect(temp.git('notes', '--ref=cwf/rank', 'show', b)).toContain('a remark of a person');
  });

  it('change nothing with --dry-run', async () => {
    const { temp } = await history(2);
    await rank.run(temp.ctx, { candidates: ['HEAD', 'HEAD~1'], winner: 'a', dryRun: true });
    expect((await rankShow.run(temp.ctx, {})).choices).toBe(0);
    expect(temp.git('for-each-ref', 'refs/notes')).toBe('');
  });

  it.each([
    [{ candidates: [] }, 'not 0'],
    [{ candidates: ['HEAD'] }, 'not 1'],
    [{ candidates: ['HEAD', 'HEAD~1'] }, '--winner'],
    [{ candidates: ['HEAD', 'main'], winner: 'a' as const }, 'twice'],
    [{ candidates: ['HEAD', 'main'], winner: 'tie' as const }, 'twice'],
    [{ candidates: ['HEAD'], best: 'HEAD' }, 'at least two'],
    [{ candidates: ['HEAD~1', 'HEAD~1'], best: 'HEAD' }, 'twice'],
    [{ candidates: ['HEAD', 'HEAD~1'], best: 'HEAD', winner: 'a' as const }, 'exclude'],
  ])('refuse %j', async (input, reason) => {
    const { temp } = await history(2);
    const error = await failure('RANK_INVALID', rank.run(temp.ctx, input));
    expect(error.message).toContain(reason);
    expect(temp.git('for-each-ref', 'refs/notes')).toBe('');
  });
});

describe('rankings', () => {
  it('[RK-10] have scores, ranks and tallies, best first, with what the commits are about', async () => {
    const { temp, oids } = await history(3);
    for (let i = 0; i < 4; i++) {
      await rank.run(temp.ctx, { candidates: ['HEAD~1', 'HEAD'], winner: 'a' });
      await rank.run(temp.ctx, { candidates: ['HEAD~2', 'HEAD~1', 'HEAD'], best: 'HEAD~2' });
    }
    const shown = await rankShow.run(temp.ctx, {});
    expect(shown.ranking.map(({ id, about, won, lost, rank: n }) => [id, about, won, lost, n])).toEqual([
      [oids[0], 'steps 20', 8, 0, 1],
      [oids[1], 'steps 21', 4, 4, 2],
      [oids[2], 'steps 22', 0, 8, 3],
    ]);
    expect(shown).not.toHaveProperty('tieChance');
    expect(shown.consistency).toMatchObject({ triads: 1, circular: 0, zeta: 1 });
    expect(await rankShow.run((await tempRepo()).ctx, {})).toMatchObject({ ranking: [], choices: 0, unread: 0 });
  });

  it('[RK-11] are of some candidates alone, by the choices between them, with what there is to look at', async () => {
    const { temp, oids } = await history(4);
    const { ctx } = temp;
    const [a, b, c, d] = oids as [string, string, string, string];
    await rank.run(ctx, { candidates: [a, b], winner: 'a' });
    await rank.run(ctx, { candidates: [a, b, c], best: a });
    await rank.run(ctx, { candidates: [b, d], winner: 'b' });
    const some = await rankShow.run(ctx, { among: [a, b, d] });
    expect(some.choices).toBe(2);
    expect(new Set(some.ranking.map(({ id }) => id))).toEqual(new Set([a, b, d]));
    expect(some.ranking.find(({ id }) => id === b)).toMatchObject({ won: 0, lost: 2, tied: 0 });
    const fresh = await rankShow.run(ctx, { among: [a, c] });
    expect(fresh).toMatchObject({ choices: 0, consistency: { groups: [] } });
    expect(fresh.ranking.map(({ score, rankFrom, rankTo, won }) => [score, rankFrom, rankTo, won])).toEqual([
      [0, 1, 2, 0],
      [0, 1, 2, 0],
    ]);
    await failure('REV_NOT_FOUND', rankShow.run(ctx, { among: ['nowhere'] }));
    temp.write('x.bin', 'x');
    temp.write('y.bin', 'y');
    const x = await outputAdd.run(ctx, { file: 'x.bin', rev: 'HEAD' });
    const y = await outputAdd.run(ctx, { file: 'y.bin' });
    const pair = await rankNext.run(ctx, { among: [x.id, y.id] });
    expect([...pair.a.pictures, ...pair.b.pictures].sort()).toEqual([x.id, y.id].sort());
    expect((await rankNext.run(ctx, { among: [a, b] })).a.pictures).toEqual([]);
  });

  it('[RK-8] ask next about candidates that are there, of one kind', async () => {
    const { temp, oids } = await history(4);
    const { ctx } = temp;
    await failure('RANK_INVALID', rankNext.run(ctx, {}));
    await failure('RANK_INVALID', rankNext.run(ctx, { among: ['HEAD'] }));
    const first = await rankNext.run(ctx, { among: ['HEAD~3..HEAD'] });
    expect(first.candidates).toBe(3);
    expect([first.a.id, first.b.id]).toEqual(oids.slice(1).sort().slice(0, 2));
    await rank.run(ctx, { candidates: [first.a.id, first.b.id], winner: 'a' });
    const second = await rankNext.run(ctx, { among: ['HEAD~3..HEAD'] });
    expect([second.a.id, second.b.id]).toContain(oids.slice(1).sort()[2]);
    temp.write('x.bin', 'x');
    temp.write('y.bin', 'y');
    const x = await outputAdd.run(ctx, { file: 'x.bin', rev: 'HEAD' });
    const y = await outputAdd.run(ctx, { file: 'y.bin' });
    const mixed = await rankNext.run(ctx, { among: ['HEAD', `sha256:${x.id}`, y.id] });
    expect([mixed.a.id, mixed.b.id]).toEqual([x.id, y.id].sort());
  });

  it('[RK-1] of outputs stand on the commit that made the chosen one, else on HEAD', async () => {
    const { temp, oids } = await history(3);
    const { ctx } = temp;
    for (const name of ['x', 'y', 'z']) temp.write(`${name}.bin`, name);
    const x = await outputAdd.run(ctx, { file: 'x.bin', rev: 'HEAD~1' });
    const y = await outputAdd.run(ctx, { file: 'y.bin' });
    const chosen = await rank.run(ctx, { candidates: [`sha256:${x.id.slice(0, 8)}`, y.id], winner: 'a' });
    expect(chosen.on).toBe(oids[1]);
    expect(chosen.candidates.map(({ kind, about }) => [kind, about])).toEqual([
      ['output', 'steps 21'],
      ['output', ''],
    ]);
    expect((await rank.run(ctx, { candidates: [x.id, y.id], winner: 'b' })).on).toBe(oids[2]);
    expect((await rankShow.run(ctx, {})).ranking.map(({ id }) => id).sort()).toEqual([x.id, y.id].sort());
    await failure('RANK_INVALID', rank.run(ctx, { candidates: [x.id, 'HEAD'], winner: 'a' }));
    await failure('OUTPUT_FILE_NOT_FOUND', rank.run(ctx, { candidates: [x.id, 'sha256:0000'], winner: 'a' }));
  });
});
