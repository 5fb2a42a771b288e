import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointFault } from '../../../../src/plan/optimize/domain/check.ts';
import { domainOf } from '../../../../src/plan/optimize/domain/domain.ts';
import { uniformPoint } from '../../../../src/plan/optimize/domain/uniform.ts';
import { gpSampler } from '../../../../src/plan/optimize/gp/sampler.ts';
import { mulberry32, seedOf } from '../../../../src/plan/optimize/rng.ts';
import type { History } from '../../../../src/plan/optimize/sampler.ts';
import type { Params, Space } from '../../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../../src/plan/optimize/trial.ts';

const SPACE: Space = {
  parameters: [
    { name: 'steps', kind: 'int', low: 4, high: 40 },
    { name: 'cfg', kind: 'float', low: 1, high: 12 },
    { name: 'sampler', kind: 'categorical', choices: ['euler', 'heun', 'lms', 'ddim'] },
    { name: 'size', kind: 'ordinal', choices: [512, 768, 1024] },
    { name: 'hires', kind: 'categorical', choices: [false, true] },
    { name: 'strength', kind: 'float', low: 0.01, high: 1, log: true, when: [{ parent: 'hires', values: [true] }] },
    { name: 'width', kind: 'float', low: 0, high: 1, step: 0.25, when: [{ parent: 'hires', values: [true] }] },
  ],
};
const NUMBERS: Space = {
  parameters: ['x', 'y'].map((name) => ({ name, kind: 'float', low: -2, high: 2 })),
};
const ONE: History['directions'] = ['minimize'];

/** Smallest at 20 steps, cfg 7, heun, 1024, hires of strength 0.1. */
function loss({ steps, cfg, sampler, size, hires, strength }: Params): number {
  const numbers = ((Number(steps) - 20) / 20) ** 2 + ((Number(cfg) - 7) / 5) ** 2 + (1024 - Number(size)) / 1000;
  return numbers + (sampler === 'heun' ? 0 : 0.5) + (hires ? Math.abs(Math.log10(Number(strength)) + 1) / 2 : 0.6);
}

const complete = (number: number, params: Params, ...values: number[]): Trial => {
  return { number, state: 'COMPLETE', params, values, intermediate: [] };
};
const failed = (number: number, params: Params): Trial => {
  return { number, state: 'FAIL', failure: 'out-of-memory', params, intermediate: [] };
};
const running = (number: number, params: Params): Trial => ({ number, state: 'RUNNING', params, intermediate: [] });

/** A study by the sampler; `tell` makes a trial of a point. */
function study(
  space: Space,
  n: number,
  seed: number,
  tell: (number: number, params: Params) => Trial,
  more = {},
): Trial[] {
  const trials: Trial[] = [];
  for (let i = 0; i < n; i++) {
    const history: History = { space, directions: ONE, trials, ...more };
    trials.push(tell(i, gpSampler().suggest(history, mulberry32(seedOf(`${seed}|${i}`)))));
  }
  return trials;
}

/** Uniform points. */
function drawn(space: Space, n: number, seed: number): Params[] {
  const rng = mulberry32(seed);
  return Array.from({ length: n }, () => uniformPoint(space, rng));
}

const best = (trials: readonly Trial[]): number => Math.min(...trials.map(({ values }) => values?.[0] ?? Infinity));

