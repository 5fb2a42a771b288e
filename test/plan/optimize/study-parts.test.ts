import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Space } from '../../../src/plan/optimize/space.ts';
import { samplerOf } from '../../../src/plan/optimize/study/ask.ts';
import type { Objective, StudyDefinition } from '../../../src/plan/optimize/study/definition.ts';
import { costTo, imageLadder, rungsOf, spentIn, stepsTo } from '../../../src/plan/optimize/study/ladder.ts';
import { nextTrial } from '../../../src/plan/optimize/study/next.ts';
import { type OpenTrial, readTrialFact, type TrialRecord, trialFact } from '../../../src/plan/optimize/study/record.ts';
import {
  foldRecords,
  historyOf,
  type StudyState,
  withOpen,
  withRecord,
} from '../../../src/plan/optimize/study/state.ts';
import { asUtility } from '../../../src/plan/optimize/study/utility.ts';
import { randomStudy } from './studies.ts';

const SPACE: Space = {
  parameters: [
    { name: 'x', kind: 'float', low: 0, high: 1 },
    { name: 'y', kind: 'int', low: 0, high: 20 },
  ],
};
const DEFINITION: StudyDefinition = {
  schema: 'cwf.study/1',
  name: 's',
  file: 'w.json',
  base: 'b',
  document: 'd',
  space: {},
  fixed: {},
  objectives: [{ name: 'loss', direction: 'minimize' }],
  limits: [],
  sampler: 'random',
  samplerReason: '',
  repeats: 9,
  pruner: 'asha',
  fidelity: imageLadder(9),
  seed: 0,
  budget: 6,
  sources: [],
  created: 0,
};

/** What a trial reports, by its point and image alone. */
function report(params: OpenTrial['params'], step: number): number {
  return (Number(params['x']) - 0.3) ** 2 + 0.01 * Math.sin(31 * step + Number(params['y']));
}

/** The record of a trial that went as far as it was asked to. */
function recordOf(definition: StudyDefinition, state: StudyState, open: OpenTrial, at: number): TrialRecord {
  const fidelity = definition.fidelity!;
  const before = state.records.find(({ number }) => number === open.number);
  const reports = [...(open.part === undefined ? [] : before!.intermediate!)];
  for (const step of stepsTo(definition, fidelity, open, reports))
    reports.push({ step, values: [report(open.params, step)] });
  const isWhole = reports.at(-1)!.step === fidelity.rungs.at(-1);
  return {
    study: 's',
    number: open.number,
    params: open.params,
    ...(open.part === undefined ? {} : { part: open.part }),
    document: `d${open.number}`,
    ...(isWhole ? { state: 'COMPLETE', values: [reports.at(-1)!.values[0]!] } : { state: 'PRUNED' }),
    intermediate: reports,
    runs: [],
    start: at,
    end: at + 1,
    open: state.open.filter(({ number }) => number !== open.number),
  };
}

/** A study by several workers, which end in a drawn order: all that was ever written, and the state at its end. */
function studied(definition: StudyDefinition, workers: number, turns: readonly number[]) {
  const sampler = samplerOf(definition, SPACE);
  const written: TrialRecord[] = [];
  let state: StudyState = { records: [], open: [] };
  for (let at = 0; at < 500; at++) {
    while (state.open.length < workers) {
      const next = nextTrial({ definition, space: SPACE, sampler }, state);
      if (next.kind === 'over') break;
      state = withOpen(state, next.open);
    }
    if (state.open.length === 0) break;
    const ended = state.open[(turns[at % turns.length] ?? 0) % state.open.length]!;
    const record = recordOf(definition, state, ended, at);
    written.push(record);
    state = withRecord(state, record);
  }
  return { written, state };
}

