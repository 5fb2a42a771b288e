import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dominates } from '../../../../src/plan/optimize/front.ts';
import { evidenceOf } from '../../../../src/plan/optimize/gp/evidence.ts';
import { levelled } from '../../../../src/plan/optimize/gp/level.ts';
import { gridOf } from '../../../../src/plan/optimize/gp/points.ts';
import type { History } from '../../../../src/plan/optimize/sampler.ts';
import type { Space } from '../../../../src/plan/optimize/space.ts';

const SPACE: Space = { parameters: [{ name: 'x', kind: 'float', low: 0, high: 1 }] };

function study(values: readonly (readonly number[])[]): History {
  const trials = values.map((each, number) => ({
    number,
    params: { x: (number + 0.5) / values.length },
    state: 'COMPLETE' as const,
    values: each,
    intermediate: [],
  }));
  return { space: SPACE, directions: ['minimize', 'maximize'], trials, reference: [1e9, -1e9] };
}

const lossesOf = (history: History) =>
  levelled(history, evidenceOf(history, gridOf(SPACE))).evidence.outcomes.map(({ losses }) => losses);

it('[GP-18] values that span decades lie like normal ones, others stay; every second point sees them as they are', () => {
  const decades = Array.from({ length: 21 }, (_, i) => [10 ** (i / 4), i]);
  const [first, second] = [0, 1].map((j) => lossesOf(study(decades)).map((losses) => losses[j]!)) as [
    number[],
    number[],
  ];
  const skew = (values: readonly number[]): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const moment = (power: number): number =>
      values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
    return moment(3) / moment(2) ** 1.5;
  };
  expect(skew(decades.map(([value]) => value!))).toBeGreaterThan(2);
  expect(Math.abs(skew(first))).toBeLessThan(1);
  expect(second).toEqual(decades.map(([, value]) => -value!));
  expect(lossesOf(study(decades.slice(1))).map(([loss]) => loss)).toEqual(decades.slice(1).map(([value]) => value));
});

it('[GP-18] what dominates what stays the same, the reference point too', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const decade = fc.integer({ min: -6, max: 6 }).map((power) => 10 ** power);
  const one = fc.tuple(fc.oneof(value, decade), fc.oneof(value, decade));
  fc.assert(
    fc.property(fc.array(one, { minLength: 9, maxLength: 31 }), (values) => {
      const history = study(values);
      const before = evidenceOf(history, gridOf(SPACE));
      const after = levelled(history, before);
      const [was, is] = [before, after.evidence].map(({ outcomes }) => outcomes.map(({ losses }) => losses));
      for (const [i, a] of is!.entries()) {
        expect(a.every(Number.isFinite)).toBe(true);
        // Rounding may make two that nearly equal each other equal, never turn them around.
        for (const [j, b] of is!.entries()) if (dominates(a, b)) expect(dominates(was![j]!, was![i]!)).toBe(false);
      }
      const [first, second] = after.history.reference!;
      expect(is!.every(([a, b]) => a! < first! && b! < -second!)).toBe(true);
    }),
  );
});
