import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalDensity } from '../../../../src/base/normal.ts';
import { hypervolume } from '../../../../src/plan/optimize/front.ts';
import {
  logChanceBelow,
  logExpectedExcess,
  logExpectedImprovement,
  type Score,
  sumOf,
} from '../../../../src/plan/optimize/gp/acquisition.ts';
import { logExpectedHypervolume } from '../../../../src/plan/optimize/gp/ehvi.ts';
import { mulberry32, normal } from '../../../../src/plan/optimize/rng.ts';
import { areClose, slopesOf } from '../numbers.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

function scoreOf(score: Score, means: readonly number[], deviations: readonly number[]): number {
  const zeros = new Float64Array(means.length);
  return score(Float64Array.from(means), Float64Array.from(deviations), zeros, zeros.slice());
}

/** Derivatives by the score itself and by differences: means, then deviations. */
function expectSlopes(score: Score, means: readonly number[], deviations: readonly number[]): void {
  const m = means.length;
  const [byMean, byDeviation] = [new Float64Array(m), new Float64Array(m)];
  score(Float64Array.from(means), Float64Array.from(deviations), byMean, byDeviation);
  const all = (x: Float64Array): number => scoreOf(score, [...x.slice(0, m)], [...x.slice(m)]);
  expect(areClose([...byMean, ...byDeviation], slopesOf(all, Float64Array.of(...means, ...deviations)), 1e-3)).toBe(
    true,
  );
}

describe('expected improvement', () => {
  it('[GP-6] is the integral over what lies below the best', () => {
    fc.assert(
      fc.property(number(-2, 2), number(0.1, 2), number(-2, 2), (mean, deviation, best) => {
        let sum = 0;
        const steps = 20000;
        const [from, width] = [mean - 9 * deviation, best - mean + 9 * deviation];
        if (width <= 0) return;
        for (let i = 0; i < steps; i++) {
          const y = from + ((i + 0.5) / steps) * width;
          sum += ((best - y) * normalDensity((y - mean) / deviation) * width) / (steps * deviation);
        }
        if (sum > 1e-12)
          expect(scoreOf(logExpectedImprovement(best), [mean], [deviation])).toBeCloseTo(Math.log(sum), 4);
      }),
      { numRuns: 30 },
    );
  });

  it('goes on growing without a step where the chances are too small for numbers', () => {
    for (const seam of [-3.5, -1000])
      expect(logExpectedExcess(seam + 1e-9) - logExpectedExcess(seam - 1e-9)).toBeLessThan(1e-5);
    for (let z = -1e4; z < 5; z += z < -50 ? 97.3 : 0.13) {
      expect(logExpectedExcess(z + 0.1)).toBeGreaterThan(logExpectedExcess(z));
    }
  });

  it('has the derivatives that differences have, in the tails too', () => {
    fc.assert(
      fc.property(number(-3, 30), number(0.2, 2), number(-3, 3), (mean, deviation, limit) => {
        expectSlopes(logExpectedImprovement(limit), [mean], [deviation]);
        expectSlopes(sumOf([logExpectedImprovement(0), logChanceBelow(limit, 1)]), [0.3, mean], [0.7, deviation]);
      }),
    );
  });
});

describe('expected improvement of the hypervolume', () => {
  const point = (m: number) => fc.array(number(0, 1), { minLength: m, maxLength: m });
  const cases = fc.constantFrom(2, 3).chain((m) =>
    fc.record({
      front: fc.array(point(m), { maxLength: 6 }),
      means: point(m),
      deviations: fc.array(number(0.1, 0.5), { minLength: m, maxLength: m }),
    }),
  );

  it('[GP-6] is what sampling finds', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ front, means, deviations }, seed) => {
        const reference = means.map(() => 1.1);
        const rng = mulberry32(seed);
        const before = hypervolume(front, reference);
        let [sum, squares] = [0, 0];
        const draws = 2000;
        for (let i = 0; i < draws; i++) {
          const y = means.map((mean, j) => mean + deviations[j]! * normal(rng));
          const gain = hypervolume([...front, y], reference) - before;
          sum += gain;
          squares += gain * gain;
        }
        const mean = sum / draws;
        const error = Math.sqrt(Math.max(0, squares / draws - mean * mean) / draws);
        const exact = Math.exp(scoreOf(logExpectedHypervolume(front, reference), means, deviations));
        expect(Math.abs(exact - mean)).toBeLessThan(6 * error + 1e-4);
      }),
      { numRuns: 30 },
    );
  });

  it('has the derivatives that differences have', () => {
    fc.assert(
      fc.property(cases, ({ front, means, deviations }) => {
        const score = logExpectedHypervolume(
          front,
          means.map(() => 1.2),
        );
        if (scoreOf(score, means, deviations) > -20) expectSlopes(score, means, deviations);
      }),
    );
  });

  it('is the expected improvement times the width where the other objective is nearly certain', () => {
    const score = logExpectedHypervolume([], [1, 1]);
    const one = Math.exp(scoreOf(logExpectedImprovement(1), [0.8], [0.3]));
    expect(Math.exp(scoreOf(score, [0.8, 0.25], [0.3, 1e-9]))).toBeCloseTo(one * 0.75, 8);
  });
});

describe('the most that a score can be', () => {
  it('[GP-20] is no less than the score with any smaller deviations', () => {
    fc.assert(
      fc.property(
        fc.array(number(-4, 4), { minLength: 3, maxLength: 3 }),
        fc.array(number(0.001, 2), { minLength: 3, maxLength: 3 }),
        fc.array(number(0.01, 1), { minLength: 3, maxLength: 3 }),
        fc.array(fc.tuple(number(-2, 2), number(-2, 2)), { maxLength: 6 }),
        number(-3, 3),
        (means, deviations, shares, front, best) => {
          const smaller = deviations.map((deviation, j) => deviation * shares[j]!);
          const volume = sumOf([logExpectedHypervolume(front, [2, 2]), logChanceBelow(best, 2)]);
          const improvement = sumOf([logExpectedImprovement(best), logChanceBelow(0, 1)]);
          for (const score of [volume, improvement]) {
            const most = score.most!(Float64Array.from(means), Float64Array.from(deviations));
            expect(most - scoreOf(score, means, smaller)).toBeGreaterThan(-1e-7);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
