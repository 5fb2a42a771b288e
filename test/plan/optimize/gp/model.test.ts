import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairwise } from '../../../../src/plan/optimize/gp/kernel.ts';
import { posterior } from '../../../../src/plan/optimize/gp/likelihood.ts';
import { believing, condition, fitModel, predictor, type Sample } from '../../../../src/plan/optimize/gp/model.ts';
import { mulberry32 } from '../../../../src/plan/optimize/rng.ts';
import { areClose, slopesOf } from '../numbers.ts';

const CATEGORIES = [false, true, false];

/** Points of a number, a category and a number that is not always there. */
function pointsOf(seed: number, n: number): Float64Array[] {
  const rng = mulberry32(seed);
  return Array.from({ length: n }, () =>
    Float64Array.of(rng(), Math.floor(rng() * 3), rng() < 0.3 ? Number.NaN : rng()),
  );
}

function truth(point: Float64Array): number {
  const absent = Number.isNaN(point[2]!);
  return Math.sin(4 * point[0]!) + 0.5 * point[1]! + (absent ? 0.3 : point[2]! ** 2);
}

describe('the likelihood', () => {
  it('[GP-2] has the gradient that differences have', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.double({ min: -2.5, max: 1.5, noNaN: true }), { minLength: 5, maxLength: 5 }),
        (seed, logs) => {
          const studies = [pointsOf(seed, 12), pointsOf(seed + 1, 7)].map((points) => ({
            deltas: pairwise(points, CATEGORIES),
            values: Float64Array.from(points, truth),
            noises: Float64Array.from(points, (_, i) => 1 / (1 + (i % 3))),
          }));
          const smooth = posterior(...studies.slice(0, 1 + (seed % 2)));
          const at = Float64Array.from(logs);
          const gradient = new Float64Array(5);
          smooth(at, gradient);
          expect(
            areClose(
              gradient,
              slopesOf((x) => smooth(x, new Float64Array(5)), at),
            ),
          ).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the model', () => {
  it('[GP-1] has the slopes that differences have, in mean and variance', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const points = pointsOf(seed, 15);
        const asked = predictor(fitModel({ points, values: points.map(truth) }, CATEGORIES));
        const [at] = pointsOf(seed + 1, 1) as [Float64Array];
        const [byMean, byVariance] = [new Float64Array(3), new Float64Array(3)];
        asked.slopes(at, byMean, byVariance);
        const numbers = [0, 2].filter((i) => !Number.isNaN(at[i]!));
        const only = (all: ArrayLike<number>): number[] => numbers.map((i) => all[i]!);
        expect(areClose(only(byMean), only(slopesOf((x) => asked.at(x), at)), 1e-3)).toBe(true);
        const variance = slopesOf((x) => {
          asked.at(x);
          return asked.variance;
        }, at);
        expect(areClose(only(byVariance), only(variance), 1e-3)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('[GP-20] guesses the mean that it has, and a variance that is never exceeded', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 30 }), (seed, n) => {
        const points = pointsOf(seed, n);
        const asked = predictor(fitModel({ points, values: points.map(truth) }, CATEGORIES));
        for (const at of [...pointsOf(seed + 1, 3), ...points.slice(0, 1)]) {
          const mean = asked.guess(at);
          const { most } = asked;
          asked.finish();
          expect(asked.variance).toBeLessThanOrEqual(most + 1e-9);
          const { variance } = asked;
          expect([asked.at(at), asked.variance]).toEqual([mean, variance]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('[GP-12] is one of all points where studies are the same, and one of its own points where they are nothing alike', () => {
    const points = pointsOf(3, 20);
    const values = points.map(truth);
    const { hyper } = fitModel({ points, values }, CATEGORIES);
    const own = points.map((_, i) => i).filter((i) => i % 3 === 0);
    const unit = { mean: 0, deviation: 1 };
    const told = (sample: Sample, at: Float64Array): number[] => {
      const asked = predictor(condition(sample, CATEGORIES, hyper, unit));
      return [asked.at(at), asked.variance, asked.slopes(at, new Float64Array(3), new Float64Array(3)), asked.variance];
    };
    const withKin = (likeness: number): Sample => ({
      points,
      values,
      kin: { studies: points.map((_, i) => i % 3), likeness },
    });
    for (const at of pointsOf(4, 10)) {
      expect(areClose(told(withKin(1), at), told({ points, values }, at))).toBe(true);
      const alone = { points: own.map((i) => points[i]!), values: own.map((i) => values[i]!) };
      expect(areClose(told(withKin(0), at), told(alone, at))).toBe(true);
      const [between, none, all] = [withKin(0.6), withKin(0), withKin(1)].map((sample) => told(sample, at)[1]!);
      expect(between).toBeLessThanOrEqual(none! + 1e-9);
      expect(between).toBeGreaterThanOrEqual(all! - 1e-9);
    }
  });

  it('comes near a smooth function between the points, and knows how far off it is', () => {
    const points = pointsOf(1, 60);
    const model = fitModel({ points, values: points.map(truth) }, CATEGORIES);
    const asked = predictor(model);
    for (const point of pointsOf(2, 30)) {
      const off = Math.abs(model.mean + model.deviation * asked.at(point) - truth(point));
      expect(off).toBeLessThan(0.25);
      expect(off).toBeLessThan(5 * model.deviation * Math.sqrt(asked.variance + model.hyper.noise));
    }
  });

  it('[GP-3] says the same of values in another unit', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.double({ min: -1000, max: 1000, noNaN: true }),
        (seed, by, and) => {
          const points = pointsOf(seed, 20);
          const plain = predictor(fitModel({ points, values: points.map(truth) }, CATEGORIES));
          const other = predictor(
            fitModel({ points, values: points.map((point) => by * truth(point) + and) }, CATEGORIES),
          );
          for (const point of pointsOf(seed + 1, 5)) expect(other.at(point)).toBeCloseTo(plain.at(point), 3);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('[GP-4] lives with equal points, equal values, one point and none', () => {
    const [point] = pointsOf(3, 1) as [Float64Array];
    for (const values of [[1, 1, 1], [1, 2, 3], [1e300, -1e300, 0], [0], []]) {
      const asked = predictor(fitModel({ points: values.map(() => point), values }, CATEGORIES));
      expect(Number.isFinite(asked.at(point))).toBe(true);
      expect(asked.variance).toBeGreaterThan(0);
    }
  });

  it('[GP-3, GP-14] trusts the mean of many measurements more than one', () => {
    const points = pointsOf(4, 10);
    const values = points.map(truth);
    const hyper = { theta: Float64Array.of(1, 1, 1), scale: 1, noise: 0.1 };
    const at = (count: number): number => {
      const asked = predictor(condition({ points, values, counts: points.map(() => count) }, CATEGORIES, hyper));
      asked.at(points[0]!);
      return asked.variance;
    };
    expect(at(9)).toBeLessThan(at(1));
  });

  it('[GP-8] takes pending points as measured: its mean stays, its doubt goes', () => {
    const points = pointsOf(5, 20);
    const model = fitModel({ points, values: points.map(truth) }, CATEGORIES);
    const pending = pointsOf(6, 3);
    const [before, after] = [predictor(model), predictor(believing(model, pending))];
    for (const point of pending) {
      expect(after.at(point)).toBeCloseTo(before.at(point), 6);
      expect(after.variance).toBeLessThan(before.variance);
    }
  });
});
