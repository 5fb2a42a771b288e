import fc from 'fast-check';
import { expect, test } from 'vitest';
import { armsOf, beliefsOf, firstPicks, logPriorOf, type PastStudy } from '../../../src/plan/optimize/bandit.ts';
import { pointFault } from '../../../src/plan/optimize/domain/check.ts';
import { mulberry32 } from '../../../src/plan/optimize/rng.ts';
import { tpeSampler } from '../../../src/plan/optimize/samplers/tpe/tpe.ts';
import type { Space } from '../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../src/plan/optimize/trial.ts';

const space: Space = {
  parameters: [
    { name: 'sampler', kind: 'categorical', choices: ['a', 'b', 'c', 'd'] },
    { name: 'steps', kind: 'int', low: 8, high: 40 },
  ],
};
const trial = (sampler: string, loss: number, steps = 20) => ({ params: { sampler, steps }, loss });
const pasts: PastStudy[] = [
  { family: 'sdxl', trials: [trial('a', 1), trial('a', 2), trial('b', 3), trial('c', 4), trial('c', 5)] },
  { family: 'flux', trials: [trial('c', 100), trial('c', 200), trial('b', 300), trial('a', 400), trial('a', 500, 99)] },
];

test('[SA-15] a family goes by its own studies, others lend what it does not know', () => {
  const values = (family: string) => armsOf(space, 'sampler', pasts, family).map(({ value }) => value);
  expect(values('sdxl')).toEqual(['a', 'b', 'd', 'c']);
  expect(values('flux')).toEqual(['c', 'b', 'd', 'a']);
  expect(armsOf(space, 'steps', pasts, 'flux')).toEqual([]);
});

test('[SA-15] only the order of the losses counts, and one trial moves an arm less than many', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 50 })), { minLength: 1 }),
      (given) => {
        const study = (scale: (loss: number) => number): PastStudy[] => [
          { family: 'x', trials: given.map(([sampler, loss]) => trial(sampler, scale(loss))) },
        ];
        const arms = armsOf(
          space,
          'sampler',
          study((loss) => loss),
          'x',
        );
        expect(
          armsOf(
            space,
            'sampler',
            study((loss) => loss ** 3 + 7),
            'x',
          ),
        ).toEqual(arms);
        for (const { mean } of arms) expect(mean > 0 && mean < 1).toBe(true);
        expect(arms.find(({ value }) => value === 'd')).toEqual({ value: 'd', mean: 0.5, count: 0 });
      },
    ),
  );
  const one: PastStudy[] = [
    {
      family: 'x',
      trials: [trial('a', 0), ...'bbbbbbbb'].map((t, i) => (typeof t === 'string' ? trial(t, 1 + i) : t)),
    },
  ];
  const many: PastStudy[] = [{ family: 'x', trials: [...'aaaabbbb'].map((t, i) => trial(t, i)) }];
  const meanOf = (given: PastStudy[]) => armsOf(space, 'sampler', given, 'x').find(({ value }) => value === 'a')!.mean;
  expect(meanOf(many)).toBeLessThan(meanOf(one));
});

test('[SA-15] the first picks are valid, different, and of the best arms', () => {
  const picks = firstPicks(space, 'sampler', pasts, 'flux', 3);
  expect(picks.map(({ sampler }) => sampler)).toEqual(['c', 'b', 'a']);
  for (const params of picks) expect(pointFault(space, params)).toBeUndefined();
  expect(firstPicks(space, 'sampler', [], 'flux', 3)).toEqual([]);
});

test('[SA-15] a belief draws early proposals and fades', () => {
  const belief = beliefsOf(space, pasts, 'sdxl');
  expect(beliefsOf(space, [], 'sdxl')).toEqual({ parameters: {} });
  const sampler = tpeSampler({ startup: 1, logPrior: logPriorOf(belief) });
  const trials = (n: number): Trial[] =>
    Array.from({ length: n }, (_, number) => ({
      number,
      state: 'COMPLETE',
      params: { sampler: 'd', steps: 8 + (number % 33) },
      values: [0],
      intermediate: [],
    }));
  const share = (n: number): number => {
    const history = { space, directions: ['minimize'] as const, trials: trials(n) };
    const drawn = Array.from({ length: 40 }, (_, seed) => sampler.suggest(history, mulberry32(seed)));
    return drawn.filter((params) => params['sampler'] === 'a').length / drawn.length;
  };
  expect(share(2)).toBeGreaterThan(0.6);
  expect(share(30)).toBeLessThan(share(2));
});
