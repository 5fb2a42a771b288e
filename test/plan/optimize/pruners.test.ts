import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ashaPruner } from '../../../src/plan/optimize/pruners/asha.ts';
import { bracketOf, hyperbandPruner } from '../../../src/plan/optimize/pruners/hyperband.ts';
import { PRUNERS } from '../../../src/plan/optimize/pruners/index.ts';
import { medianPruner } from '../../../src/plan/optimize/pruners/median.ts';
import { reachedBy, scoreAt, standings } from '../../../src/plan/optimize/pruners/standing.ts';
import type { Fidelity, History } from '../../../src/plan/optimize/sampler.ts';
import type { Intermediate, Trial } from '../../../src/plan/optimize/trial.ts';

const RUNGS = [1, 3, 9, 27];
const images: Fidelity = { kind: 'images', rungs: RUNGS, reduction: 3 };
const resolution: Fidelity = { kind: 'resolution', rungs: RUNGS, reduction: 3 };
const space = { parameters: [{ name: 'x', kind: 'float' as const, low: 0, high: 1 }] };

function historyOf(trials: readonly Trial[], objectives = 1): History {
  return { space, directions: Array.from({ length: objectives }, () => 'minimize' as const), trials };
}

function reports(steps: readonly number[], values: (step: number) => number[]): Intermediate[] {
  return steps.map((step) => ({ step, values: values(step) }));
}

/** Studies that a pruner led: new trials and promotions as it wants them, values drawn, some not finite, some failing. */
function led(pruner: (typeof PRUNERS)[string]['pruner'], fidelity: Fidelity, objectives: number) {
  const value = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 1, arbitrary: fc.constant(NaN) },
  );
  return fc
    .array(fc.tuple(fc.array(value, { minLength: 60, maxLength: 60 }), fc.nat({ max: 15 })), { maxLength: 30 })
    .map((moves) => {
      const trials: Trial[] = [];
      const promotions: { trial: number; step: number; before: Trial[] }[] = [];
      for (const [values, luck] of moves) {
        const next = pruner.next(historyOf(trials, objectives), fidelity);
        const number = next.kind === 'start' ? trials.length : next.trial;
        if (next.kind === 'promote') promotions.push({ trial: number, step: next.step, before: [...trials] });
        else trials.push({ number, state: 'RUNNING', params: { x: 0 }, intermediate: [] });
        const from = reachedBy(trials[number]!);
        const steps = Array.from({ length: next.step - from }, (_, i) => from + i + 1).filter(
          (step) => fidelity.kind === 'images' || RUNGS.includes(step),
        );
        for (const step of steps) {
          const own = [values[step]!, values[step + 27]!].slice(0, objectives);
          const intermediate = [...trials[number]!.intermediate, { step, values: own }];
          trials[number] = { ...trials[number]!, state: 'RUNNING', intermediate };
          if (pruner.shouldStop(historyOf(trials, objectives), fidelity, number)) break;
        }
        const state = luck === 0 ? 'FAIL' : reachedBy(trials[number]!) === 27 ? 'COMPLETE' : 'PRUNED';
        trials[number] = { ...trials[number]!, state };
      }
      return { trials, promotions };
    });
}

