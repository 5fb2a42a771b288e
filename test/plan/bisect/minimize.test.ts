import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimize, type Verdict } from '../../../src/plan/bisect/minimize.ts';

const independent = (): readonly number[] => [];
const verdict = (isBad: boolean): Promise<Verdict> => Promise.resolve(isBad ? 'bad' : 'good');

/** Each change may need earlier ones. */
const needs = fc
  .array(fc.array(fc.nat(30), { maxLength: 2 }), { minLength: 1, maxLength: 30 })
  .map((rows) => rows.map((row, n) => row.filter((other) => other < n)));

function closure(rows: readonly (readonly number[])[], start: readonly number[]): number[] {
  const seen = new Set(start);
  for (const at of seen) for (const other of rows[at]!) seen.add(other);
  return [...seen].sort((a, b) => a - b);
}

describe('minimize', () => {
  it('finds planted sets of 1 to 4 changes exactly, with all they depend on', async () => {
    await fc.assert(
      fc.asyncProperty(needs, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (rows, picks) => {
        const culprits = [...new Set(picks.map((pick) => pick % rows.length))];
        const found = await minimize({
          count: rows.length,
          dependencies: (i) => rows[i]!,
          test: (subset) => {
            expect(closure(rows, subset)).toEqual(subset);
            return verdict(culprits.every((culprit) => subset.includes(culprit)));
          },
        });
        expect(found).toMatchObject({ kind: 'minimal', subset: closure(rows, culprits) });
      }),
      { numRuns: 300 },
    );
  });

  it('ends 1-minimal whatever the test says, also where it cannot tell', async () => {
    const answers = fc.func(fc.constantFrom<Verdict>('bad', 'good', 'unresolved'));
    await fc.assert(
      fc.asyncProperty(needs, answers, async (rows, answer) => {
        const all = [...rows.keys()].join();
        const test = async (subset: readonly number[]): Promise<Verdict> =>
          subset.join() === all ? 'bad' : subset.length === 0 ? 'good' : answer(subset.join());
        const found = await minimize({ count: rows.length, dependencies: (i) => rows[i]!, test });
        if (found.kind !== 'minimal') throw new Error(found.kind);
        expect(await test(found.subset)).toBe('bad');
        for (const gone of found.subset) {
          const rest = found.subset.filter((i) => !closure(rows, [i]).includes(gone));
          expect(await test(rest)).not.toBe('bad');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tests no set twice and few in all', async () => {
    const seen: string[] = [];
    const found = await minimize({
      count: 128,
      dependencies: independent,
      test: (subset) => {
        seen.push(subset.join());
        return verdict(subset.includes(99));
      },
    });
    expect(found).toEqual({ kind: 'minimal', subset: [99], tests: seen.length });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeLessThan(25);
  });

  it('takes changes that need each other together', async () => {
    const found = await minimize({
      count: 6,
      dependencies: (i) => (i === 2 ? [4] : i === 4 ? [2] : []),
      test: (subset) => verdict(subset.includes(2)),
    });
    expect(found).toMatchObject({ subset: [2, 4] });
  });

  it('says so when there is nothing to explain', async () => {
    const test = (value: Verdict) => () => Promise.resolve(value);
    expect(await minimize({ count: 3, dependencies: independent, test: test('good') })).toMatchObject({
      kind: 'not-bad',
      verdict: 'good',
    });
    expect(await minimize({ count: 3, dependencies: independent, test: test('bad') })).toMatchObject({
      kind: 'bad-before',
    });
    await expect(
      minimize({ count: 1, dependencies: independent, test: () => Promise.reject(new Error('aborted')) }),
    ).rejects.toThrow('aborted');
  });
});
