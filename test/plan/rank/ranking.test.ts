import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../../src/base/normal.ts';
import type { Choice } from '../../../src/plan/rank/choice.ts';
import { consistencyOf } from '../../../src/plan/rank/consistency.ts';
import { fitScores } from '../../../src/plan/rank/fit.ts';
import { expectedGain, nextPair } from '../../../src/plan/rank/next-pair.ts';
import { rankCandidates } from '../../../src/plan/rank/ranking.ts';
import { bestOf, choices, over, season, tie } from './choices.ts';

const ROUNDS = { numRuns: 100 };

describe('ranks', () => {
  it('the normal quantile has its known values', () => {
    for (const [p, x] of [
      [0.5, 0],
      [0.75, 0.674489750196082],
      [0.975, 1.959963984540054],
      [0.995, 2.575829303548901],
      [1e-9, -5.997807015008],
    ] as const) {
      expect(normalQuantile(p)).toBeCloseTo(x, 9);
      if (p > 0.001) expect(normalQuantile(1 - p)).toBeCloseTo(-x, 9);
    }
  });

  it('[RK-7] stand in the order of scores, each within its interval', () => {
    fc.assert(
      fc.property(choices(), (all) => {
        const ranked = rankCandidates(fitScores(all, ['z']));
        for (const [i, each] of ranked.entries()) {
          expect(each.rankFrom).toBeLessThanOrEqual(each.rank);
          expect(each.rank).toBeLessThanOrEqual(each.rankTo);
          expect(each.error).toBeGreaterThan(0);
          if (i > 0) expect(each.score).toBeLessThanOrEqual(ranked[i - 1]!.score + 1e-6);
        }
        expect(ranked[0]!.rank).toBe(1);
      }),
      ROUNDS,
    );
  });

  it('[RK-7] are open where little is known and narrow where much is', () => {
    const few = rankCandidates(fitScores([...over('a', 'b'), ...over('b', 'c')]));
    expect(few.map(({ id, rankFrom, rankTo }) => [id, rankFrom, rankTo])).toEqual([
      ['a', 1, 3],
      ['b', 1, 3],
      ['c', 1, 3],
    ]);
    const many = rankCandidates(fitScores([...over('a', 'b', 60), ...over('b', 'c', 60), ...over('a', 'c', 60)]));
    expect(many.map(({ rankFrom, rankTo }) => [rankFrom, rankTo])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(rankCandidates(fitScores([tie('a', 'b')])).map(({ rank }) => rank)).toEqual([1, 1]);
  });

  it('[RK-7] all intervals hold at once about as often as is said', () => {
    // Scores drawn from the prior, choices drawn by the scores, by a small generator of known numbers.
    let state = 12345;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const ids = ['a', 'b', 'c', 'd', 'e'];
    let right = 0;
    for (let round = 0; round < 200; round++) {
      const real = ids.map(() => normalQuantile(random()) * (Math.PI / Math.sqrt(6)));
      const all: Choice[] = Array.from({ length: 120 }, () => {
        const i = Math.floor(random() * 5);
        const j = (i + 1 + Math.floor(random() * 4)) % 5;
        const isFirst = random() < 1 / (1 + Math.exp(real[j]! - real[i]!));
        return isFirst ? bestOf(ids[i]!, ids[j]!) : bestOf(ids[j]!, ids[i]!);
      });
      const holds = rankCandidates(fitScores(all, ids)).every(({ id, rankFrom, rankTo }) => {
        const rank = 1 + real.filter((score) => score > real[ids.indexOf(id)]!).length;
        return rankFrom <= rank && rank <= rankTo;
      });
      if (holds) right++;
    }
    expect(right).toBeGreaterThanOrEqual(190);
  });

  it('[RK-7] of the baseball season say that only Baltimore is surely behind', () => {
    const ranked = rankCandidates(fitScores(season()));
    expect(ranked.map(({ id }) => id)).toEqual([
      'Milwaukee',
      'Detroit',
      'Toronto',
      'New York',
      'Boston',
      'Cleveland',
      'Baltimore',
    ]);
    expect(ranked.slice(0, 5).every(({ rankFrom }) => rankFrom === 1)).toBe(true);
    expect(ranked.at(-1)!.rankFrom).toBeGreaterThan(4);
  });
});

describe('the next pair', () => {
  it('[RK-8] expects what a sum over many points expects', () => {
    for (const [mean, variance] of [
      [0, 1],
      [2, 0.5],
      [-3, 4],
      [0, 1e-9],
    ] as const) {
      const { bits, chances } = expectedGain(mean, variance);
      const h = (p: number): number => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p));
      let [total, p, noise] = [0, 0, 0];
      for (let x = -9; x <= 9; x += 1e-3) {
        const weight = Math.exp((-x * x) / 2);
        const q = 1 / (1 + Math.exp(-(mean + Math.sqrt(variance) * x)));
        total += weight;
        p += weight * q;
        noise += weight * h(q);
      }
      expect(chances.a).toBeCloseTo(p / total, 6);
      expect(bits).toBeCloseTo(h(p / total) - noise / total, 6);
    }
    const withTies = expectedGain(0.3, 2, 40);
    expect(withTies.chances.tie).toBeCloseTo(1, 6);
    expect(withTies.bits).toBeCloseTo(0, 6);
  });

  it('[RK-8] is one of the pairs asked for, the same each time, and tells most', () => {
    fc.assert(
      fc.property(choices(), fc.subarray(['a', 'b', 'c', 'd', 'e', 'f', 'x'], { minLength: 2 }), (all, among) => {
        const fit = fitScores(all, among);
        const next = nextPair(fit, all, among)!;
        expect(among).toContain(next.a);
        expect(among).toContain(next.b);
        expect(next.a < next.b).toBe(true);
        expect(nextPair(fit, [...all].reverse(), [...among].reverse())).toEqual(next);
        const { a, b, tie: none } = next.chances;
        expect(a + b + none).toBeCloseTo(1, 9);
      }),
      ROUNDS,
    );
    expect(nextPair(fitScores([], ['a']), [], ['a'])).toBeUndefined();
  });

  it('[RK-8] prefers the unknown to the known, and an open question to a settled one', () => {
    const known = [...over('a', 'b', 30), ...over('b', 'a', 30)];
    expect(nextPair(fitScores(known, ['c', 'd']), known, ['a', 'b', 'c', 'd'])).toMatchObject({
      a: 'c',
      b: 'd',
      asked: 0,
    });
    const all = [...over('a', 'z', 20), ...over('b', 'z', 20)];
    expect(nextPair(fitScores(all), all, ['a', 'b', 'z'])).toMatchObject({ a: 'a', b: 'b' });
    const [first] = [nextPair(fitScores([], ['a', 'b', 'c']), [], ['c', 'b', 'a'])];
    expect(first).toMatchObject({ a: 'a', b: 'b' });
  });

  it('[RK-8] learns an order with fewer questions than asking at random', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const answer = (a: string, b: string): Choice => (a < b ? bestOf(a, b) : bestOf(b, a));
    const wrong = (all: readonly Choice[]): number => {
      const ranked = rankCandidates(fitScores(all, ids));
      const place = new Map(ranked.map(({ id, rank }) => [id, rank]));
      return ids.flatMap((a, i) => ids.slice(i + 1).filter((b) => place.get(a)! >= place.get(b)!)).length;
    };
    const asked: Choice[] = [];
    for (let i = 0; i < 16; i++) {
      const { a, b } = nextPair(fitScores(asked, ids), asked, ids)!;
      asked.push(answer(a, b));
    }
    let state = 1;
    const random = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const others = Array.from({ length: 20 }, () =>
      wrong(
        Array.from({ length: 16 }, () => {
          const i = random(8);
          return answer(ids[i]!, ids[(i + 1 + random(7)) % 8]!);
        }),
      ),
    );
    expect(wrong(asked)).toBeLessThan(others.reduce((a, b) => a + b, 0) / others.length);
  });
});

