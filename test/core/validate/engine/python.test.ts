import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { pyBool, pyFloat, pyInt } from '../../../../src/core/validate/engine/python-cast.ts';
import { pyEquals, pyLess } from '../../../../src/core/validate/engine/python-compare.ts';
import { PyError } from '../../../../src/core/validate/engine/python-error.ts';
import { fromJson, parsePythonJson, toJson } from '../../../../src/core/validate/engine/python-json.ts';
import { setOrder, unionOrder } from '../../../../src/core/validate/engine/python-set.ts';
import { pyRepr } from '../../../../src/core/validate/engine/python-text.ts';
import type { PyValue } from '../../../../src/core/validate/engine/python-value.ts';

const outcome = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    return error.type;
  }
};

// What CPython 3.11 answers.
describe('casts are those of Python [VE-11]', () => {
  test.each<[PyValue, unknown, unknown]>([
    ['12', 12n, 12],
    [' 12 ', 12n, 12],
    ['1_0', 10n, 10],
    ['1.5', 'ValueError', 1.5],
    ['1e3', 'ValueError', 1000],
    ['', 'ValueError', 'ValueError'],
    ['+7', 7n, 7],
    ['00', 0n, 0],
    ['1__0', 'ValueError', 'ValueError'],
    ['_1', 'ValueError', 'ValueError'],
    ['- 1', 'ValueError', 'ValueError'],
    ['0x1', 'ValueError', 'ValueError'],
    ['\u0663', 3n, 3],
    ['\uff11\uff12', 12n, 12],
    ['\u00a05\u2003', 5n, 5],
    ['9'.repeat(4301), 'ValueError', Infinity],
    ['nan', 'ValueError', Number.NaN],
    ['-Infinity', 'ValueError', -Infinity],
    ['infinit', 'ValueError', 'ValueError'],
    ['1e400', 'ValueError', Infinity],
    ['.5', 'ValueError', 0.5],
    ['5.', 'ValueError', 5],
    ['1_0.5_0', 'ValueError', 10.5],
    ['1e1_0', 'ValueError', 1e10],
    ['.', 'ValueError', 'ValueError'],
    ['1._5', 'ValueError', 'ValueError'],
    [3.7, 3n, 3.7],
    [-3.7, -3n, -3.7],
    [Number.NaN, 'ValueError', Number.NaN],
    [Infinity, 'OverflowError', Infinity],
    [10n ** 400n, 10n ** 400n, 'OverflowError'],
    [true, 1n, 1],
    [null, 'TypeError', 'TypeError'],
    [['1'], 'TypeError', 'TypeError'],
    [new Map(), 'TypeError', 'TypeError'],
  ])('int and float of %s', (value, int, float) => {
    expect(outcome(() => pyInt(value))).toEqual(int);
    expect(outcome(() => pyFloat(value))).toEqual(float);
  });

  test.each<[PyValue, boolean]>([
    ['false', true],
    ['', false],
    [0n, false],
    [0, false],
    [Number.NaN, true],
    [null, false],
    [[], false],
    [[null], true],
    [new Map(), false],
    [new Map([['a', null]]), true],
  ])('bool of %s is %s', (value, expected) => {
    expect(pyBool(value)).toBe(expected);
  });

  test.each<[PyValue, string]>([
    [1, '1.0'],
    [1e16, '1e+16'],
    [123456789012345, '123456789012345.0'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [-0, '-0.0'],
    [1.5e300, '1.5e+300'],
    [5e-324, '5e-324'],
    ["a'b", '"a\'b"'],
    ['a\'"b', "'a\\'\"b'"],
    ['a\n\0\\', "'a\\n\\x00\\\\'"],
    [[1n, null, true, new Map([['k', 'v']])], "[1, None, True, {'k': 'v'}]"],
  ])('repr of %s is %s', (value, text) => {
    expect(pyRepr(value)).toBe(text);
  });
});

describe('values are compared as Python compares them', () => {
  it('numbers and booleans by value, all else with its own kind only', () => {
    expect(pyEquals(1n, true)).toBe(true);
    expect(pyEquals(1n, 1)).toBe(true);
    expect(pyEquals(2n ** 53n + 1n, 2 ** 53)).toBe(false);
    expect(pyEquals('1', 1n)).toBe(false);
    expect(pyEquals(null, false)).toBe(false);
    expect(pyEquals([1n, ['a']], [true, ['a']])).toBe(true);
    expect(pyEquals(new Map([['a', 1n]]), new Map([['a', 1]]))).toBe(true);
    expect(pyEquals(Number.NaN, Number.NaN)).toBe(false);
  });

  it('what has no order raises', () => {
    expect(pyLess(1n, 1.5)).toBe(true);
    expect(outcome(() => pyLess('5', 0n))).toBe('TypeError');
    expect(outcome(() => pyLess(0n, null))).toBe('TypeError');
  });
});

// Orders that CPython 3.11 gives with PYTHONHASHSEED=0.
describe('sets have the order of CPython with seed 0 [VE-18]', () => {
  it('texts of one, two and four bytes a character', () => {
    const texts = ['9', '65', '3', '58:10', '\u00e9', '\u540d\u524d', '\u{1f600}', '', 'a'.repeat(20)];
    expect(setOrder(texts)).toEqual([
      '',
      '\u540d\u524d',
      '\u00e9',
      '9',
      '\u{1f600}',
      '65',
      '58:10',
      'a'.repeat(20),
      '3',
    ]);
  });

  it('a table that grew', () => {
    const names = Array.from({ length: 30 }, (_, at) => `image_${at + 1}`);
    const first = [26, 6, 11, 15, 28, 4, 14, 30, 10, 5, 24, 20].map((at) => `image_${at}`);
    expect(setOrder(names).slice(0, 12)).toEqual(first);
  });

  it('the union of two', () => {
    const required = 'model seed steps cfg sampler_name scheduler positive negative latent_image denoise'.split(' ');
    const united = 'denoise x positive cfg negative seed scheduler model mask steps sampler_name latent_image'.split(
      ' ',
    );
    expect(unionOrder(required, ['mask', 'x'])).toEqual(united);
  });

  it('every member comes once, in an order that depends on the texts alone', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        const order = setOrder(texts);
        expect([...order].sort()).toEqual([...new Set(texts)].sort());
        expect(setOrder(texts)).toEqual(order);
      }),
    );
  });
});

