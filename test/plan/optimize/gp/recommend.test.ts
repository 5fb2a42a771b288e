import { describe, expect, it } from 'vitest';
import { recommendations } from '../../../../src/plan/optimize/gp/recommend.ts';
import { expectedGain } from '../../../../src/plan/optimize/gp/sampler.ts';
import { mulberry32, normal } from '../../../../src/plan/optimize/rng.ts';
import type { History } from '../../../../src/plan/optimize/sampler.ts';
import type { Space } from '../../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../../src/plan/optimize/trial.ts';

const SPACE: Space = { parameters: [{ name: 'x', kind: 'float', low: 0, high: 1 }] };

/** Measurements of (x - 1/2)^2 with noise that is larger than most differences. */
function noisy(seed: number, n: number): Trial[] {
  const rng = mulberry32(seed);
  return Array.from({ length: n }, (_, number) => {
    const x = rng();
    return {
      number,
      state: 'COMPLETE',
      params: { x },
      values: [(x - 0.5) ** 2 + 0.05 * normal(rng)],
      intermediate: [],
    };
  });
}

const historyOf = (trials: readonly Trial[], direction: 'minimize' | 'maximize' = 'minimize'): History => {
  return { space: SPACE, directions: [direction], trials };
};

describe('the best trial of a noisy study', () => {
  it('[GP-10] is nearer to the truth than the one that was measured best', () => {
    let [byModel, byLuck] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const trials = noisy(seed, 30);
      const off = (number: number): number => (Number(trials[number]!.params['x']) - 0.5) ** 2;
      byModel += off(recommendations(historyOf(trials), 1)[0]!.trial);
      byLuck += off([...trials].sort((a, b) => a.values![0]! - b.values![0]!)[0]!.number);
    }
    expect(byModel).toBeLessThan(byLuck / 2);
  });

  it('comes once for each point, by the mean of what was measured there, without infeasible ones', () => {
    const at = (number: number, x: number, value: number, more: Partial<Trial> = {}): Trial => {
      return { number, state: 'COMPLETE', params: { x }, values: [value], intermediate: [], ...more };
    };
    const trials = [at(0, 0.1, 5), at(1, 0.5, 1), at(2, 0.5, 1.2), at(3, 0.9, 0, { constraints: [1] }), at(4, 0.3, 3)];
    const all = recommendations(historyOf(trials), 10);
    expect(all.map(({ trial, measured }) => [trial, measured])).toEqual([
      [1, 2],
      [4, 1],
      [0, 1],
    ]);
    expect(recommendations(historyOf(trials), 2)).toHaveLength(2);
    const negated = trials.map((trial) => ({ ...trial, values: [-trial.values![0]!] }));
    const largest = recommendations(historyOf(negated, 'maximize'), 10);
    expect(largest.map(({ trial }) => trial)).toEqual([1, 4, 0]);
    expect(largest[0]!.mean).toBeCloseTo(-all[0]!.mean, 6);
  });

  it('needs no model while there are few points, and none while there are none', () => {
    expect(recommendations(historyOf([]), 3)).toEqual([]);
    expect(recommendations(historyOf(noisy(1, 2)), 1)[0]!.deviation).toBeNaN();
  });
});

describe('the gain that is expected of a point', () => {
  it('[GP-11] is in the unit of the objective, and small where all is known', () => {
    const trials = Array.from({ length: 12 }, (_, number): Trial => {
      const x = number / 16;
      return { number, state: 'COMPLETE', params: { x }, values: [(x - 0.8) ** 2], intermediate: [] };
    });
    const gain = expectedGain(historyOf(trials), { x: 0.8 })!;
    expect(expectedGain(historyOf(trials), { x: 0.2 })!).toBeLessThan(gain / 100);
    const larger = trials.map((trial) => ({ ...trial, values: [1000 * trial.values![0]!] }));
    expect(expectedGain(historyOf(larger), { x: 0.8 })! / gain).toBeCloseTo(1000, 1);
    expect(expectedGain(historyOf([]), { x: 0.5 })).toBeUndefined();
  });
});
