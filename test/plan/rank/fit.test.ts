import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cholesky, inverse, solve } from '../../../src/base/cholesky.ts';
import { type Choice, candidatesOf } from '../../../src/plan/rank/choice.ts';
import { type Fit, fitScores, PRIOR } from '../../../src/plan/rank/fit.ts';
import { differenceVariance } from '../../../src/plan/rank/ranking.ts';
import { bestOf, chanceOf, choices, cost, over, season, tie } from './choices.ts';

const ROUNDS = { numRuns: 100 };

/** Scores by id. */
function byId({ candidates, scores }: Fit): Record<string, number> {
  return Object.fromEntries(candidates.map((id, i) => [id, scores[i]!]));
}

/** Puts the smallest value of `cost` by trying one parameter after another, with ever smaller steps. */
function search(all: readonly Choice[], hasTies: boolean): { scores: Record<string, number>; eta: number | undefined } {
  const scores = Object.fromEntries([...new Set(all.flatMap(candidatesOf))].sort().map((id) => [id, 0]));
  let eta = hasTies ? Math.log(0.5) : undefined;
  const value = (): number => cost(all, scores, PRIOR.deviation, eta);
  let best = value();
  for (let step = 1; step > 1e-7; step /= 2) {
    for (let moved = true; moved; ) {
      moved = false;
      for (const id of [...Object.keys(scores), 'eta']) {
        for (const by of [step, -step]) {
          const [old, oldEta] = [scores[id], eta];
          if (id === 'eta') eta = eta === undefined ? undefined : eta + by;
          else scores[id] = old! + by;
          const now = value();
          if (now < best) [best, moved] = [now, true];
          else {
            eta = oldEta;
            if (id !== 'eta') scores[id] = old!;
          }
        }
      }
    }
  }
  return { scores, eta };
}

