import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainOf } from '../../../src/plan/optimize/domain/domain.ts';
import { gridPoints } from '../../../src/plan/optimize/domain/grid.ts';
import { uniformPoint } from '../../../src/plan/optimize/domain/uniform.ts';
import { mulberry32 } from '../../../src/plan/optimize/rng.ts';
import type { History } from '../../../src/plan/optimize/sampler.ts';
import { bandwidths } from '../../../src/plan/optimize/samplers/tpe/bandwidth.ts';
import { densityOf, rampWeights } from '../../../src/plan/optimize/samplers/tpe/density.ts';
import { splitTrials } from '../../../src/plan/optimize/samplers/tpe/split.ts';
import { tpeSampler } from '../../../src/plan/optimize/samplers/tpe/tpe.ts';
import type { Space } from '../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../src/plan/optimize/trial.ts';
import { histories } from './spaces.ts';

const unit: Space = { parameters: [{ name: 'x', kind: 'float', low: 0, high: 1 }] };

function complete(number: number, values: number[], more: Partial<Trial> = {}): Trial {
  return { number, state: 'COMPLETE', params: { x: 0.5 }, values, intermediate: [], ...more };
}

describe('good and bad', () => {
  const history = (trials: Trial[], directions: History['directions'] = ['minimize']): History => ({
    space: unit,
    directions,
    trials,
  });
  const good = (trials: Trial[], directions?: History['directions']) =>
    splitTrials(history(trials, directions)).good.map(({ number }) => number);

  test('[SA-11] a tenth is good, rounded up, of one objective 25 at the most', () => {
    for (const [n, wanted] of [
      [1, 1],
      [10, 1],
      [11, 2],
      [240, 24],
      [400, 25],
    ] as const) {
      expect(good(Array.from({ length: n }, (_, i) => complete(i, [n - i])))).toEqual(
        Array.from({ length: wanted }, (_, i) => n - wanted + i),
      );
    }
    expect(
      good(
        [1, 5, 3].map((value, i) => complete(i, [value])),
        ['maximize'],
      ),
    ).toEqual([1]);
  });

  test('[SA-11] allowed ones come first, then pruned ones by step and value, then broken limits by how much', () => {
    const pruned = (number: number, step: number, value: number): Trial =>
      complete(number, [], { state: 'PRUNED', values: undefined, intermediate: [{ step, values: [value] }] });
    const trials = [
      complete(0, [1], { constraints: [0.5, 0.2] }),
      complete(1, [2], { constraints: [0.6] }),
      pruned(2, 1, 0),
      pruned(3, 3, 9),
      pruned(4, 3, 8),
      complete(5, [7]),
    ];
    const order = Array.from({ length: 6 }, (_, k) => {
      const padding = Array.from({ length: 10 * k }, (_, i) =>
        complete(100 + i, [], { state: 'FAIL', failure: 'out-of-memory' }),
      );
      return new Set(good([...trials, ...padding]));
    });
    expect(order.map((set) => set.size)).toEqual([1, 2, 3, 4, 5, 6]);
    const added = order.map((set, k) => [...set].find((number) => k === 0 || !order[k - 1]!.has(number)));
    expect(added).toEqual([5, 4, 3, 2, 1, 0]);
  });

  test('[SA-11] several objectives go by layers, the last by what it adds to the hypervolume', () => {
    const front = [
      [0, 4],
      [1, 1],
      [1.1, 0.9],
      [4, 0],
    ];
    const behind = Array.from({ length: 16 }, (_, i) => [5 + i, 5]);
    const trials = [...front, ...behind].map((values, i) => complete(i, values));
    expect(good(trials, ['minimize', 'minimize'])).toHaveLength(2);
    expect(good(trials, ['minimize', 'minimize'])).toContain(1);
    expect(good(trials, ['minimize', 'minimize'])).not.toEqual([1, 2]);
  });

  test('[SA-12] running trials and crashes are bad, what the world made fail and what nobody measured is left out', () => {
    fc.assert(
      fc.property(histories(), (given) => {
        const { good, bad } = splitTrials(given);
        const isGood = new Set(good);
        for (const trial of given.trials) {
          const { state, failure, constraints = [] } = trial;
          const isIn = isGood.has(trial) || bad.includes(trial);
          if (state === 'RUNNING') expect(bad).toContain(trial);
          if (state === 'FAIL' && failure === 'error') expect(isIn).toBe(false);
          if (state === 'FAIL' && failure === 'out-of-memory') {
            expect(isIn).toBe(true);
            if (!constraints.some((value) => value > 0)) expect(isGood.has(trial)).toBe(false);
          }
          if (state === 'COMPLETE' && Number.isNaN(trial.values?.[0]) && !constraints.some((value) => value > 0)) {
            expect(isIn).toBe(false);
          }
        }
      }),
    );
  });
});