describe('the gp sampler', () => {
  it('[GP-1, GP-5, GP-8] proposes valid points that are new, whatever became of the trials', () => {
    const fates = fc.array(fc.constantFrom('complete', 'fail', 'running', 'nan', 'pruned', 'error'), {
      minLength: 0,
      maxLength: 24,
    });
    fc.assert(
      fc.property(fates, fc.nat(), (all, seed) => {
        const points = drawn(SPACE, all.length, seed);
        const trials = all.map((fate, i): Trial => {
          const params = points[i]!;
          if (fate === 'complete') return complete(i, params, loss(params));
          if (fate === 'nan') return complete(i, params, Number.NaN);
          if (fate === 'fail') return failed(i, params);
          if (fate === 'running') return running(i, params);
          return { number: i, state: fate === 'error' ? 'FAIL' : 'PRUNED', params, intermediate: [] };
        });
        const history: History = { space: SPACE, directions: ONE, trials };
        const point = gpSampler().suggest(history, mulberry32(seed + 1));
        expect(pointFault(SPACE, point)).toBeUndefined();
        const { keyOf } = domainOf(SPACE);
        expect(points.map(keyOf)).not.toContain(keyOf(point));
        expect(gpSampler().suggest(history, mulberry32(seed + 1))).toEqual(point);
      }),
      { numRuns: 40 },
    );
  });

  it('finds what is best in a mixed space with conditions', () => {
    const found = [1, 2].map((seed) => best(study(SPACE, 30, seed, (i, params) => complete(i, params, loss(params)))));
    const random = best(drawn(SPACE, 400, 1).map((params, i) => complete(i, params, loss(params))));
    for (const value of found) expect(value).toBeLessThan(random);
  });

  it('[GP-3] does the same for values in another unit, and for the largest of the negated', () => {
    const trials = drawn(NUMBERS, 15, 2).map((params, i) =>
      complete(i, params, Number(params['x']) ** 2 + Number(params['y'])),
    );
    const told = (by: number, and: number, direction: 'minimize' | 'maximize'): Params => {
      const moved = trials.map((trial) => ({ ...trial, values: [by * trial.values![0]! + and] }));
      return gpSampler().suggest({ space: NUMBERS, directions: [direction], trials: moved }, mulberry32(1));
    };
    const plain = told(1, 0, 'minimize');
    for (const other of [told(1024, 4096, 'minimize'), told(-1, 0, 'maximize')])
      for (const name of ['x', 'y']) expect(Number(other[name])).toBeCloseTo(Number(plain[name]), 2);
  });

  it('[GP-8] gives workers that ask at once different points', () => {
    const trials = drawn(NUMBERS, 12, 3).map((params, i) =>
      complete(i, params, Number(params['x']) ** 2 + Number(params['y']) ** 2),
    );
    const asked: Params[] = [];
    for (let i = 0; i < 4; i++) {
      const pending = asked.map((params, k) => running(12 + k, params));
      // The same stream for all: only what is pending keeps them apart.
      asked.push(
        gpSampler().suggest({ space: NUMBERS, directions: ONE, trials: [...trials, ...pending] }, mulberry32(4)),
      );
    }
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < a; b++) {
        const off = Math.hypot(...['x', 'y'].map((name) => Number(asked[a]![name]) - Number(asked[b]![name])));
        expect(off).toBeGreaterThan(0.02);
      }
  });

  it('[GP-7] learns where it runs out of memory, from crashes alone', () => {
    const crashes = ({ size, steps }: Params): boolean => Number(size) === 1024 || Number(steps) > 30;
    const trials = study(SPACE, 40, 5, (i, params) =>
      crashes(params) ? failed(i, params) : complete(i, params, loss(params)),
    );
    expect(trials.slice(20).filter(({ state }) => state === 'FAIL').length).toBeLessThanOrEqual(4);
    expect(trials.slice(0, 20).some(({ state }) => state === 'FAIL')).toBe(true);
  });

  it('[GP-7] keeps to a measured constraint, and looks for a point that holds it while there is none', () => {
    const tell = (i: number, params: Params): Trial => {
      const [x, y] = [Number(params['x']), Number(params['y'])];
      return { ...complete(i, params, x + y), constraints: [0.3 - x * y] };
    };
    const trials = study(NUMBERS, 30, 6, tell);
    const feasible = trials.filter(({ constraints }) => constraints![0]! <= 0);
    // The least of x + y with x y of 0.3 and more, both from -2 on, is -4.
    expect(best(feasible)).toBeLessThan(-3.9);
    const early = drawn(NUMBERS, 40, 7)
      .filter(({ x, y }) => Number(x) * Number(y) < 0)
      .slice(0, 10)
      .map((params, i) => tell(i, params));
    const next = gpSampler().suggest({ space: NUMBERS, directions: ONE, trials: early }, mulberry32(1));
    expect(Number(next['x']) * Number(next['y'])).toBeGreaterThan(0);
  });

  it('[GP-6] covers the front of two objectives, and keeps inside the reference point', () => {
    const directions: History['directions'] = ['minimize', 'maximize'];
    const tell = (i: number, params: Params): Trial => {
      const [x, y] = [Number(params['x']), Number(params['y'])];
      return complete(i, params, x ** 2 + y ** 2, -((x - 1) ** 2) - y ** 2);
    };
    const trials = study(NUMBERS, 30, 8, tell, { directions, reference: [1, -1] });
    const front = trials.filter(({ values }) => values![0]! < 1 && values![1]! > -1);
    expect(front.length).toBeGreaterThan(15);
    // The front runs from x = 0 to x = 1 along y = 0.
    for (const at of [0.1, 0.3, 0.5, 0.7, 0.9])
      expect(
        front.some(({ params }) => Math.abs(Number(params['x']) - at) < 0.15 && Math.abs(Number(params['y'])) < 0.15),
      ).toBe(true);
  });

  it('[GP-9] follows a belief first and the measurements later', () => {
    const beliefs = { parameters: { x: { kind: 'around', value: 1.5, deviation: 0.05 } as const }, strength: 10 };
    const asked = (n: number): number => {
      const trials = drawn(NUMBERS, n, 9).map((params, i) => complete(i, params, (Number(params['x']) + 1) ** 2));
      return Number(gpSampler(beliefs).suggest({ space: NUMBERS, directions: ONE, trials }, mulberry32(1))['x']);
    };
    expect(asked(10)).toBeGreaterThan(0.5);
    expect(asked(150)).toBeLessThan(0);
  });
});