describe('trials that are taken up again', () => {
  const studies = fc.record({
    pruner: fc.constantFrom('asha', 'hyperband'),
    workers: fc.integer({ min: 1, max: 3 }),
    turns: fc.array(fc.nat(2), { minLength: 1, maxLength: 9 }),
    seed: fc.nat(50),
  });

  test('[ST-3] the state is the same in whatever order and however often their records are read', () => {
    fc.assert(
      fc.property(studies, fc.infiniteStream(fc.nat()), ({ pruner, workers, turns, seed }, luck) => {
        const { written, state } = studied({ ...DEFINITION, pruner, seed }, workers, turns);
        expect(written.some(({ part = 0 }) => part > 0)).toBe(true);
        expect(foldRecords(written)).toEqual(state);
        const twice = [...written, ...written].map((record) => ({ record, at: luck.next().value as number }));
        const shuffled = twice.sort((a, b) => a.at - b.at).map(({ record }) => record);
        expect(foldRecords(shuffled)).toEqual(state);
        for (const record of written)
          expect(readTrialFact(JSON.parse(JSON.stringify(trialFact(record))))).toEqual(record);
      }),
      { numRuns: 25 },
    );
  });

  test('[ST-2, ST-17] what was written up to any moment gives the state that was there then, and so the next step', () => {
    fc.assert(
      fc.property(studies, fc.nat(), ({ pruner, workers, turns, seed }, cut) => {
        const definition = { ...DEFINITION, pruner, seed };
        const { written } = studied(definition, workers, turns);
        const kept = written.slice(0, (cut % written.length) + 1);
        const state = foldRecords(kept);
        // Only what ran when the last record was written is known to run.
        const open = kept.at(-1)!.open;
        expect(state.open).toEqual([...open].sort((a, b) => a.number - b.number));
        const sampler = samplerOf(definition, SPACE);
        const ask = () => nextTrial({ definition, space: SPACE, sampler }, state);
        expect(ask()).toEqual(ask());
        for (const { number, part = 0 } of state.open) {
          const record = state.records.find((one) => one.number === number);
          expect(part).toBe(record === undefined ? 0 : (record.part ?? 0) + 1);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('[ST-18] whatever runs, no more is spent than so many whole trials cost', () => {
    fc.assert(
      fc.property(studies, ({ pruner, workers, turns, seed }) => {
        for (const fidelity of [imageLadder(9), { kind: 'resolution' as const, rungs: [25, 50, 100], reduction: 2 }]) {
          const definition = { ...DEFINITION, pruner, seed, fidelity };
          const { state } = studied(definition, workers, turns);
          const top = fidelity.rungs.at(-1)!;
          const amounts = state.records.flatMap(({ intermediate = [] }) =>
            intermediate.map(({ step }) => (fidelity.kind === 'images' ? 1 : step)),
          );
          const cost = amounts.reduce((sum, one) => sum + one, 0);
          expect(cost).toBe(spentIn(definition, fidelity, state));
          expect(cost).toBeLessThanOrEqual(definition.budget * top);
          for (const { number, intermediate = [] } of state.records) {
            const steps = intermediate.map(({ step }) => step);
            expect(rungsOf(definition, fidelity, number)).toContain(steps.at(-1));
            expect(new Set(steps).size).toBe(steps.length);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test('[ST-6] a trial that took the outcome of another has what that one has by now, and is never taken up itself', () => {
    const base: TrialRecord = {
      study: 's',
      number: 0,
      params: { x: 0.3, y: 1 },
      document: 'd',
      state: 'PRUNED',
      intermediate: [{ step: 1, values: [0.1] }],
      runs: ['r'],
      start: 0,
      end: 1,
      open: [],
    };
    const copy: TrialRecord = { ...base, number: 1, params: { x: 0.30001, y: 1 }, copies: 0, runs: [], end: 2 };
    const others = [2, 3, 4].map((number) => ({
      ...base,
      number,
      params: { x: 0.9, y: number },
      document: `d${number}`,
      intermediate: [{ step: 1, values: [1 + number] }],
    }));
    const state = foldRecords([base, copy, ...others]);
    const sampler = samplerOf(DEFINITION, SPACE);
    const next = nextTrial({ definition: DEFINITION, space: SPACE, sampler }, state);
    expect(next).toEqual({ kind: 'trial', open: { number: 0, params: base.params, part: 1, step: 3 } });
    const intermediate = [1, 2, 3].map((step) => ({ step, values: [0.1] }));
    const later: TrialRecord = { ...base, part: 1, intermediate, runs: ['r', 'q', 'p'], end: 9 };
    const after = foldRecords([later, copy, base, ...others]);
    expect(after.records[1]).toMatchObject({ number: 1, copies: 0, runs: [], intermediate });
    expect(withRecord(state, later)).toEqual(after);
    const again = nextTrial({ definition: DEFINITION, space: SPACE, sampler }, after);
    expect(again).toMatchObject({ kind: 'trial', open: { number: 5 } });
  });

  test('[ST-17] rungs of images are thirds; a trial of hyperband begins at its own', () => {
    expect([1, 2, 3, 4, 5, 9, 10, 27].map((images) => imageLadder(images).rungs)).toEqual([
      [1],
      [1, 2],
      [1, 3],
      [1, 4],
      [1, 2, 5],
      [1, 3, 9],
      [1, 3, 10],
      [1, 3, 9, 27],
    ]);
    const cheaper = { kind: 'steps' as const, rungs: [25, 50, 100], reduction: 2 };
    const asha = { ...DEFINITION, fidelity: cheaper };
    expect(costTo(asha, cheaper, { number: 3, params: {}, step: 100 }, undefined)).toBe(175);
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const starts = numbers.map((number) => rungsOf({ ...asha, pruner: 'hyperband' }, cheaper, number)[0]);
    expect(new Set(starts)).toEqual(new Set([25, 50, 100]));
    expect(new Set(numbers.map((number) => rungsOf(asha, cheaper, number)[0]))).toEqual(new Set([25]));
  });
});

describe('[ST-16] a utility of several objectives', () => {
  const weights = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 2, maxLength: 3 });
  const history = (count: number, seed: number) =>
    randomStudy(
      count,
      [(point) => Number(point['cfg']), (point) => 2 ** Number(point['steps']), (point) => -Number(point['strength'])],
      { seed, directions: ['minimize', 'maximize', 'minimize'] },
    );
  const objectives = (of: readonly number[]): Objective[] =>
    ['a', 'b', 'c'].map((name, j) => ({
      name,
      direction: j === 1 ? 'maximize' : 'minimize',
      ...(of[j] === undefined ? {} : { weight: of[j]! }),
    }));

  test('is 0 where the first trial is, larger where each is better, and knows no units', () => {
    fc.assert(
      fc.property(weights, fc.nat(99), fc.double({ min: 0.01, max: 100, noNaN: true }), (of, seed, unit) => {
        const study = history(30, seed);
        const { directions, trials } = asUtility(study, objectives(of));
        expect(directions).toEqual(['maximize']);
        expect(trials[0]!.values).toEqual([expect.closeTo(0, 12)]);
        const better = {
          ...study.trials[3]!,
          number: 30,
          values: study.trials[3]!.values!.map((value, j) => (j === 1 ? value * 2 : value - 1)),
        };
        const more = asUtility({ ...study, trials: [...study.trials, better] }, objectives(of));
        expect(more.trials[30]!.values![0]!).toBeGreaterThan(more.trials[3]!.values![0]!);
        const scaled = study.trials.map((trial) => ({
          ...trial,
          values: trial.values!.map((value, j) => (j === 0 ? value * unit - 5 : value)),
        }));
        const same = asUtility({ ...study, trials: scaled }, objectives(of));
        for (const [i, trial] of same.trials.entries())
          expect(trial.values![0]!).toBeCloseTo(trials[i]!.values![0]!, 6);
      }),
      { numRuns: 50 },
    );
  });

  test('of a trial does not change once ten were measured, nor with the order in which they are listed', () => {
    fc.assert(
      fc.property(weights, fc.nat(99), fc.integer({ min: 10, max: 29 }), (of, seed, count) => {
        const study = history(30, seed);
        const all = asUtility(study, objectives(of)).trials;
        const first = asUtility(
          { ...study, trials: [...study.trials.slice(0, count)].reverse() },
          objectives(of),
        ).trials;
        expect([...first].reverse()).toEqual(all.slice(0, count));
      }),
      { numRuns: 50 },
    );
  });

  test('is what samplers and results see of a study', () => {
    const definition = { ...DEFINITION, objectives: objectives([2]), repeats: 1 };
    const study = history(12, 1);
    const records = study.trials.map(
      ({ number, params, values }): TrialRecord => ({
        study: 's',
        number,
        params,
        document: `d${number}`,
        state: 'COMPLETE',
        values: values!,
        runs: [],
        start: 0,
        end: 1,
        open: [],
      }),
    );
    const { fidelity: _fidelity, pruner: _pruner, ...plain } = definition;
    const seen = historyOf(plain, study.space, { records, open: [] });
    expect(seen).toEqual(asUtility(study, definition.objectives));
    expect(new Set(seen.trials.map(({ values }) => values!.length))).toEqual(new Set([1]));
  });
});
