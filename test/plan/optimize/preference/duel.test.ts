import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformPoint } from '../../../../src/plan/optimize/domain/uniform.ts';
import { nextDuel, preferred } from '../../../../src/plan/optimize/preference/duel.ts';
import type { Comparison } from '../../../../src/plan/optimize/preference/propagation.ts';
import { behind, fitUtilities } from '../../../../src/plan/optimize/preference/utilities.ts';
import { mulberry32, seedOf } from '../../../../src/plan/optimize/rng.ts';
import type { Params, Space } from '../../../../src/plan/optimize/space.ts';
import { areClose, slopesOf } from '../numbers.ts';

const SPACE: Space = {
  parameters: [
    { name: 'cfg', kind: 'float', low: 0, high: 1 },
    { name: 'sampler', kind: 'categorical', choices: ['a', 'b', 'c'] },
  ],
};
const CATEGORIES = [false, true];

function utility({ cfg, sampler }: Params): number {
  return -32 * (Number(cfg) - 0.3) ** 2 - 4 * 'bac'.indexOf(String(sampler));
}

function pointsOf(seed: number, n: number): Float64Array[] {
  const rng = mulberry32(seed);
  return Array.from({ length: n }, () => Float64Array.of(rng(), Math.floor(rng() * 3)));
}

const comparisons = (n: number) =>
  fc.array(
    fc
      .tuple(fc.nat(n - 1), fc.nat(n - 1), fc.boolean())
      .map(([winner, loser, isTie]): Comparison => ({ winner, loser, isTie })),
    { maxLength: 8 },
  );

describe('utilities from comparisons', () => {
  it('[GP-16] rise for the winner of one more comparison, and change nothing when nobody compared', () => {
    fc.assert(
      fc.property(fc.nat(), comparisons(6), fc.nat(5), fc.nat(5), (seed, before, winner, loser) => {
        fc.pre(winner !== loser);
        const points = pointsOf(seed, 6);
        const gap = (all: readonly Comparison[]): number => {
          const { means } = fitUtilities(points, all, CATEGORIES);
          return means[winner]! - means[loser]!;
        };
        expect(gap([...before, { winner, loser }])).toBeGreaterThan(gap(before) - 1e-4);
        expect([...fitUtilities(points, [], CATEGORIES).means]).toEqual([0, 0, 0, 0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('[GP-16] are equal where two points tied or beat each other once', () => {
    const points = [Float64Array.of(0.1, 0), Float64Array.of(0.9, 1)];
    const both = [
      { winner: 0, loser: 1 },
      { winner: 1, loser: 0 },
    ];
    for (const all of [both, [{ winner: 0, loser: 1, isTie: true }]]) {
      const { means } = fitUtilities(points, all, CATEGORIES);
      expect(means[0]! - means[1]!).toBeCloseTo(0, 5);
    }
  });

  it('say how far a point is behind the champion: nothing for the champion itself, with slopes as by differences', () => {
    fc.assert(
      fc.property(fc.nat(), comparisons(8), (seed, all) => {
        const points = pointsOf(seed, 8);
        const champion = points[0]!;
        const asked = behind(fitUtilities(points, all, CATEGORIES), champion);
        expect(asked.at(champion)).toBeCloseTo(0, 6);
        expect(asked.variance).toBeLessThan(1e-4);
        const [at] = pointsOf(seed + 1, 1) as [Float64Array];
        const [byMean, byVariance] = [new Float64Array(2), new Float64Array(2)];
        asked.slopes(at, byMean, byVariance);
        expect(areClose(byMean.slice(0, 1), slopesOf((x) => asked.at(x), at).slice(0, 1), 1e-3)).toBe(true);
        const variance = slopesOf((x) => {
          asked.at(x);
          return asked.variance;
        }, at);
        expect(areClose(byVariance.slice(0, 1), variance.slice(0, 1), 1e-2)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a study by preference', () => {
  it('finds what somebody likes who errs now and then', () => {
    const points: Params[] = [];
    const seen: Comparison[] = [];
    const judge = mulberry32(5);
    for (let i = 0; i <= 30; i++) {
      const { champion, challenger } = nextDuel(SPACE, points, seen, mulberry32(seedOf(`duel ${i}`)));
      points.push(challenger);
      if (champion === undefined) continue;
      const new_ = points.length - 1;
      const chance = 1 / (1 + Math.exp(utility(points[champion]!) - utility(challenger)));
      seen.push(judge() < chance ? { winner: new_, loser: champion } : { winner: champion, loser: new_ });
    }
    const found = utility(points[preferred(SPACE, points, seen)!]!);
    const rng = mulberry32(6);
    const random = Array.from({ length: 200 }, () => utility(uniformPoint(SPACE, rng))).sort((a, b) => b - a);
    expect(found).toBeGreaterThan(random[20]!);
  });

  it('repeats itself, and starts with a point alone', () => {
    expect(nextDuel(SPACE, [], [], mulberry32(1)).champion).toBeUndefined();
    expect(preferred(SPACE, [], [])).toBeUndefined();
    const rng = mulberry32(2);
    const points = Array.from({ length: 10 }, () => uniformPoint(SPACE, rng));
    const all = points.slice(1).map((_, i) => ({ winner: i, loser: i + 1 }));
    expect(nextDuel(SPACE, points, all, mulberry32(3))).toEqual(nextDuel(SPACE, points, all, mulberry32(3)));
  });
});