describe('consistency', () => {
  it('[RK-9] counts circular triads as a look at every triple does', () => {
    fc.assert(
      fc.property(choices(), (all) => {
        const ids = [...new Set(all.flatMap((c) => (c.kind === 'tie' ? c.between : [c.chosen, ...c.over])))].sort();
        const wins = (x: string, y: string): number =>
          all.filter((c) => c.kind === 'best' && c.chosen === x && c.over.includes(y)).length;
        const beats = (x: string, y: string): boolean => wins(x, y) > wins(y, x);
        let [triads, circular] = [0, 0];
        for (const a of ids)
          for (const b of ids)
            for (const c of ids) {
              if (!(a < b && b < c)) continue;
              const pairs = [beats(a, b) || beats(b, a), beats(b, c) || beats(c, b), beats(a, c) || beats(c, a)];
              if (pairs.includes(false)) continue;
              triads++;
              if ((beats(a, b) && beats(b, c) && beats(c, a)) || (beats(b, a) && beats(c, b) && beats(a, c)))
                circular++;
            }
        const found = consistencyOf(all);
        expect(found).toMatchObject({ triads, circular });
        expect(found.example === undefined).toBe(circular === 0);
        if (found.example) {
          const [a, b, c] = found.example;
          expect([beats(a, b), beats(b, c), beats(c, a)]).toEqual([true, true, true]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[RK-9] gives the coefficient of Kendall for a whole tournament, 1 to 0', () => {
    const order = [...over('a', 'b'), ...over('a', 'c'), ...over('b', 'c')];
    expect(consistencyOf(order)).toMatchObject({ triads: 1, circular: 0, zeta: 1 });
    const cycle = [...over('a', 'b'), ...over('b', 'c'), ...over('c', 'a')];
    expect(consistencyOf(cycle)).toMatchObject({ triads: 1, circular: 1, zeta: 0, example: ['a', 'b', 'c'] });
    // Each of five beats the next two: as many circles as five can have.
    const five = ['a', 'b', 'c', 'd', 'e'].flatMap((id, i, all) => [1, 2].flatMap((k) => over(id, all[(i + k) % 5]!)));
    expect(consistencyOf(five)).toMatchObject({ triads: 10, circular: 5, zeta: 0 });
    expect(consistencyOf(over('a', 'b'))).not.toHaveProperty('zeta');
  });

  it('[RK-9] tells how often one question got one answer, and which candidates nothing connects', () => {
    const all = [...over('a', 'b', 3), ...over('b', 'a'), tie('a', 'b'), ...over('x', 'y')];
    expect(consistencyOf(all)).toMatchObject({
      repeats: 10,
      agreeing: 3,
      groups: [
        ['a', 'b'],
        ['x', 'y'],
      ],
    });
    expect(consistencyOf([])).toMatchObject({ triads: 0, repeats: 0, groups: [] });
  });
});
