import fc from 'fast-check';
import { expect, it } from 'vitest';
import { trendOf } from '../../server/page/history/trend.ts';

const values = fc.array(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: undefined }), {
  maxLength: 40,
});

it('draws one line through all values, without a gap from the first to the last', () => {
  fc.assert(
    fc.property(values, (list) => {
      const rows = trendOf(list);
      expect(rows).toHaveLength(list.length);
      const known = list.flatMap((value, row) => (value === undefined ? [] : [row]));
      const [first = 0, last = 0] = [known[0], known.at(-1)];
      for (const [row, { top, bottom, dot }] of rows.entries()) {
        expect(dot !== undefined).toBe(list[row] !== undefined);
        expect(top !== undefined).toBe(known.length > 0 && row > first && row <= last);
        expect(bottom !== undefined).toBe(known.length > 0 && row >= first && row < last);
        if (bottom !== undefined) expect(rows[row + 1]!.top).toBe(bottom);
        for (const x of [top, bottom, dot]) if (x !== undefined) expect(x >= 0 && x <= 1).toBe(true);
      }
    }),
  );
});

it('puts the least value at 0, the greatest at 1, and values that are all alike in the middle', () => {
  expect(trendOf([2, undefined, 4]).map(({ dot }) => dot)).toEqual([0, undefined, 1]);
  expect(trendOf([2, undefined, 4])[1]).toEqual({ top: 0.25, bottom: 0.75 });
  expect(trendOf([3, 3]).map(({ dot }) => dot)).toEqual([0.5, 0.5]);
});
