import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinedLog } from '../../server/page/history/joined.ts';
import type { LaneCommit } from '../../server/page/history/lanes.ts';
import type { Part } from '../../server/page/pages.ts';

type Log = Part<LaneCommit, readonly string[]>;

/** What a log of `all` (children before parents) tells from `starts`, at most `limit` commits of it. */
function walk(all: readonly LaneCommit[], starts: readonly string[], limit: number): Log {
  const ahead = new Set(starts);
  const items: LaneCommit[] = [];
  for (const commit of all) {
    if (!ahead.has(commit.oid)) continue;
    if (items.length === limit) return { items, next: [...ahead] };
    ahead.delete(commit.oid);
    items.push(commit);
    for (const parent of commit.parents) ahead.add(parent);
  }
  return { items };
}

const scene = fc.record({
  picks: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), { minLength: 8, maxLength: 40 }),
  fresh: fc.nat({ max: 3 }),
  before: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  after: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  isGrown: fc.boolean(),
  page: fc.integer({ min: 2, max: 12 }),
  read: fc.integer({ min: 3, max: 40 }),
});

it('joins a page with an old log only into what a log from the beginning tells', () => {
  let joins = 0;
  fc.assert(
    fc.property(scene, ({ picks, fresh, before, after, isGrown, page, read }) => {
      const all = picks.map((pick, at): LaneCommit => {
        const left = picks.length - at - 1;
        return { oid: `c${at}`, parents: left === 0 ? [] : [...new Set(pick.map((n) => `c${at + 1 + (n % left)}`))] };
      });
      const name = (n: number, from: number): string => `c${from + (n % (all.length - from))}`;
      const starts = before.map((n) => name(n, fresh));
      const old = walk(all.slice(fresh), starts, read);
      const now = [...(isGrown ? starts : []), ...after.map((n) => name(n, isGrown ? 0 : fresh))];
      const joined = joinedLog(old, walk(all, now, page));
      if (joined === undefined) return;
      joins++;
      const whole = walk(all, now, Number.POSITIVE_INFINITY).items;
      const rest = walk(all, joined.next ?? [], Number.POSITIVE_INFINITY).items;
      expect([...joined.items, ...rest]).toEqual(whole);
    }),
    { numRuns: 2000 },
  );
  expect(joins).toBeGreaterThan(100);
});

it('keeps what was read when commits come in above', () => {
  const all = Array.from({ length: 30 }, (_, at) => ({ oid: `c${at}`, parents: at < 29 ? [`c${at + 1}`] : [] }));
  const joined = joinedLog(walk(all.slice(2), ['c2'], 20), walk(all, ['c0'], 5));
  expect(joined).toEqual(walk(all, ['c0'], 22));
});
