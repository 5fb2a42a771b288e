import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cholesky, dot } from '../../../../src/base/cholesky.ts';
import { pairwise } from '../../../../src/plan/optimize/gp/kernel.ts';
import { type Comparison, propagate, takenBy } from '../../../../src/plan/optimize/preference/propagation.ts';
import { evidenceOf } from '../../../../src/plan/optimize/preference/utilities.ts';
import { mulberry32, normal } from '../../../../src/plan/optimize/rng.ts';
import { areClose, slopesOf } from '../numbers.ts';

const N = 5;
/** Neighbours in a row are alike. */
const KERNEL = Float64Array.from({ length: N * N }, (_, k) => 6 * Math.exp(-Math.abs((k % N) - Math.floor(k / N)) / 2));

/** Mean and variance of each utility, and minus the log evidence, by weighing draws of the prior. */
function byDraws(comparisons: readonly Comparison[], draws: number) {
  const { lower } = cholesky(KERNEL, N)!;
  const rng = mulberry32(11);
  const sums = { weight: 0, first: new Float64Array(N), second: new Float64Array(N) };
  for (let s = 0; s < draws; s++) {
    const z = Float64Array.from({ length: N }, () => normal(rng));
    const f = z.map((_, i) => dot(lower, i * N, z, 0, i + 1));
    let weight = 1;
    for (const { winner, loser } of comparisons) weight /= 1 + Math.exp(f[loser]! - f[winner]!);
    sums.weight += weight;
    f.forEach((each, i) => {
      sums.first[i] = sums.first[i]! + weight * each;
      sums.second[i] = sums.second[i]! + weight * each * each;
    });
  }
  const means = sums.first.map((each) => each / sums.weight);
  const variances = sums.second.map((each, i) => each / sums.weight - means[i]! ** 2);
  return { means, variances, evidence: -Math.log(sums.weight / draws) };
}

describe('expectation propagation of comparisons', () => {
  it('[GP-16] has the means, variances and evidence that weighed draws have', () => {
    const comparisons = [
      { winner: 0, loser: 1 },
      { winner: 0, loser: 4 },
      { winner: 2, loser: 0 },
      { winner: 3, loser: 4 },
      { winner: 3, loser: 1 },
      { winner: 2, loser: 0 },
    ];
    const exact = byDraws(comparisons, 60_000);
    const { means, precision, evidence } = propagate(KERNEL, N, comparisons);
    const taken = takenBy(KERNEL, N, precision);
    expect(Math.abs(evidence - exact.evidence)).toBeLessThan(0.05);
    for (let i = 0; i < N; i++) {
      expect(Math.abs(means[i]! - exact.means[i]!)).toBeLessThan(0.06);
      let variance = KERNEL[i * N + i]!;
      for (let a = 0; a < N; a++)
        for (let b = 0; b < N; b++) variance -= KERNEL[i * N + a]! * taken[a * N + b]! * KERNEL[b * N + i]!;
      expect(Math.abs(variance - exact.variances[i]!)).toBeLessThan(0.2);
    }
  });

  it('[GP-16] has an evidence whose slopes are as by differences, with ties and points that nobody compared', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.boolean()), { maxLength: 12 }),
        (seed, drawn) => {
          const rng = mulberry32(seed);
          const points = Array.from({ length: 6 }, () => Float64Array.of(rng(), Math.floor(rng() * 3)));
          const comparisons = drawn
            .filter(([a, b]) => a !== b)
            .map(([winner, loser, isTie]): Comparison => ({ winner, loser, isTie }));
          const cost = evidenceOf(pairwise(points, [false, true]), 6, comparisons);
          const at = Float64Array.from({ length: 3 }, () => 2 * rng() - 0.5);
          const gradient = new Float64Array(3);
          cost(at, gradient);
          const ignored = new Float64Array(3);
          // The factors stay to 1e-6, so the evidence has noise of that size: a step of 1e-3 made slopes of it.
          expect(
            areClose(
              gradient,
              slopesOf((x) => cost(x, ignored), at, 1e-2),
              1e-2,
            ),
          ).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[GP-16] holds where all say the same a hundred times, of equal points too', () => {
    const equal = new Float64Array(N * N).fill(4);
    const often = Array.from({ length: 100 }, (): Comparison => ({ winner: 1, loser: 2 }));
    for (const kernel of [KERNEL, equal]) {
      const { means, evidence } = propagate(kernel, N, often);
      expect([...means, evidence].every(Number.isFinite)).toBe(true);
      expect(means[1]! - means[2]!).toBeGreaterThanOrEqual(-1e-9);
    }
  });
});