describe('densities', () => {
  test('[SA-13] a kernel is as wide as the larger gap to its neighbours, within limits', () => {
    const wide = bandwidths(Float64Array.of(0.9, 0.1, 0.2));
    expect([...wide].map((sigma) => Number(sigma.toFixed(6)))).toEqual([0.4, 0.2, 0.3]);
    expect([...bandwidths(Float64Array.of(0.5))]).toEqual([1 / 3]);
    expect([...bandwidths(new Float64Array(200).fill(0.25))].every((sigma) => sigma >= 1 / 100 && sigma <= 1)).toBe(
      true,
    );
  });

  test('[SA-13] the newest 25 weigh 1, older ones less and less', () => {
    expect([...rampWeights(3)]).toEqual([1, 1, 1]);
    const weights = rampWeights(50);
    expect(weights[0]).toBe(1 / 50);
    expect(weights[24]).toBe(1);
    expect([...weights.slice(25)]).toEqual(new Array(25).fill(1));
  });

  test('[SA-13] a density sums to 1 over the whole space, of numbers and choices together', () => {
    const space: Space = {
      parameters: [
        { name: 'n', kind: 'int', low: 3, high: 9 },
        { name: 'c', kind: 'categorical', choices: ['a', 'b', 'c'] },
        { name: 'x', kind: 'float', low: 1, high: 100, log: true },
      ],
    };
    const { scales, encode } = domainOf(space);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 30 }), (seed, n) => {
        const rng = mulberry32(seed);
        const observed = Array.from({ length: n }, () => encode(uniformPoint(space, rng)));
        const density = densityOf(scales, [0, 1, 2], observed, rampWeights(n));
        let sum = 0;
        const cells = 400;
        for (const params of gridPoints({ parameters: space.parameters.slice(0, 2) }, Infinity)) {
          const point = encode({ ...params, x: 1 });
          for (let i = 0; i < cells; i++) {
            point[2] = (i + 0.5) / cells;
            sum += Math.exp(density.logAt(point)) / cells;
          }
        }
        expect(sum).toBeCloseTo(1, 3);
      }),
      { numRuns: 20 },
    );
  });

  test('[SA-13] draws follow the density', () => {
    const space: Space = { parameters: [{ name: 'n', kind: 'ordinal', choices: [1, 2, 3, 4] }] };
    const { scales } = domainOf(space);
    const observed = [0.125, 0.125, 0.375, 0.875].map((u) => Float64Array.of(u));
    const density = densityOf(scales, [0], observed, rampWeights(4));
    const rng = mulberry32(3);
    const counts = [0, 0, 0, 0];
    const draws = 20_000;
    const into = Float64Array.of(NaN);
    for (let i = 0; i < draws; i++) {
      density.draw(into, rng);
      counts[Math.floor(into[0]! * 4)]!++;
    }
    for (const [level, count] of counts.entries()) {
      const chance = Math.exp(density.logAt(Float64Array.of((level + 0.5) / 4)));
      expect(Math.abs(count / draws - chance)).toBeLessThan(4.5 * Math.sqrt((chance * (1 - chance)) / draws));
    }
  });
});

describe('what it learns', () => {
  function study(
    space: Space,
    trials: number,
    evaluate: (x: Readonly<Record<string, unknown>>) => number | undefined,
    seed = 1,
  ): Trial[] {
    const done: Trial[] = [];
    for (let number = 0; number < trials; number++) {
      const params = tpeSampler().suggest(
        { space, directions: ['minimize'], trials: done },
        mulberry32(1000 * seed + number),
      );
      const value = evaluate(params);
      done.push(
        value === undefined
          ? { number, state: 'FAIL', failure: 'out-of-memory', params, intermediate: [] }
          : { number, state: 'COMPLETE', params, values: [value], intermediate: [] },
      );
    }
    return done;
  }

  test('[SA-12] it stays away from where memory does not suffice, though nobody says by how much', () => {
    const space: Space = {
      parameters: [
        { name: 'size', kind: 'float', low: 0, high: 1 },
        { name: 'x', kind: 'float', low: 0, high: 1 },
      ],
    };
    const trials = study(space, 60, ({ size, x }) => (Number(size) > 0.6 ? undefined : Math.abs(Number(x) - 0.3)));
    const crashed = trials.slice(20).filter(({ state }) => state === 'FAIL').length;
    // Forty in a hundred points crash.
    expect(crashed).toBeLessThanOrEqual(8);
    expect(Math.min(...trials.map(({ values = [9] }) => values[0]!))).toBeLessThan(0.02);
  });

  test('[SA-14] parameters that are there only sometimes are learned from the trials that had them', () => {
    const space: Space = {
      parameters: [
        { name: 'c', kind: 'categorical', choices: ['a', 'b'] },
        { name: 'x', kind: 'float', low: 0, high: 1, when: [{ parent: 'c', values: ['a'] }] },
        { name: 'y', kind: 'float', low: 0, high: 1, when: [{ parent: 'c', values: ['b'] }] },
      ],
    };
    const trials = study(space, 60, ({ c, x, y }) => (c === 'a' ? 1 + Number(x) : Math.abs(Number(y) - 0.8)));
    const late = trials.slice(30);
    expect(late.filter(({ params }) => params['c'] === 'b').length).toBeGreaterThan(20);
    expect(Math.min(...trials.map(({ values }) => values![0]!))).toBeLessThan(0.02);
  });
});
