import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importances } from '../../../src/plan/optimize/results/importance.ts';
import { cellOf, cellsOf, densityOf } from '../../../src/plan/optimize/results/parzen.ts';
import { mulberry32, normal } from '../../../src/plan/optimize/rng.ts';
import type { Parameter, Params } from '../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../src/plan/optimize/trial.ts';
import { anyTrials, randomStudy, SPACE } from './studies.ts';

interface Golden {
  readonly parameters: readonly Parameter[];
  readonly studies: readonly {
    readonly quantile: number;
    readonly trials: readonly (readonly [Params, number | null])[];
    readonly importances: Readonly<Record<string, number>>;
    readonly shares: Readonly<Record<string, number>>;
  }[];
}

const golden = JSON.parse(readFileSync(new URL('../../golden/importance.json', import.meta.url), 'utf8')) as Golden;
const trial = (number: number, params: Params, values: readonly number[]): Trial => ({
  number,
  state: 'COMPLETE',
  params,
  values,
  intermediate: [],
});
const shareOf = (list: ReturnType<typeof importances>, name: string) => list.find((one) => one.name === name)!;

describe('[PL-4] importance', () => {
  it.each([...golden.studies.entries()])('is that of Optuna 5 for its study %i', (_, study) => {
    const trials = study.trials.map(([params, value], number) =>
      value === null
        ? { ...trial(number, params, [Number.NaN]), state: 'FAIL' as const }
        : trial(number, params, [value]),
    );
    const found = importances(
      { space: { parameters: golden.parameters }, directions: ['minimize'], trials },
      { quantile: study.quantile },
    );
    for (const { name, value, share } of found) {
      expect(value, name).toBeCloseTo(study.importances[name]!, 9);
      expect(share, name).toBeCloseTo(study.shares[name]!, 7);
    }
  });

  it('is the formula, by hand', () => {
    // Ten trials of a coin: the one best trial has "a", half of all have it.
    const coin: Parameter = { name: 'coin', kind: 'categorical', choices: ['a', 'b'] };
    const trials = Array.from({ length: 10 }, (_, i) => trial(i, { coin: i % 2 === 0 ? 'a' : 'b' }, [i]));
    // Best: a kernel at "a" (1 + 1/2 to 1/2, over 2) and the flat one, each of weight 1/2.
    const top = [0.5 * 0.75 + 0.5 * 0.5, 0.5 * 0.25 + 0.5 * 0.5];
    // All: both kernels (1 + 1/3 to 1/3, over 5/3) of weight 5/11 each, the flat one of weight 1/11: even.
    const expected = 0.1 ** 2 * 0.5 * ((top[0]! / 0.5 - 1) ** 2 + (top[1]! / 0.5 - 1) ** 2);
    const [one] = importances({ space: { parameters: [coin] }, directions: ['minimize'], trials }, { quantile: 0.1 });
    expect(one!.value).toBeCloseTo(expected, 12);
    expect(one!.share).toBe(1);
  });

  it('finds what was planted, and no more than chance in the rest', () => {
    const study = randomStudy(400, [
      ({ cfg, sampler }, rng) => (Number(cfg) - 4) ** 2 + (sampler === 'heun' ? 0 : 4) + 0.3 * normal(rng),
    ]);
    const found = importances(study, { rng: mulberry32(7) });
    expect(
      found
        .slice(0, 2)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['cfg', 'sampler']);
    for (const { share, chance } of found.slice(0, 2)) expect(share).toBeGreaterThan(chance!);
    for (const { share } of found.slice(2)) expect(share).toBeLessThan(0.1);
  });

  it('of what has no effect passes the mark of chance in about one case of twenty', () => {
    let passed = 0;
    for (let seed = 0; seed < 20; seed++) {
      const study = randomStudy(40, [({ cfg }, rng) => Math.abs(Number(cfg) - 4) + normal(rng)], { seed });
      const found = importances(study, { rng: mulberry32(seed) });
      passed += found.filter(({ name, share, chance }) => name !== 'cfg' && share > chance!).length;
    }
    expect(passed / (20 * (SPACE.parameters.length - 1))).toBeLessThan(0.1);
  });

  it('of a child counts inside its own regime alone', () => {
    const study = randomStudy(300, [({ hires }) => (hires === true ? 0 : 5)]);
    const found = importances(study, { quantile: 0.3 });
    expect(found[0]!.name).toBe('hires');
    expect(shareOf(found, 'upscale').share).toBeLessThan(0.1);
    const deep = randomStudy(300, [({ hires, upscale }) => (hires === true ? Math.abs(Number(upscale) - 1.7) : 0.1)]);
    expect(importances(deep, { rng: mulberry32(1) }).find(({ name }) => name === 'upscale')).toMatchObject({
      share: expect.any(Number),
    });
    const upscale = shareOf(importances(deep, { rng: mulberry32(1) }), 'upscale');
    expect(upscale.share).toBeGreaterThan(upscale.chance!);
  });

  it('is asked of one objective, or of the front', () => {
    const study = randomStudy(200, [({ cfg }) => Math.abs(Number(cfg) - 4), ({ steps }) => Number(steps)]);
    expect(importances(study, { objective: 0 })[0]!.name).toBe('cfg');
    expect(importances(study, { objective: 1 })[0]!.name).toBe('steps');
    const front = importances(study).map(({ name }) => name);
    expect(front.slice(0, 2).sort()).toEqual(['cfg', 'steps']);
  });

  it('does not ask in what order trials and parameters stand', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2).chain(anyTrials), fc.infiniteStream(fc.nat()), (trials, keys) => {
        const shuffled = trials
          .map((one) => ({ one, key: keys.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const turned = { parameters: [...SPACE.parameters].reverse() };
        const directions = Array<'minimize'>(trials.find(({ values }) => values)?.values?.length ?? 1).fill('minimize');
        const expected = importances({ space: SPACE, directions, trials });
        const found = importances({ space: turned, directions, trials: shuffled });
        for (const { name, value } of expected) expect(shareOf(found, name).value).toBeCloseTo(value, 12);
      }),
      { numRuns: 50 },
    );
  });

  it('is a share of 1 in all, or nothing; whatever came of the trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.nat(), (size, seed) => {
        for (const trials of fc.sample(anyTrials(size), { seed, numRuns: 3 })) {
          const found = importances({ space: SPACE, directions: Array(size).fill('maximize'), trials });
          const sum = found.reduce((total, { share }) => total + share, 0);
          expect(found).toHaveLength(SPACE.parameters.length);
          if (sum !== 0) expect(sum).toBeCloseTo(1, 9);
          for (const { value } of found) expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('[PL-4] the density of a parameter', () => {
  it('is a distribution over its cells', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPACE.parameters), fc.array(fc.double({ min: 0, max: 1 })), (parameter, at) => {
        const counts = Array<number>(cellsOf(parameter)).fill(0);
        for (const u of at) counts[Math.min(counts.length - 1, Math.floor(u * counts.length))]!++;
        const density = densityOf(parameter)(counts);
        expect(density.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        for (const p of density) expect(p).toBeGreaterThan(0);
      }),
    );
  });

  it('has a cell for each step and each choice', () => {
    expect(cellsOf({ name: 'a', kind: 'float', low: 0, high: 1 })).toBe(50);
    expect(cellsOf({ name: 'a', kind: 'int', low: 1, high: 9, step: 2 })).toBe(5);
    expect(cellsOf({ name: 'a', kind: 'int', low: 3, high: 3 })).toBe(1);
    const odd: Parameter = { name: 'a', kind: 'int', low: 1, high: 9, step: 2 };
    expect([1, 3, 5, 7, 9].map((value) => cellOf(odd, value))).toEqual([0, 1, 2, 3, 4]);
    expect(cellOf({ name: 'a', kind: 'ordinal', choices: [512, 1024] }, 1024)).toBe(1);
  });
});