describe('scores', () => {
  it('[RK-3] are those published for baseball where the prior is wide', () => {
    const fit = fitScores(season(), [], { deviation: 1e4 });
    const scores = byId(fit);
    const against = Object.entries(scores).map(([team, score]) => [team, score - scores['Baltimore']!] as const);
    // Agresti (2002), table 10.11; with four digits as the R package BradleyTerry2 gives them.
    expect(Object.fromEntries(against.map(([team, score]) => [team, Math.round(score * 1e4) / 1e4]))).toEqual({
      Baltimore: 0,
      Boston: 1.1077,
      Cleveland: 0.6839,
      Detroit: 1.4364,
      Milwaukee: 1.5814,
      'New York': 1.2476,
      Toronto: 1.2945,
    });
    const n = fit.candidates.length;
    for (let i = 1; i < n; i++) expect(Math.sqrt(differenceVariance(fit.covariance, n, 0, i)).toFixed(1)).toBe('0.3');
  });

  it('[RK-3] are where a search without slopes finds the most probable ones, with ties and without', () => {
    for (const all of [
      [...over('a', 'b', 3), ...over('b', 'a'), ...over('b', 'c', 2), tie('a', 'c'), tie('a', 'b')],
      [bestOf('a', 'b', 'c'), bestOf('b', 'c', 'd'), bestOf('c', 'a', 'd'), ...over('d', 'a')],
      [tie('a', 'b')],
      over('a', 'b'),
    ] satisfies Choice[][]) {
      const fit = fitScores(all);
      const found = search(all, fit.tie !== undefined);
      const scores = byId(fit);
      for (const [id, score] of Object.entries(found.scores)) expect(scores[id]).toBeCloseTo(score, 4);
      if (found.eta !== undefined) expect(fit.tie).toBeCloseTo(found.eta, 4);
    }
  });

  it('[RK-3] cannot be moved to anything more probable', () => {
    fc.assert(
      fc.property(
        choices(),
        fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 7, maxLength: 7 }),
        (all, by) => {
          const fit = fitScores(all);
          const scores = byId(fit);
          const moved = Object.fromEntries(Object.entries(scores).map(([id, score], i) => [id, score + by[i]!]));
          const eta = fit.tie === undefined ? undefined : fit.tie + by[6]!;
          const here = cost(all, scores, PRIOR.deviation, fit.tie);
          expect(cost(all, moved, PRIOR.deviation, eta)).toBeGreaterThanOrEqual(here - 1e-9);
        },
      ),
      ROUNDS,
    );
  });

  it('[RK-4] are finite and sum to 0 for any choices: one-sided, disconnected, or none', () => {
    fc.assert(
      fc.property(choices(), (all) => {
        const fit = fitScores(all, ['y', 'z']);
        expect([...fit.scores, ...fit.covariance].every(Number.isFinite)).toBe(true);
        expect(Math.abs(fit.scores.reduce((a, b) => a + b, 0))).toBeLessThan(1e-6);
        const scores = byId(fit);
        expect([scores['y'], scores['z']].map((score) => Math.abs(score!) < 1e-9)).toEqual([true, true]);
      }),
      ROUNDS,
    );
    const always = fitScores(over('a', 'b', 10_000));
    expect(always.scores[0]).toBeGreaterThan(3);
    expect(always.scores[0]).toBeLessThan(8);
    expect(fitScores([]).candidates).toEqual([]);
    const [unknown] = fitScores([], ['x']).covariance;
    expect(unknown).toBeCloseTo(PRIOR.deviation ** 2, 12);
  });

  it('[RK-4] before any choice, all chances of one against another are about equally likely', () => {
    const { covariance } = fitScores([], ['a', 'b']);
    const deviation = Math.sqrt(differenceVariance(covariance, 2, 0, 1));
    expect(deviation).toBeCloseTo(Math.PI / Math.sqrt(3), 12);
    // Share of the normal differences for which the chance is below a quarter: exactly a quarter if it were uniform.
    const below = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 250).reduce(
      (sum, x) => sum + (1 / (1 + Math.exp(-x * deviation)) < 0.25 ? Math.exp((-x * x) / 2) / 250 : 0),
      0,
    );
    expect(below / Math.sqrt(2 * Math.PI)).toBeCloseTo(0.25, 1);
  });

  it('[RK-5] do not depend on the order of choices, not even in the last digit', () => {
    fc.assert(
      fc.property(
        choices().chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(fitScores(shuffled)).toEqual(fitScores(all));
        },
      ),
      ROUNDS,
    );
  });

  it('[RK-5] follow the names of candidates', () => {
    const swap: Readonly<Record<string, string>> = { a: 'f', b: 'e', c: 'd', d: 'c', e: 'b', f: 'a' };
    const renamed = (choice: Choice): Choice =>
      choice.kind === 'tie'
        ? tie(swap[choice.between[0]]!, swap[choice.between[1]]!)
        : bestOf(swap[choice.chosen]!, ...choice.over.map((id) => swap[id]!));
    fc.assert(
      fc.property(choices(), (all) => {
        const [one, other] = [byId(fitScores(all)), byId(fitScores(all.map(renamed)))];
        for (const [id, score] of Object.entries(one)) expect(other[swap[id]!]).toBeCloseTo(score, 6);
      }),
      ROUNDS,
    );
  });

  it('[RK-5] one more choice of a candidate never lowers it, nor raises those it was chosen over', () => {
    fc.assert(
      fc.property(choices(false), fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 2 }), (all, ids) => {
        const [winner, ...losers] = ids as [string, ...string[]];
        const before = byId(fitScores(all, ids));
        const after = byId(fitScores([...all, bestOf(winner, ...losers)], ids));
        expect(after[winner]!).toBeGreaterThan(before[winner]!);
        for (const loser of losers)
          expect(after[winner]! - after[loser]!).toBeGreaterThan(before[winner]! - before[loser]!);
      }),
      ROUNDS,
    );
  });

  it('[RK-5] one more tie never brings two candidates apart', () => {
    const gap = (all: readonly Choice[]): number => {
      const scores = byId(fitScores(all));
      return Math.abs(scores['a']! - scores['b']!);
    };
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 9 }), (wins, losses, ties) => {
        const all = [...over('a', 'b', wins), ...over('b', 'a', losses), ...Array(ties).fill(tie('a', 'b'))];
        expect(gap([...all, tie('a', 'b')])).toBeLessThanOrEqual(gap(all) + 1e-6);
      }),
      ROUNDS,
    );
  });

  it('[RK-6] are surer the more choices there are', () => {
    const error = (times: number): number => {
      const { covariance } = fitScores([...over('a', 'b', times), ...over('b', 'a', times)]);
      return Math.sqrt(covariance[0]!);
    };
    expect([1, 4, 16, 64].map(error).every((each, i, all) => i === 0 || each < all[i - 1]!)).toBe(true);
    // Of n decisions between equals the difference has the variance 4 / n where nothing else is known.
    const wide = fitScores([...over('a', 'b', 50), ...over('b', 'a', 50)], [], { deviation: 1e4 });
    expect(differenceVariance(wide.covariance, 2, 0, 1)).toBeCloseTo(0.04, 6);
  });

  it('say how likely one is chosen over another', () => {
    const scores = byId(fitScores([...over('a', 'b', 75), ...over('b', 'a', 25)], [], { deviation: 1e4 }));
    expect(chanceOf(scores['a']!, scores['b']!)).toBeCloseTo(0.75, 6);
  });

  it('refuses a choice that is none, and too many candidates', () => {
    for (const bad of [bestOf('a'), bestOf('a', 'a'), tie('a', 'a'), bestOf('a', 'b', 'b')])
      expect(() => fitScores([bad])).toThrow(expect.objectContaining({ code: 'RANK_INVALID' }));
    const many = Array.from({ length: 1001 }, (_, i) => String(i));
    expect(() => fitScores([], many)).toThrow(expect.objectContaining({ code: 'RANK_INVALID' }));
  });
});

describe('linear algebra', () => {
  it('solves and inverts what it factored', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 42, maxLength: 42 }),
        (n, values) => {
          // B·Bᵀ + I is positive definite.
          const matrix = new Float64Array(n * n);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++)
              for (let k = 0; k < n; k++)
                matrix[i * n + j]! += values[i * n + k]! * values[j * n + k]! + (k === 0 && i === j ? 1 : 0);
          const factor = cholesky(matrix, n)!;
          const right = Float64Array.from(values.slice(36, 36 + n));
          const x = solve(factor, right);
          const inverted = inverse(factor);
          for (let i = 0; i < n; i++) {
            let [product, unit] = [0, 0];
            for (let k = 0; k < n; k++) {
              product += matrix[i * n + k]! * x[k]!;
              unit += matrix[i * n + k]! * inverted[k * n + i]!;
            }
            expect(product).toBeCloseTo(right[i]!, 6);
            expect(unit).toBeCloseTo(1, 6);
          }
        },
      ),
      ROUNDS,
    );
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
  });
});
