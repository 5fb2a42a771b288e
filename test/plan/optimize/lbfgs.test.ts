import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimize } from '../../../src/plan/optimize/lbfgs.ts';

const box = (size: number, low: number, high: number) => ({
  low: new Float64Array(size).fill(low),
  high: new Float64Array(size).fill(high),
  steps: 200,
  slope: 1e-8,
});

describe('L-BFGS in a box', () => {
  it('finds the bottom of the valley of Rosenbrock', () => {
    const { x, value } = minimize(
      ([a, b] = new Float64Array(2), gradient) => {
        gradient[0] = -2 * (1 - a!) - 400 * a! * (b! - a! * a!);
        gradient[1] = 200 * (b! - a! * a!);
        return (1 - a!) ** 2 + 100 * (b! - a! * a!) ** 2;
      },
      Float64Array.of(-1.2, 1),
      box(2, -5, 5),
    );
    expect(value).toBeLessThan(1e-12);
    expect(x[0]).toBeCloseTo(1, 5);
  });

  it('stops at the bound where the bottom of a bowl lies outside', () => {
    const numbers = fc.array(
      fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0.1, max: 50, noNaN: true })),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(numbers, (bowl) => {
        const { x } = minimize(
          (at, gradient) => {
            let value = 0;
            bowl.forEach(([centre, weight], i) => {
              gradient[i] = 2 * weight * (at[i]! - centre);
              value += weight * (at[i]! - centre) ** 2;
            });
            return value;
          },
          new Float64Array(bowl.length),
          box(bowl.length, -1, 1),
        );
        bowl.forEach(([centre], i) => {
          expect(x[i]).toBeCloseTo(Math.min(1, Math.max(-1, centre)), 4);
        });
      }),
    );
  });

  it('is never worse than the start, and stays where there is no value', () => {
    const bumpy = minimize(
      (x, gradient) => {
        gradient[0] = 50 * Math.cos(50 * x[0]!);
        return Math.sin(50 * x[0]!);
      },
      Float64Array.of(0.1),
      box(1, 0, 1),
    );
    expect(bumpy.value).toBeLessThanOrEqual(Math.sin(5));
    expect([...minimize(() => Number.NaN, Float64Array.of(0.3), box(1, 0, 1)).x]).toEqual([0.3]);
  });
});
