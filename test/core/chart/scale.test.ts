import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choiceScale, numberScale, rangeOf } from '../../../src/core/chart/scale.ts';
import { linearTicks, logTicks, niceStep, numberText, type Tick } from '../../../src/core/chart/ticks.ts';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -50, max: 50 }),
);
const positive = fc
  .double({ min: -300, max: 300, noNaN: true })
  .map((power) => 10 ** power)
  .filter((value) => value > 0 && Number.isFinite(value));
const range = fc.tuple(number, number).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));
const ascending = (ticks: readonly Tick[]) => ticks.every((tick, i) => i === 0 || tick.value > ticks[i - 1]!.value);
const most = fc.integer({ min: 1, max: 12 });

describe('[PL-8] ticks', () => {
  it('are few, ascending, inside, and told apart', () => {
    fc.assert(
      fc.property(range, most, ({ low, high }, parts) => {
        const ticks = linearTicks({ low, high }, parts);
        expect(ticks.length).toBeLessThanOrEqual(parts + 1);
        expect(ascending(ticks)).toBe(true);
        for (const { value } of ticks) expect(value >= low && value <= high).toBe(true);
        const texts = ticks.map(({ text }) => text);
        if (ticks.length > 1 && Math.max(Math.abs(low), Math.abs(high)) / (high - low) < 1e4) {
          expect(new Set(texts).size).toBe(texts.length);
        }
      }),
    );
  });

  it('are one where only the last digits of the ends differ', () => {
    expect(linearTicks({ low: 1, high: 1.0000000000000009 }, 5)).toEqual([{ value: 1, text: '1' }]);
    expect(logTicks({ low: 1, high: 1.0000000000000009 }, 5)).toHaveLength(1);
  });

  it('stand at 1, 2 or 5 times a power of ten, and the next finer step would be too many', () => {
    fc.assert(
      fc.property(positive, most, (span, parts) => {
        const step = niceStep(span, parts);
        const digit = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
        expect([1, 2, 5, 10].some((one) => Math.abs(one - digit) < 1e-6)).toBe(true);
        expect(span / step).toBeLessThanOrEqual(parts * (1 + 1e-6));
        expect(span / step).toBeGreaterThan(parts / 2.5 - 1e-6);
      }),
    );
    expect(linearTicks({ low: 0, high: 1 }, 5).map(({ text }) => text)).toEqual(
      ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0'].map((text) => (text === '0.0' ? '0' : text)),
    );
  });

  it('of a logarithm are powers of ten, or 1, 2, 5 between them', () => {
    expect(logTicks({ low: 0.001, high: 100 }, 6).map(({ text }) => text)).toEqual([
      '0.001',
      '0.01',
      '0.1',
      '1',
      '10',
      '100',
    ]);
    expect(logTicks({ low: 1, high: 10 }, 6).map(({ text }) => text)).toEqual(['1', '2', '5', '10']);
    fc.assert(
      fc.property(positive, positive, most, (a, b, parts) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const ticks = logTicks({ low, high }, parts);
        expect(ticks.length).toBeLessThanOrEqual(parts + 1);
        expect(ascending(ticks)).toBe(true);
        for (const { value } of ticks) expect(value >= low && value <= high).toBe(true);
      }),
    );
  });

  it('say numbers shortly', () => {
    const texts = [0, 1024, 123456, 0.123456, -0.5, 1e7, 1.23456e-5, Number.NaN, -1 / 0].map(numberText);
    expect(texts).toEqual(['0', '1024', '123456', '0.1235', '−0.5', '1e7', '1.235e−5', 'NaN', '−∞']);
    fc.assert(
      fc.property(
        number.filter((value) => Math.abs(value) < 1e308),
        (value) => {
          const read = Number(numberText(value).replaceAll('−', '-'));
          expect(Math.abs(read - value)).toBeLessThanOrEqual(5e-4 * Math.abs(value) + Number.MIN_VALUE);
        },
      ),
    );
  });
});

describe('[PL-8] scales', () => {
  it('keep the order, and everything between the ends', () => {
    fc.assert(
      fc.property(range, number, number, fc.boolean(), (given, a, b, log) => {
        const { place } = numberScale(given, { log });
        const [x, y] = [place(Math.min(a, b))!, place(Math.max(a, b))!];
        expect(x).toBeLessThanOrEqual(y);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('have no place for what is no number, and put infinity at the end', () => {
    const { place } = numberScale({ low: 1, high: 2 }, { pad: 0 });
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5].map(place)).toEqual([
      undefined,
      1,
      0,
      0.5,
    ]);
    const log = numberScale({ low: 0.01, high: 100 }, { log: true, pad: 0 });
    expect([0.01, 1, 100, -1].map((value) => log.place(value)?.toFixed(9))).toEqual([
      '0.000000000',
      '0.500000000',
      '1.000000000',
      '0.000000000',
    ]);
  });

  it('give each choice its band', () => {
    const scale = choiceScale(['a', 'b', 'c', 'd']);
    expect(['a', 'd', 'x'].map((choice) => scale.place(choice))).toEqual([0.125, 0.875, undefined]);
    expect(scale.band).toBe(0.25);
  });

  it('leave out what lies far off, never more than that', () => {
    expect(rangeOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 1e9])).toEqual({ low: 1, high: 9 });
    expect(rangeOf([5])).toEqual({ low: 5, high: 5 });
    expect(rangeOf([Number.NaN, Number.POSITIVE_INFINITY])).toBeUndefined();
    fc.assert(
      fc.property(fc.array(number, { minLength: 1 }), (values) => {
        const { low, high } = rangeOf(values)!;
        const inside = values.filter((value) => value >= low && value <= high);
        expect(inside.length).toBeGreaterThanOrEqual(values.length / 2);
      }),
    );
  });
});
