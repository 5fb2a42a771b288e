import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSpace, pointFault } from '../../../src/plan/optimize/domain/check.ts';
import { domainOf, pointCount, triedKeys } from '../../../src/plan/optimize/domain/domain.ts';
import { mulberry32 } from '../../../src/plan/optimize/rng.ts';
import type { History } from '../../../src/plan/optimize/sampler.ts';
import { chooseSampler } from '../../../src/plan/optimize/samplers/choice.ts';
import { gridSampler } from '../../../src/plan/optimize/samplers/grid.ts';
import { SAMPLERS } from '../../../src/plan/optimize/samplers/index.ts';
import { latinPoint } from '../../../src/plan/optimize/samplers/latin.ts';
import { SOBOL_DIMENSIONS, sobolNumber } from '../../../src/plan/optimize/samplers/sobol-sequence.ts';
import type { Space } from '../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../src/plan/optimize/trial.ts';
import { histories, spaces } from './spaces.ts';

const names = Object.keys(SAMPLERS);
const GRID_LIMIT = 2000;

/** A grid is refused where it would be too large; there is nothing to look at then. */
function isTooLarge(name: string, { space }: History): boolean {
  return name === 'grid' && Math.min(pointCount(space), 5 ** space.parameters.length) > GRID_LIMIT;
}

describe.each(names)('sampler %s', (name) => {
  const sampler = SAMPLERS[name]!.make({ seed: 7 });

  test('[SA-5] proposes valid points whatever happened before', () => {
    expect(sampler.name).toBe(name);
    fc.assert(
      fc.property(histories(), fc.nat(), (history, seed) => {
        fc.pre(!isTooLarge(name, history));
        checkSpace(history.space);
        expect(pointFault(history.space, sampler.suggest(history, mulberry32(seed)))).toBeUndefined();
      }),
    );
  });

  test('[SA-5] the same history and stream give the same point, in whatever order the trials stand', () => {
    fc.assert(
      fc.property(histories(), fc.nat(), fc.nat(), (history, seed, turn) => {
        fc.pre(!isTooLarge(name, history));
        const { trials } = history;
        const at = trials.length === 0 ? 0 : turn % trials.length;
        const turned = [...trials.slice(at), ...trials.slice(0, at)].reverse();
        const point = sampler.suggest(history, mulberry32(seed));
        expect(sampler.suggest(history, mulberry32(seed))).toEqual(point);
        expect(sampler.suggest({ ...history, trials: turned }, mulberry32(seed))).toEqual(point);
      }),
    );
  });

  test('[SA-6] a point that is tried or running is not proposed again while the space has others', () => {
    fc.assert(
      fc.property(histories(spaces({ isCounted: true })), fc.nat(), (history, seed) => {
        fc.pre(!isTooLarge(name, history) && pointCount(history.space) <= 500);
        // A grid of few divisions does not have the points between.
        fc.pre(name !== 'grid' || domainOf(history.space).scales.every(({ levels }) => levels <= 5));
        const domain = domainOf(history.space);
        const tried = triedKeys(domain, history.trials);
        fc.pre(tried.size < pointCount(history.space));
        expect(tried.has(domain.keyOf(sampler.suggest(history, mulberry32(seed))))).toBe(false);
      }),
    );
  });

  test('[SA-6] workers that ask one after the other never get the same point', () => {
    const space: Space = {
      parameters: [
        { name: 'n', kind: 'int', low: 0, high: 4 },
        { name: 'b', kind: 'categorical', choices: [true, false] },
      ],
    };
    const trials: Trial[] = [];
    for (let number = 0; number < 10; number++) {
      const params = sampler.suggest({ space, directions: ['minimize'], trials }, mulberry32(number));
      trials.push({ number, state: 'RUNNING', params, intermediate: [] });
    }
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(10);
  });
});

