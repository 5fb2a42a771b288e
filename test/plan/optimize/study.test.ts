import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parameter } from '../../../src/plan/optimize/space.ts';
import { studyNameProblem } from '../../../src/plan/optimize/study/definition.ts';
import { narrowed } from '../../../src/plan/optimize/study/narrow.ts';
import { readTrialFact, type TrialRecord, trialFact } from '../../../src/plan/optimize/study/record.ts';
import { foldRecords, nextNumber } from '../../../src/plan/optimize/study/state.ts';
import type { Tunable } from '../../../src/plan/optimize/tunables/tunable.ts';

const params = fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(fc.integer(), fc.string(), fc.boolean()), {
  noNullPrototype: true,
});
const part = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const open = fc
  .record({ number: fc.nat(9), params, part })
  .map(({ part: later, ...rest }) => (later === undefined ? rest : { ...rest, part: later, step: 9 }));
const records: fc.Arbitrary<TrialRecord> = fc
  .record({
    number: fc.nat(9),
    params,
    part,
    copies: fc.option(fc.nat(9), { nil: undefined, freq: 3 }),
    outcome: fc.constantFrom('COMPLETE', 'PRUNED', 'FAIL'),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    end: fc.nat(5),
    open: fc.array(open, { maxLength: 2 }),
  })
  .map(({ outcome, value, part: later, copies, ...rest }) => ({
    ...rest,
    ...(later === undefined ? {} : { part: later }),
    ...(copies === undefined ? {} : { copies }),
    study: 's',
    document: 'd',
    ...(outcome === 'COMPLETE' ? { values: [value] } : {}),
    ...(outcome === 'PRUNED' ? { intermediate: [{ step: 1, values: [value] }] } : {}),
    ...(outcome === 'FAIL' ? { failure: 'error' as const } : {}),
    state: outcome,
    runs: [],
    start: 0,
  }));

describe('the state of a study', () => {
  test('[ST-3] is the same in whatever order records are read, and however often', () => {
    const shuffled = fc
      .array(records, { maxLength: 12 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })));
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        const state = foldRecords(all);
        const numbers = ({ open: running }: typeof state): number[] => running.map(({ number }) => number);
        const again = foldRecords(other);
        expect(again.records).toEqual(state.records);
        expect(again).toEqual(state);
        // What runs and has a record was taken up again.
        for (const { number, part: later = 0 } of state.open) {
          const record = state.records.find((one) => one.number === number);
          expect(later).toBe(record === undefined ? 0 : (record.part ?? 0) + 1);
        }
        expect(new Set(numbers(state)).size).toBe(state.open.length);
        expect([...state.records, ...state.open].map(({ number }) => number)).not.toContain(nextNumber(state));
      }),
    );
  });

  test('[ST-3] a record is read from its fact as it was written; other facts are none', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(readTrialFact(JSON.parse(JSON.stringify(trialFact(record))))).toEqual(
          JSON.parse(JSON.stringify(record)),
        );
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(readTrialFact(json as never)).toBeUndefined();
      }),
    );
  });
});

test('[ST-1] names of studies are parts of refs', () => {
  for (const name of ['portrait-1', '2', 'a.b_c']) expect(studyNameProblem(name)).toBeUndefined();
  for (const name of ['', 'A', '-a', 'a/b', 'a..b', 'a.', 'a.lock', 'a b', 'x'.repeat(101)])
    expect(studyNameProblem(name)).toBeDefined();
});

test('[ST-5] a parameter that hangs on a held one stays or goes by its value', () => {
  const parameters: Parameter[] = [
    { name: 'fast', kind: 'categorical', choices: [true, false] },
    { name: 'steps', kind: 'int', low: 1, high: 9, when: [{ parent: 'fast', values: [false] }] },
    { name: 'cfg', kind: 'float', low: 1, high: 9 },
  ];
  const tunables = parameters.map(
    (parameter) => ({ parameter, current: parameter.name === 'fast' ? true : 3 }) as Tunable,
  );
  const left = (only: string[] | undefined, fixed: Record<string, boolean | number>) =>
    narrowed(tunables, only, fixed).map(({ parameter }) => [parameter.name, parameter.when]);
  expect(left(undefined, {})).toHaveLength(3);
  expect(left(undefined, { fast: false })).toEqual([
    ['steps', undefined],
    ['cfg', undefined],
  ]);
  expect(left(undefined, { fast: true })).toEqual([['cfg', undefined]]);
  expect(left(['steps', 'cfg'], {})).toEqual([['cfg', undefined]]);
  expect(left(['fast', 'steps'], { steps: 4 })).toEqual([['fast', undefined]]);
});
