import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominates, hypervolume } from '../../../src/plan/optimize/front.ts';
import { bestTrials, measuredTrials } from '../../../src/plan/optimize/results/best.ts';
import { leaderboard } from '../../../src/plan/optimize/results/leaderboard.ts';
import { bestSoFar, hypervolumeSoFar } from '../../../src/plan/optimize/results/progress.ts';
import { countPoints, decideStop } from '../../../src/plan/optimize/results/stop.ts';
import type { Parameter } from '../../../src/plan/optimize/space.ts';
import type { Direction, Trial } from '../../../src/plan/optimize/trial.ts';
import { anyTrials, randomStudy, SPACE } from './studies.ts';

const direction = fc.constantFrom<Direction>('minimize', 'maximize');
const results = fc.integer({ min: 1, max: 3 }).chain((size) =>
  fc.record({
    space: fc.constant(SPACE),
    directions: fc.array(direction, { minLength: size, maxLength: size }),
    trials: anyTrials(size),
  }),
);
const trial = (number: number, values: readonly number[], more: Partial<Trial> = {}): Trial => ({
  number,
  state: 'COMPLETE',
  params: {},
  values,
  intermediate: [],
  ...more,
});

describe('[PL-2] the best trials', () => {
  it('are measured, feasible, and nothing feasible dominates them', () => {
    fc.assert(
      fc.property(results, (study) => {
        const feasible = measuredTrials(study).filter(({ violation }) => violation === 0);
        const best = bestTrials(study);
        const expected = feasible.filter((one) => !feasible.some(({ losses }) => dominates(losses, one.losses)));
        expect(best).toEqual(expected.map((one) => one.trial));
        for (const { state, values } of best) {
          expect(state).toBe('COMPLETE');
          expect(values!.every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });

  it('are none where each trial violates a constraint, is NaN or failed', () => {
    const trials = [
      trial(0, [1], { constraints: [0.1] }),
      trial(1, [Number.NaN]),
      trial(2, [0], { state: 'FAIL' }),
      trial(3, [0], { constraints: [Number.NaN] }),
    ];
    expect(bestTrials({ directions: ['minimize'], trials })).toEqual([]);
  });
});

describe('[PL-3] progress', () => {
  it('never goes back, and ends at the best', () => {
    fc.assert(
      fc.property(results, (study) => {
        const sign = study.directions[0] === 'maximize' ? 1 : -1;
        const steps = bestSoFar(study);
        for (const [i, step] of steps.entries()) {
          if (i > 0) expect(sign * step.value).toBeGreaterThanOrEqual(sign * steps[i - 1]!.value);
        }
        const volumes = hypervolumeSoFar(study);
        for (const [i, step] of volumes.entries()) {
          if (i > 0) expect(step.value).toBeGreaterThanOrEqual(volumes[i - 1]!.value);
          expect(step.isBetter).toBe(step.value > (volumes[i - 1]?.value ?? 0));
        }
        const best = bestTrials(study);
        if (study.directions.length === 1) expect(steps.at(-1)?.value).toBe(best[0]?.values?.[0]);
        else expect(volumes.some(({ value }) => value > 0)).toBe(best.length > 0);
      }),
    );
  });

  it('is measured from the reference point of the study, in its units', () => {
    const trials = [trial(0, [2, 10]), trial(1, [3, 5]), trial(2, [1, 30]), trial(3, [0.5, 12])];
    const steps = hypervolumeSoFar({ directions: ['minimize', 'maximize'], trials }, [4, 0]);
    expect(steps.map(({ value }) => value)).toEqual(
      [20, 20, 90, 90 + 0].slice(0, 3).concat(
        hypervolume(
          [
            [1, -30],
            [0.5, -12],
          ],
          [4, 0],
        ),
      ),
    );
  });
});

describe('[PL-5] the leaderboard', () => {
  it('has each measured trial once, the best first, the infeasible last', () => {
    fc.assert(
      fc.property(results, (study) => {
        const rows = leaderboard(study);
        expect(rows.map((row) => row.trial.number).sort((a, b) => a - b)).toEqual(
          measuredTrials(study).map((one) => one.trial.number),
        );
        expect(rows.filter((row) => row.isBest).map((row) => row.trial.number)).toEqual(
          expect.arrayContaining(bestTrials(study).map(({ number }) => number)),
        );
        for (const [i, row] of rows.entries()) {
          const before = rows[i - 1];
          if (!before) continue;
          expect(row.rank === before.rank || row.rank === i + 1).toBe(true);
          expect(row.violation).toBeGreaterThanOrEqual(before.violation);
        }
      }),
    );
  });

  it('says what differs from the base, also what came and went', () => {
    const params = { cfg: 4, strength: 1, steps: 20, sampler: 'euler', size: 512, hires: true, upscale: 1.5 };
    const { upscale: _, ...base } = { ...params, cfg: 7, hires: false };
    const [row] = leaderboard({ space: SPACE, directions: ['minimize'], trials: [trial(0, [1], { params })] }, base);
    expect(row!.differences).toEqual([
      { name: 'cfg', from: 7, to: 4 },
      { name: 'hires', from: false, to: true },
      { name: 'upscale', to: 1.5 },
    ]);
  });
});

describe('[PL-7] a study is over', () => {
  const flat = (count: number, last = 0) => ({
    space: SPACE,
    directions: ['minimize'] as const,
    trials: Array.from({ length: count }, (_, i) => trial(i, [i === last ? 0 : 1], { params: { cfg: i } })),
  });

  it('when nothing got better for 30 trials, and not before', () => {
    expect(decideStop(flat(30))).toMatchObject({ stop: false });
    expect(decideStop(flat(31))).toMatchObject({ stop: true, kind: 'stagnation' });
    expect(decideStop(flat(40, 10))).toMatchObject({ stop: false, reason: '29 of 30 trials without progress' });
    expect(decideStop(flat(12), { patience: 5 })).toMatchObject({ stop: false });
    expect(decideStop(flat(12), { patience: 5, fewest: 10 })).toMatchObject({ stop: true });
  });

  it('when the sampler expects less of three points in a row than noise hides', () => {
    const study = flat(25, 24);
    expect(decideStop(study, { expected: [0.5, 0.01, 0.01, 0.02], noise: 0.05 })).toMatchObject({
      kind: 'improvement',
    });
    expect(decideStop(study, { expected: [0.01, 0.09, 0.02], noise: 0.05 })).toMatchObject({ stop: false });
    expect(decideStop(study, { expected: [0.01, 0.01], noise: 0.05 })).toMatchObject({ stop: false });
    // One per cent of what was gained, where nobody knows the noise.
    expect(decideStop(study, { expected: [0.009, 0.009, 0.009] })).toMatchObject({ kind: 'improvement' });
    expect(decideStop(study, { expected: [0.011, 0.009, 0.009] })).toMatchObject({ stop: false });
    expect(decideStop(study, { expected: [Number.NaN, 0.001, 0.001] })).toMatchObject({ stop: false });
  });

  it('when each point was tried, also those that ran out of memory; a fault of the world is no try', () => {
    const coin: Parameter = { name: 'coin', kind: 'categorical', choices: [true, false] };
    const study = (failure: 'out-of-memory' | 'error') => ({
      space: { parameters: [coin] },
      directions: ['minimize'] as const,
      trials: [
        trial(0, [1], { params: { coin: true } }),
        { ...trial(1, [], { params: { coin: false }, state: 'FAIL', failure }) },
      ],
    });
    expect(decideStop(study('out-of-memory'))).toMatchObject({ stop: true, kind: 'exhausted' });
    expect(decideStop(study('error'))).toMatchObject({ stop: false });
  });

  it('of several objectives by the hypervolume', () => {
    const study = randomStudy(60, [({ cfg }) => Number(cfg), ({ cfg }) => -Number(cfg)]);
    const still = {
      ...study,
      trials: [...study.trials, ...flat(31).trials.map((one) => ({ ...one, values: [99, 99] }))],
    };
    expect(decideStop(still)).toMatchObject({ stop: true, kind: 'stagnation' });
  });

  it('counts the points of conditional spaces, up to where it was asked to', () => {
    const parameters: Parameter[] = [
      { name: 'a', kind: 'categorical', choices: ['x', 'y'] },
      { name: 'b', kind: 'int', low: 1, high: 7, step: 2, when: [{ parent: 'a', values: ['x'] }] },
      { name: 'c', kind: 'float', low: 0, high: 0.3, step: 0.1 },
    ];
    expect(countPoints({ parameters }, 1000)).toBe((4 + 1) * 4);
    expect(countPoints({ parameters }, 7)).toBe(7);
    expect(countPoints(SPACE, 50)).toBe(50);
  });
});