describe('sobol', () => {
  test('[SA-7] unscrambled, the first points are those of the published direction numbers', () => {
    const points = Array.from({ length: 8 }, (_, i) => [0, 1, 2, 3, 4, 5].map((d) => sobolNumber(i, d)));
    expect(points).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375, 0.125],
      [0.875, 0.875, 0.125, 0.375, 0.875, 0.625],
      [0.625, 0.125, 0.875, 0.625, 0.625, 0.875],
      [0.125, 0.625, 0.375, 0.125, 0.125, 0.375],
    ]);
  });

  test('[SA-7] of 64 points every dimension has one in each 64th, scrambled or not', () => {
    for (const seed of [undefined, 1, 2]) {
      for (let dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++) {
        const cells = Array.from({ length: 64 }, (_, i) => Math.floor(64 * sobolNumber(i, dimension, seed)));
        expect(new Set(cells).size, `dimension ${dimension}`).toBe(64);
      }
    }
  });

  test('[SA-7] the discrepancy is far below that of random points, of all pairs of 21 dimensions too', () => {
    const random = (seed: number, dimensions: number): number => {
      const rng = mulberry32(seed);
      return discrepancy(128, dimensions, () => rng());
    };
    for (const [dimensions, share] of [
      [2, 0.5],
      [6, 0.9],
    ] as const) {
      const sobol = [1, 2, 3].map((seed) => discrepancy(128, dimensions, (i, d) => sobolNumber(i, d, seed)));
      expect(Math.max(...sobol)).toBeLessThan(
        share * Math.min(...[1, 2, 3, 4, 5].map((seed) => random(seed, dimensions))),
      );
    }
    const pairs = Array.from({ length: 20 }, (_, a) =>
      discrepancy(64, 2, (i, d) => sobolNumber(i, d === 0 ? a : 20, 1)),
    );
    const mean = pairs.reduce((sum, each) => sum + each, 0) / pairs.length;
    expect(mean).toBeLessThan(0.5);
  });

  test('[SA-7] scrambling makes each point uniform by itself', () => {
    const first = Array.from({ length: 400 }, (_, seed) => sobolNumber(0, 3, seed));
    const mean = first.reduce((sum, u) => sum + u, 0) / first.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / first.length));
  });
});

test('[SA-8] each design of a Latin hypercube has one point in every part of every range', () => {
  const space: Space = { parameters: [0, 1, 2].map((i) => ({ name: `x${i}`, kind: 'float', low: 0, high: 1 })) };
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), fc.nat({ max: 3 }), (seed, size, design) => {
      const points = Array.from({ length: size }, (_, i) => latinPoint(space, seed, size, design * size + i));
      for (const name of ['x0', 'x1', 'x2']) {
        const parts = points.map((point) => Math.floor((point[name] as number) * size));
        expect([...parts].sort((a, b) => a - b)).toEqual(points.map((_, i) => i));
      }
    }),
  );
});

describe('grid', () => {
  const space: Space = {
    parameters: [
      { name: 'c', kind: 'categorical', choices: ['a', 'b'] },
      { name: 'n', kind: 'int', low: 1, high: 3, when: [{ parent: 'c', values: ['a'] }] },
    ],
  };
  const all = [{ c: 'a', n: 1 }, { c: 'a', n: 2 }, { c: 'a', n: 3 }, { c: 'b' }];

  test('[SA-9] goes through all points in order, then anew', () => {
    const trials: Trial[] = [];
    for (let number = 0; number < 6; number++) {
      const params = gridSampler().suggest({ space, directions: ['minimize'], trials }, mulberry32(0));
      trials.push({ number, state: 'COMPLETE', params, values: [0], intermediate: [] });
    }
    expect(trials.map(({ params }) => params)).toEqual([...all, all[0], all[1]]);
  });

  test('[SA-9] too many points are refused with what to do instead', () => {
    const parameters = Array.from({ length: 9 }, (_, i) => ({
      name: `x${i}`,
      kind: 'float' as const,
      low: 0,
      high: 1,
    }));
    const history: History = { space: { parameters }, directions: ['minimize'], trials: [] };
    expect(() => gridSampler().suggest(history, mulberry32(0))).toThrow(
      expect.objectContaining({ code: 'GRID_TOO_LARGE' }),
    );
  });
});

test('[SA-10] the sampler of a study that names none is told with its reason', () => {
  const wide: Space = { parameters: [{ name: 'x', kind: 'float', low: 0, high: 1 }] };
  const small: Space = { parameters: [{ name: 'n', kind: 'int', low: 1, high: 8 }] };
  expect(chooseSampler({ space: wide, budget: 60 }).name).toBe('gp');
  expect(chooseSampler({ space: wide }).name).toBe('gp');
  expect(chooseSampler({ space: wide, budget: 1000 })).toEqual({ name: 'tpe', reason: 'more than 300 trials' });
  expect(chooseSampler({ space: wide, budget: 60, trialSeconds: 0.01 }).name).toBe('tpe');
  expect(chooseSampler({ space: small, budget: 8 }).name).toBe('grid');
  expect(chooseSampler({ space: small, budget: 7 }).name).toBe('gp');
});

/** The L2 star discrepancy after Warnock (1972), over what it is expected to be for random points. */
function discrepancy(n: number, dimensions: number, at: (i: number, d: number) => number): number {
  const points = Array.from({ length: n }, (_, i) => Array.from({ length: dimensions }, (_, d) => at(i, d)));
  let [singles, pairs] = [0, 0];
  for (const a of points) {
    singles += a.reduce((product, u) => product * (1 - u * u), 1);
    for (const b of points) pairs += a.reduce((product, u, d) => product * (1 - Math.max(u, b[d]!)), 1);
  }
  const square = 3 ** -dimensions - (2 ** (1 - dimensions) * singles) / n + pairs / n ** 2;
  return Math.sqrt(square / ((2 ** -dimensions - 3 ** -dimensions) / n));
}