describe.each(Object.entries(PRUNERS))('pruner %s', (name, { pruner }) => {
  test.each([images, resolution])('[PU-1] $kind: stops and promotions keep to the rungs', (fidelity) => {
    expect(pruner.name).toBe(name);
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2).chain((n) => led(pruner, fidelity, n)),
        ({ trials, promotions }) => {
          for (const { trial, step, before } of promotions) {
            expect(RUNGS).toContain(step);
            expect(before[trial]!.state).toBe('PRUNED');
            expect(reachedBy(before[trial]!)).toBeLessThan(step);
          }
          for (const trial of trials) if (trial.state === 'COMPLETE') expect(reachedBy(trial)).toBe(27);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('[PU-1] the order of the trials says nothing', () => {
    fc.assert(
      fc.property(led(pruner, images, 1), fc.nat(), ({ trials }, turn) => {
        const at = trials.length === 0 ? 0 : turn % trials.length;
        const turned = [...trials.slice(at), ...trials.slice(0, at)].reverse();
        expect(pruner.next(historyOf(turned), images)).toEqual(pruner.next(historyOf(trials), images));
      }),
      { numRuns: 50 },
    );
  });
});

describe('asha', () => {
  test('[PU-2] who is promoted is among the best third, rounded down, of those that got as far', () => {
    for (const [fidelity, objectives] of [
      [images, 1],
      [resolution, 1],
      [resolution, 2],
    ] as const) {
      fc.assert(
        fc.property(led(ashaPruner, fidelity, objectives), ({ promotions }) => {
          for (const { trial, step, before } of promotions) {
            const rung = RUNGS[RUNGS.indexOf(step) - 1]!;
            const here = standings(before, rung, fidelity, historyOf([], objectives).directions);
            const best = here.slice(0, Math.floor(here.length / 3)).map((each) => each.trial.number);
            expect(best).toContain(trial);
          }
        }),
        { numRuns: 20 },
      );
    }
  });

  const trial = (number: number, steps: number[], value: number, state: Trial['state'] = 'PRUNED'): Trial => ({
    number,
    state,
    params: { x: 0 },
    intermediate: reports(steps, () => [value]),
  });

  test('[PU-2] the top rung has the first word; a running one is left alone; else a new trial starts', () => {
    const three = [trial(0, [1], 5), trial(1, [1], 3), trial(2, [1], 4)];
    expect(ashaPruner.next(historyOf(three), resolution)).toEqual({ kind: 'promote', trial: 1, step: 3 });
    expect(ashaPruner.next(historyOf(three.slice(0, 2)), resolution)).toEqual({ kind: 'start', step: 1 });
    expect(ashaPruner.next(historyOf(three.with(1, trial(1, [1], 3, 'RUNNING'))), resolution).kind).toBe('start');
    const higher = [0, 1, 2].map((i) => trial(10 + i, [1, 3], 9 - i));
    expect(ashaPruner.next(historyOf([...three, ...higher]), resolution)).toEqual({
      kind: 'promote',
      trial: 12,
      step: 9,
    });
  });

  test('[PU-2] every trial stops at every rung but the last', () => {
    for (let step = 1; step <= 27; step++) {
      const steps = Array.from({ length: step }, (_, i) => i + 1);
      const history = historyOf([trial(0, steps, 1, 'RUNNING')]);
      expect(ashaPruner.shouldStop(history, images, 0)).toBe([1, 3, 9].includes(step));
    }
  });

  test('[PU-3] a value that is no number is never promoted', () => {
    const trials = [NaN, NaN, NaN, 7, 8, 9].map((value, i) => trial(i, [1], value));
    expect(ashaPruner.next(historyOf(trials), resolution)).toEqual({ kind: 'promote', trial: 3, step: 3 });
  });
});

test('[PU-3] of images the mean so far counts, of resolutions the report itself; objectives to be raised turn over', () => {
  const trial: Trial = {
    number: 0,
    state: 'RUNNING',
    params: {},
    intermediate: reports([1, 2, 3], (step) => [step, -step]),
  };
  expect(scoreAt(trial, 3, images, ['minimize', 'maximize'])).toEqual([2, 2]);
  expect(scoreAt(trial, 3, resolution, ['minimize', 'maximize'])).toEqual([3, 3]);
  expect(scoreAt(trial, 9, images, ['minimize', 'minimize'])).toBeUndefined();
});

test('[PU-3] several objectives are compared by layers of non-dominated points', () => {
  const values = [
    [5, 5],
    [1, 4],
    [4, 1],
    [2, 2],
  ];
  const trials = values.map(
    (own, number): Trial => ({ number, state: 'PRUNED', params: {}, intermediate: reports([1], () => own) }),
  );
  const order = standings(trials, 1, resolution, ['minimize', 'minimize']);
  expect(order.map(({ layer }) => layer)).toEqual([0, 0, 0, 1]);
  expect(order.at(-1)!.trial.number).toBe(0);
});

describe('median', () => {
  const done = (number: number, value: number): Trial => ({
    number,
    state: 'COMPLETE',
    params: {},
    values: [value],
    intermediate: reports(RUNGS, () => [value]),
  });
  const running = (value: number, steps = [1, 3]): Trial => ({
    number: 99,
    state: 'RUNNING',
    params: {},
    intermediate: reports(steps, () => [value]),
  });

  test('[PU-4] stops what is worse than the median at its step, after five complete trials, never at the end', () => {
    const pruner = medianPruner();
    const five = [1, 2, 3, 4, 5].map((value, i) => done(i, value));
    const stops = (trials: readonly Trial[]): boolean => pruner.shouldStop(historyOf(trials), resolution, 99);
    expect(stops([...five, running(3.5)])).toBe(true);
    expect(stops([...five, running(3)])).toBe(false);
    expect(stops([...five, running(NaN)])).toBe(true);
    expect(stops([...five.slice(1), running(9)])).toBe(false);
    expect(stops([...five, running(9, RUNGS)])).toBe(false);
    expect(stops([...five, running(9, [])])).toBe(false);
  });
});

test('[PU-5] hyperband: each trial has a bracket for good, all brackets are used, those from low rungs on most', () => {
  const counts = RUNGS.map(() => 0);
  for (let number = 0; number < 2000; number++) counts[bracketOf(number, images)]!++;
  expect([...counts].sort((a, b) => b - a)).toEqual(counts);
  expect(counts.at(-1)).toBeGreaterThan(50);
  const first = Array.from({ length: 50 }, (_, number) => number).find((number) => bracketOf(number, images) === 2)!;
  const before = Array.from(
    { length: first },
    (_, number): Trial => ({ number, state: 'FAIL', params: {}, intermediate: [] }),
  );
  expect(hyperbandPruner.next(historyOf(before), images)).toEqual({ kind: 'start', step: 9 });
});
