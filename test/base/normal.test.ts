import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logNormalCdf, mills, normalCdf, normalDensity, normalQuantile } from '../../src/base/normal.ts';

describe('the normal distribution', () => {
  it('has the chances of the tables', () => {
    // Of Python's statistics.NormalDist, which stands on erf and erfc of the C library.
    const table = [
      [0, 0.5],
      [1, 0.841344746068543],
      [-1.959963984540054, 0.025],
      [-5, 2.866515718791939e-7],
      [-10, 7.61985302416052e-24],
      [3.4, 0.9996630707343231],
    ] as const;
    for (const [x, chance] of table) expect(Math.abs(normalCdf(x) / chance - 1)).toBeLessThan(1e-12);
  });

  it('takes back what the quantile does', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-13);
      }),
    );
  });

  it('grows by its density, and sums to 1 with its mirror', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        const step = 1e-5;
        const slope = (normalCdf(x + step) - normalCdf(x - step)) / (2 * step);
        expect(Math.abs(slope - normalDensity(x))).toBeLessThan(1e-9);
        expect(Math.abs(normalCdf(x) + normalCdf(-x) - 1)).toBeLessThan(1e-14);
      }),
    );
  });

  it('has a logarithm where the chance itself is 0', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 5, noNaN: true }), (x) => {
        expect(Math.abs(logNormalCdf(x) - Math.log(normalCdf(x)))).toBeLessThan(1e-10);
      }),
    );
    expect(normalCdf(-60)).toBe(0);
    // -x^2/2 - ln(x sqrt(2 pi)) - 1/x^2 + ...
    expect(logNormalCdf(-60)).toBeCloseTo(-1800 - Math.log(60 * Math.sqrt(2 * Math.PI)) - 1 / 3600, 6);
    expect(mills(10)).toBeCloseTo(normalCdf(-10) / normalDensity(10), 12);
  });
});
