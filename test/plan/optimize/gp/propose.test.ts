import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  logChanceBelow,
  logExpectedImprovement,
  type Score,
  sumOf,
} from '../../../../src/plan/optimize/gp/acquisition.ts';
import { logExpectedHypervolume } from '../../../../src/plan/optimize/gp/ehvi.ts';
import { fitModel, predictor } from '../../../../src/plan/optimize/gp/model.ts';
import { draw, gridOf } from '../../../../src/plan/optimize/gp/points.ts';
import { propose } from '../../../../src/plan/optimize/gp/propose.ts';
import { mulberry32 } from '../../../../src/plan/optimize/rng.ts';
import type { Space } from '../../../../src/plan/optimize/space.ts';

const MIXED: Space = {
  parameters: [
    { name: 'a', kind: 'float', low: 0, high: 1 },
    { name: 'b', kind: 'int', low: 1, high: 30 },
    { name: 'c', kind: 'categorical', choices: ['x', 'y', 'z'] },
  ],
};
/** So small that most of it was tried. */
const SMALL: Space = {
  parameters: MIXED.parameters.slice(1).map((one) => (one.kind === 'int' ? { ...one, high: 5 } : one)),
};

describe('a proposal', () => {
  it('[GP-20] is the same whether candidates are passed over or not', () => {
    let finishes = 0;
    const work = { passing: 0, plain: 0 };
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 14 }), fc.boolean(), fc.boolean(), (seed, n, isSmall, isTwo) => {
        const grid = gridOf(isSmall ? SMALL : MIXED);
        const rng = mulberry32(seed);
        const tried = Array.from({ length: n }, () => draw(grid, rng));
        const values = tried.map((point) => (point[0]! - 0.3) ** 2 + 0.2 * point.at(-1)! + 0.1 * rng());
        const models = [values, values.map((value, i) => 1 - value + 0.1 * (i % 3)), values.map((_, i) => i % 4)];
        const predictors = models.map((each) => {
          const asked = predictor(fitModel({ points: tried, values: each }, grid.categories));
          const { finish } = asked;
          asked.finish = () => {
            finishes++;
            finish();
          };
          return asked;
        });
        const seen = tried.map((point) => predictors.map((each) => each.at(point)));
        const gain = isTwo
          ? logExpectedHypervolume(
              seen.map((means) => means.slice(0, 2)),
              [3, 3],
            )
          : logExpectedImprovement(Math.min(...seen.map(([mean]) => mean!)));
        const score = sumOf([gain, logChanceBelow(0.5, 2)]);
        const theta = new Float64Array(grid.scales.length).fill(1);
        const question = { predictors, theta, incumbents: tried.slice(0, 2), tried };
        const ask = (kind: keyof typeof work, by: Score): Float64Array => {
          const before = finishes;
          const point = propose(grid, { ...question, score: by }, mulberry32(seed + 1));
          work[kind] += finishes - before;
          return point;
        };
        expect(ask('passing', score)).toEqual(ask('plain', (...given) => score(...given)));
      }),
      { numRuns: 25 },
    );
    expect(work.passing).toBeLessThan(0.8 * work.plain);
  });
});