describe('JSON is read as Python reads it [VE-1]', () => {
  it('floats are no integers; NaN and Infinity are numbers; the last of equal keys counts', () => {
    const text = '{"a": 1, "b": 1.0, "c": 1e3, "d": [NaN, Infinity, -Infinity], "a": 12345678901234567890}';
    expect(parsePythonJson(text)).toEqual(
      new Map<string, PyValue>([
        ['a', 12345678901234567890n],
        ['b', 1],
        ['c', 1000],
        ['d', [Number.NaN, Infinity, -Infinity]],
      ]),
    );
  });

  it('keeps the order of keys and knows no prototype', () => {
    const read = parsePythonJson('{"10": 1, "__proto__": {"x": 2}, "2": 3}') as Map<string, PyValue>;
    expect([...read.keys()]).toEqual(['10', '__proto__', '2']);
    expect(JSON.stringify(toJson(read))).toBe('{"2":3,"10":1,"__proto__":{"x":2}}');
  });

  test.each([
    ['{'],
    ['[1,]'],
    ['{"a":1,}'],
    ['01'],
    ['1.'],
    ["'a'"],
    ['"a'],
    ['"\\x"'],
    ['"\n"'],
    ['nul'],
    ['1 2'],
    [''],
  ])('%j is refused', (text) => {
    expect(outcome(() => parsePythonJson(text))).toBe('JSONDecodeError');
  });

  it('what is too deep, or a number too long, is refused', () => {
    expect(outcome(() => parsePythonJson('['.repeat(100_000)))).toBe('RecursionError');
    expect(outcome(() => parsePythonJson('9'.repeat(5000)))).toBe('ValueError');
  });

  it.each([20377950036780150, -(2 ** 60), 1e20, 1e21])('a program that hands over %d gets the same', (value) => {
    expect(fromJson(value)).toEqual(parsePythonJson(JSON.stringify(value)));
  });

  it('a program that hands over its values gets the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        fc.pre(!JSON.stringify(value).match(/\d(\.\d+)?e/));
        const text = JSON.stringify(value);
        expect(parsePythonJson(text)).toEqual(fromJson(JSON.parse(text)));
      }),
    );
  });
});
