import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LaneCommit, Lanes } from '../../server/page/history/lanes.ts';

/** Histories with the newest first: each commit on up to three of those that follow. */
const history = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 40 }).map((rows): LaneCommit[] =>
  rows.map((picks, at) => {
    const left = rows.length - at - 1;
    const parents = left === 0 ? [] : [...new Set(picks.map((pick) => `c${at + 1 + (pick % Math.min(left, 8))}`))];
    return { oid: `c${at}`, parents };
  }),
);

const laid = (commits: readonly LaneCommit[]): Lanes => {
  const lanes = new Lanes();
  lanes.add(commits);
  return lanes;
};

describe('lanes of a history', () => {
  it('lead from every commit down to each of its parents, and nowhere else', () => {
    fc.assert(
      fc.property(history, (commits) => {
        const { rows } = laid(commits);
        for (const [at, { parents }] of commits.entries()) {
          const reached = rows[at]!.lines.filter(({ from }) => from === null).map(({ to }) => {
            // Down from the dot, row by row, until a line ends at one.
            for (let row = at + 1, lane = to; row < rows.length; row++) {
              const next = rows[row]!.lines.filter(({ from }) => from === lane);
              expect(next).toHaveLength(1);
              if (next[0]!.to === null) return commits[row]!.oid;
              lane = next[0]!.to;
            }
            return 'the end';
          });
          expect(reached.sort()).toEqual([...parents].sort());
        }
      }),
    );
  });

  it('put no dot on the line of another commit, and no lane beyond the width', () => {
    fc.assert(
      fc.property(history, (commits) => {
        for (const { lane, lines, width } of laid(commits).rows) {
          expect(lines.some(({ from, to }) => from === lane && to === lane)).toBe(false);
          for (const { from, to } of lines) expect(Math.max(from ?? 0, to ?? 0, lane)).toBeLessThan(width);
        }
      }),
    );
  });

  it('are the same in whatever pages the history comes', () => {
    fc.assert(
      fc.property(history, fc.nat({ max: 40 }), (commits, cut) => {
        const paged = new Lanes();
        paged.add(commits.slice(0, cut));
        paged.add(commits.slice(cut));
        expect(paged.rows).toEqual(laid(commits).rows);
      }),
    );
  });

  it('keep a history without branches in one lane', () => {
    const commits = Array.from({ length: 5 }, (_, at) => ({ oid: `c${at}`, parents: at < 4 ? [`c${at + 1}`] : [] }));
    expect(laid(commits).rows.every(({ width }) => width === 1)).toBe(true);
  });
});
