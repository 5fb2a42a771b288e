import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../../../src/base/normal.ts';
import { withError } from '../../../src/core/chart/ticks.ts';
import { verdict } from '../../../src/plan/optimize/plots/confirmed.ts';
import { terminalConfirmed } from '../../../src/plan/optimize/plots/terminal-confirmed.ts';
import { confirmedStudy, trialsToConfirm, trialToTake } from '../../../src/plan/optimize/results/confirmed.ts';
import { mulberry32 } from '../../../src/plan/optimize/rng.ts';
import type { Space } from '../../../src/plan/optimize/space.ts';
import {
  type Confirmation,
  confirmationFact,
  foldConfirmations,
  readConfirmation,
} from '../../../src/plan/optimize/study/confirmation.ts';
import type { Objective, StudyDefinition } from '../../../src/plan/optimize/study/definition.ts';
import type { TrialRecord } from '../../../src/plan/optimize/study/record.ts';
import { historyOf, type StudyState } from '../../../src/plan/optimize/study/state.ts';

const SPACE: Space = { parameters: [{ name: 'x', kind: 'float', low: 0, high: 1 }] };
const SHARP: Objective = { name: 'sharpness', direction: 'maximize' };
const FAST: Objective = { name: 'latency', direction: 'minimize' };

const definition = (objectives: readonly Objective[], limits: StudyDefinition['limits'] = []): StudyDefinition =>
  ({ name: 's', objectives, limits, repeats: 1, seed: 0, budget: 99, sources: [], fixed: {} }) as never;

const record = (number: number, values: readonly number[], more: Partial<TrialRecord> = {}): TrialRecord => ({
  study: 's',
  number,
  params: { x: number / 100 },
  document: `d${number}`,
  state: 'COMPLETE',
  values,
  runs: [],
  start: number,
  end: number + 1,
  open: [],
  ...more,
});

const seen = (number: number, image: number, values?: readonly number[], more: Partial<Confirmation> = {}) =>
  ({
    study: 's',
    number,
    image,
    ...(values ? { values } : { failure: 'out-of-memory', reason: 'no room' }),
    runner: 'r',
    end: 1,
    ...more,
  }) as Confirmation;

const state = (records: readonly TrialRecord[], confirmations: readonly Confirmation[] = []): StudyState => ({
  records,
  open: [],
  ...(confirmations.length > 0 ? { confirmations } : {}),
});

const confirmations = fc.array(
  fc.record({
    study: fc.constant('s'),
    number: fc.nat(4),
    image: fc.nat(4),
    values: fc.tuple(fc.integer({ min: -9, max: 9 })),
    runner: fc.constantFrom('a', 'b'),
    end: fc.nat(3),
  }),
  { maxLength: 40 },
);

