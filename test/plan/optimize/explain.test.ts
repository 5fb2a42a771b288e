import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitAdditive } from '../../../src/plan/optimize/results/additive.ts';
import { explainWinner } from '../../../src/plan/optimize/results/explain.ts';
import { mulberry32, normal } from '../../../src/plan/optimize/rng.ts';
import type { Params } from '../../../src/plan/optimize/space.ts';
import { anyTrials, randomPoint, randomStudy, SPACE } from './studies.ts';

const BASE: Params = { cfg: 7, strength: 1, steps: 20, sampler: 'lms', size: 512, hires: false };
const loss = ({ cfg, sampler }: Params): number => 0.1 * (Number(cfg) - 4) ** 2 + (sampler === 'heun' ? 0 : 0.5);

describe('[PL-6] the explanation of a winner', () => {
  it('orders the changes by what each gained, and calls nothing sure that is not', () => {
    const study = randomStudy(80, [(point, rng) => loss(point) + 0.05 * normal(rng)]);
    const won = { ...BASE, cfg: 4, sampler: 'heun', steps: 33 };
    const trials = [...study.trials, { ...study.trials[0]!, number: 80, params: won, values: [-0.01] }];
    const found = explainWinner({ ...study, trials }, { base: BASE, winner: 80 })!;
    expect(found.changes.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['cfg', 'better'],
      ['sampler', 'better'],
      ['steps', 'unclear'],
    ]);
    expect(found.changes[0]!.effect).toBeCloseTo(-0.9, 1);
    expect(found.changes[1]!.effect).toBeCloseTo(-0.5, 1);
    expect(found.predicted).toBeGreaterThan(0.9);
    expect(found.observed).toBeUndefined();
  });

  it('is about as often right as it says: intervals of 95 % hold the truth', () => {
    let [held, all, sure] = [0, 0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const study = randomStudy(30, [(point, rng) => loss(point) + 0.2 * normal(rng)], { seed });
      const model = fitAdditive(
        SPACE,
        study.trials.map(({ params }) => params),
        study.trials.map(({ values }) => values![0]!),
      )!;
      const rng = mulberry32(seed);
      for (let i = 0; i < 4; i++) {
        const [from, to] = [randomPoint(SPACE, rng), randomPoint(SPACE, rng)];
        const { mean, error } = model.effect(from, to);
        all++;
        if (Math.abs(mean - (loss(to) - loss(from))) <= 1.96 * error) held++;
      }
      const steps = explainWinner(study, { base: { ...study.trials[0]!.params, steps: 8 } })?.changes;
      if (steps?.some(({ name, verdict }) => name === 'steps' && verdict !== 'unclear')) sure++;
    }
    expect(held / all).toBeGreaterThan(0.9);
    expect(sure / 60).toBeLessThan(0.15);
  });

  it('claims nothing from values that are only noise', () => {
    let claims = 0;
    for (let seed = 0; seed < 60; seed++) {
      const study = randomStudy(25, [(_, rng) => normal(rng)], { seed });
      claims += explainWinner(study, { base: BASE })!.changes.filter(({ verdict }) => verdict !== 'unclear').length;
    }
    // Seven changes each: 5 % of 420 would be 21.
    expect(claims).toBeLessThan(21);
  });

  it('shows trials that differ in one change alone, with what hangs on it', () => {
    const params = { ...BASE, cfg: 4, hires: true, upscale: 1.5 };
    const trial = (number: number, point: Params, value: number) =>
      ({ number, state: 'COMPLETE', params: point, values: [value], intermediate: [] }) as const;
    const found = explainWinner(
      {
        space: SPACE,
        directions: ['maximize'],
        trials: [trial(0, BASE, 1), trial(1, params, 5), trial(2, { ...BASE, cfg: 4 }, 4.5), trial(3, BASE, 2)],
      },
      { base: BASE },
    )!;
    expect(found).toMatchObject({ winner: 1, observed: 3.5, trials: 4 });
    const direct = Object.fromEntries(found.changes.map(({ name, direct }) => [name, direct]));
    expect(direct).toEqual({ cfg: undefined, hires: { trials: 1, difference: 0.5 }, upscale: undefined });
    expect(found.changes.every(({ verdict }) => verdict === 'unclear')).toBe(true);
  });

  it('of changes that only work together leaves a gap between what was seen and what adds up', () => {
    const study = randomStudy(200, [({ hires, cfg }) => (hires === true && Number(cfg) < 3 ? -1 : 0)]);
    const base = { ...BASE, cfg: 7 };
    const won = { ...BASE, cfg: 2, hires: true, upscale: 1.5 };
    const more = [
      { ...study.trials[0]!, number: 200, params: base, values: [0] },
      { ...study.trials[0]!, number: 201, params: won, values: [-1] },
    ];
    const found = explainWinner({ ...study, trials: [...study.trials, ...more] }, { base, winner: 201 })!;
    expect(found.observed).toBe(-1);
    expect(found.estimated!.effect).toBeGreaterThan(-0.8);
  });

  it('is there or undefined, and finite, whatever came of the trials', () => {
    fc.assert(
      fc.property(anyTrials(1), (trials) => {
        const found = explainWinner({ space: SPACE, directions: ['minimize'], trials }, { base: BASE });
        for (const { effect, error } of found?.changes ?? []) {
          if (effect !== undefined) expect([effect, error].every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });
});