describe('[ST-27] confirmations', () => {
  test('are the same in whatever order they are read and however often, and read back from notes', () => {
    fc.assert(
      fc.property(confirmations, fc.infiniteStream(fc.nat()), (all, picks) => {
        const folded = foldConfirmations(all);
        const shuffled = [...all, ...all]
          .map((one) => ({ one, at: picks.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(foldConfirmations(shuffled)).toEqual(folded);
        expect(foldConfirmations(folded)).toEqual(folded);
        expect(folded.map((one) => readConfirmation(confirmationFact(one)))).toEqual(folded);
        expect(new Set(folded.map(({ number, image }) => `${number} ${image}`)).size).toBe(folded.length);
      }),
    );
  });

  test('of other notes, or misshapen ones, are none', () => {
    const good = confirmationFact(seen(1, 2, [3]));
    const { values: _, ...without } = good;
    for (const fact of [
      null,
      [],
      { ...good, schema: 'cwf.trial/1' },
      { ...good, image: -1 },
      { ...good, number: 'x' },
      { ...good, values: ['1'] },
      { ...good, values: [] },
      { ...good, constraints: 3 },
      without,
    ])
      expect(readConfirmation(fact)).toBeUndefined();
  });

  test('begin with the best as measured, then what the model expects to be good', () => {
    // A hill at 0.5, and one lucky trial far from it.
    const records = Array.from({ length: 30 }, (_, i) => {
      const x = i / 29;
      return record(i, [i === 2 ? 3 : 1 - 4 * (x - 0.5) ** 2], { params: { x } });
    });
    const chosen = trialsToConfirm(definition([SHARP]), SPACE, state(records), 4);
    expect(chosen[0]).toBe(2);
    expect(chosen).toHaveLength(4);
    expect(chosen.slice(1).every((number) => Math.abs(number - 14.5) < 6 || number < 5)).toBe(true);
    expect(chosen.some((number) => Math.abs(number - 14.5) < 6)).toBe(true);
  });

  test('are of the front, the nearest to both ends first; one that took the outcome of another is that one', () => {
    const records = [
      record(0, [1, 9]),
      record(1, [5, 5]),
      record(2, [9, 9], { copies: 4 }),
      record(3, [0, 1]),
      record(4, [9, 9]),
      record(5, [7, 5.5]),
    ];
    expect(trialsToConfirm(definition([SHARP, FAST]), SPACE, state(records), 2)).toEqual([5, 1]);
    const sharp = records.map((one) => ({ ...one, values: one.values!.slice(0, 1) }));
    expect(trialsToConfirm(definition([SHARP]), SPACE, state(sharp), 1)).toEqual([4]);
    expect(trialsToConfirm(definition([SHARP]), SPACE, state([]), 3)).toEqual([]);
  });
});

describe('[ST-28] what confirmation says', () => {
  const records = [record(0, [1]), record(1, [9]), record(2, [8]), record(3, [7])];

  test('is the best mean, pairs by seed, and the trial to take', () => {
    const told = [
      ...[1, 2, 3, 4].map((image) => seen(1, image, [4 + image])),
      ...[1, 2, 3, 4].map((image) => seen(2, image, [5 + image + (image % 2) / 10])),
      ...[1, 2, 3].map((image) => seen(3, image, [image])),
    ];
    const study = definition([SHARP]);
    const out = confirmedStudy(study, SPACE, state(records, told))!;
    expect(out.against).toBe(2);
    expect(out.trials.map(({ number, isBest }) => [number, isBest])).toEqual([
      [2, true],
      [1, false],
      [3, false],
    ]);
    const [, one] = out.trials;
    expect(one!.differences![0]!.mean).toBeCloseTo(-1.05, 9);
    // sd 0.0577 of four differences, Student's t of three degrees: 3.182 * 0.0577 / 2.
    expect(one!.differences![0]!.limits![0]).toBeCloseTo(-1.05 - 0.09187, 4);
    expect(out.trials[0]!.errors[0]).toBeCloseTo(Math.sqrt(4.81 / 12), 9);
    expect(trialToTake(study, SPACE, state(records, told))).toBe(2);
    expect(trialToTake(study, SPACE, state(records))).toBe(1);
    // Of a trial that was never confirmed and looks better, nobody knows.
    expect(trialToTake(study, SPACE, state([...records, record(9, [10])], told))).toBe(9);
    expect(verdict(one!, { objectives: ['sharpness'], directions: ['maximize'] })).toMatch(/^worse, −1.05 \[/);
  });

  test('never takes one that failed under a seed, or breaks a limit in the mean', () => {
    const told = [
      seen(1, 1, [9]),
      seen(1, 2),
      seen(2, 1, [8], { constraints: [-1] }),
      seen(2, 2, [8], { constraints: [2] }),
      seen(3, 1, [2], { constraints: [-1] }),
      seen(3, 2, [2], { constraints: [0.5] }),
    ];
    const out = confirmedStudy(definition([SHARP]), SPACE, state(records, told))!;
    expect(out.trials.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(out.trials.map(({ isBest }) => isBest)).toEqual([true, false, false]);
    const words = out.trials.map((one) => verdict(one, { objectives: ['sharpness'], directions: ['maximize'] }));
    expect(words[2]).toMatch(/^failed under 1 of 2 seeds; one seed says little, 7$/);
    expect(words[1]).toMatch(/^breaks a limit; better, 6/);
    const none = confirmedStudy(definition([SHARP]), SPACE, state(records, [seen(1, 1)]))!;
    expect(none.against).toBeUndefined();
    expect(none.trials[0]).toMatchObject({ seeds: 0, failed: 1, values: [], isBest: false });
    expect(trialToTake(definition([SHARP]), SPACE, state(records, [seen(1, 1)]))).toBe(1);
  });

  test('compares means of the same seeds, and gives no first place to one seed against many', () => {
    const study = definition([SHARP]);
    // One lucky seed of trial 3 against five of the others.
    const many = [1, 2, 3, 4, 5].flatMap((image) => [seen(1, image, [5 + image / 100]), seen(2, image, [4])]);
    const lucky = confirmedStudy(study, SPACE, state(records, [...many, seen(3, 1, [9])]))!;
    expect(lucky.trials.map(({ number, isBest }) => [number, isBest])).toEqual([
      [1, true],
      [3, false],
      [2, false],
    ]);
    // The last seed, which is hard for all, was run for the better one alone when it ended.
    const ended = [seen(1, 1, [5]), seen(2, 1, [4.9]), seen(1, 2, [6]), seen(2, 2, [5.9]), seen(1, 3, [0])];
    expect(confirmedStudy(study, SPACE, state(records, ended))!.against).toBe(1);
    expect(trialToTake(study, SPACE, state(records, ended))).toBe(1);
  });

  test('tells several objectives against the workflow as it is, and weights as one utility', () => {
    const both = [record(0, [1, 1]), record(1, [3, 5]), record(2, [2, 0.5])];
    const told = [1, 2].flatMap((image) => [seen(0, image, [1, 1]), seen(1, image, [3, 5]), seen(2, image, [2, 0.5])]);
    const front = confirmedStudy(definition([SHARP, FAST]), SPACE, state(both, told))!;
    expect(front.against).toBe(0);
    expect(
      front.trials
        .filter(({ isBest }) => isBest)
        .map(({ number }) => number)
        .sort(),
    ).toEqual([1, 2]);
    const two = front.trials.find(({ number }) => number === 2)!;
    expect(verdict(two, { objectives: ['sharpness', 'latency'], directions: ['maximize', 'minimize'] })).toBe(
      'sharpness better, 1 [1, 1]; latency better, −0.5 [−0.5, −0.5]',
    );
    const weighed = confirmedStudy(definition([{ ...SHARP, weight: 1 }, FAST]), SPACE, state(both, told))!;
    expect(weighed.against).toBe(2);
    expect(weighed.trials[0]!.values).toHaveLength(1);
    // The workflow as it is has the utility 0.
    expect(weighed.trials.find(({ number }) => number === 0)!.values[0]).toBeCloseTo(0, 12);
  });

  test('limits hold the truth as often as they say', () => {
    const rng = mulberry32(7);
    let held = 0;
    const studies = 3000;
    for (let i = 0; i < studies; i++) {
      const told = [1, 2, 3, 4, 5].flatMap((image) => {
        const luck = 3 * normalQuantile(rng());
        return [seen(1, image, [9 + luck + normalQuantile(rng())]), seen(2, image, [luck + normalQuantile(rng())])];
      });
      const out = confirmedStudy(definition([SHARP]), SPACE, state(records, told))!;
      const [low, high] = out.trials[1]!.differences![0]!.limits!;
      if (low <= -9 && -9 <= high) held++;
    }
    // 95 %, with three standard errors of 3000 studies.
    expect(Math.abs(held / studies - 0.95)).toBeLessThan(0.012);
  });

  test('changes nothing that samplers see', () => {
    const study = definition([SHARP]);
    expect(historyOf(study, SPACE, state(records, [seen(1, 1, [3])]))).toEqual(historyOf(study, SPACE, state(records)));
  });

  test('is a table whose columns stand below each other, in ASCII as well', () => {
    const told = [1, 2, 3].flatMap((image) => [seen(1, image, [9 + image / 10]), seen(0, image, [image])]);
    const all = state(records, told);
    const study = { ...historyOf(definition([SHARP]), SPACE, all), objectives: ['sharpness'] };
    const lines = terminalConfirmed(study, confirmedStudy(definition([SHARP]), SPACE, all)!, { columns: 80 });
    expect(
      lines.map((line) =>
        line
          .map(({ text }) => text)
          .join('')
          .trimEnd(),
      ),
    ).toEqual([
      'trial  seeds      sharpness  as found  against trial 1',
      '    1      3  9.200 ± 0.058         9',
      '    0      3    2.00 ± 0.58         1  as the base; worse, −7.2 [−9.436, −4.964]',
    ]);
    const plain = terminalConfirmed(study, confirmedStudy(definition([SHARP]), SPACE, all)!, {
      columns: 60,
      ascii: true,
    });
    for (const line of plain) expect(line.map(({ text }) => text).join('')).toMatch(/^[ -~]{0,60}$/);
    expect([withError(1234567, 20), withError(-0.5, 0.001), withError(3, 0), withError(undefined, 1)]).toEqual([
      '1234567 ± 20',
      '−0.5000 ± 0.0010',
      '3',
      'none',
    ]);
  });
});
