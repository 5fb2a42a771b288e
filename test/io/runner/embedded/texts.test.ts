import { describe, expect, test } from 'vitest';
import { pythonFloat } from '../../../../src/base/python-text.ts';
import { jsonText, pythonRepr, roundHalfEven } from '../../../../src/io/runner/embedded/python.ts';
import { operationOf } from '../../../../src/io/runner/embedded/registry.ts';
import type { Value } from '../../../../src/io/runner/embedded/values.ts';

async function result(classType: string, inputs: Record<string, Value>): Promise<Value> {
  return (await operationOf(classType)!.run(inputs, {} as never)).outputs[0]!;
}

// Expected: what the real server answered.
describe('texts as Python handles them', () => {
  test.each([
    ['CaseConverter', { string: "they're 3rd o'neil ß ﬁ", mode: 'Title Case' }, "They'Re 3Rd O'Neil Ss Fi"],
    ['CaseConverter', { string: 'hELLO wORLD', mode: 'Capitalize' }, 'Hello world'],
    ['CaseConverter', { string: 'ß', mode: 'UPPERCASE' }, 'SS'],
    ['StringLength', { string: 'abc😀def' }, 7n],
    ['StringSubstring', { string: 'abc😀def', start: 3n, end: -1n }, '😀de'],
    ['StringSubstring', { string: 'abc', start: -100n, end: 100n }, 'abc'],
    ['StringTrim', { string: '\u00a0x\u3000', mode: 'Both' }, 'x'],
    ['StringTrim', { string: '  x  ', mode: 'Left' }, 'x  '],
    ['StringReplace', { string: 'a$a', find: 'a', replace: '$&' }, '$&$$&'],
    ['StringReplace', { string: 'ab', find: '', replace: '-' }, '-a-b-'],
    ['StringContains', { string: 'Hello', substring: 'h', case_sensitive: false }, true],
    ['StringCompare', { string_a: 'Hello', string_b: 'LO', mode: 'Ends With', case_sensitive: false }, true],
    ['StringConcatenate', { string_a: 'a', string_b: 'b', delimiter: ', ' }, 'a, b'],
    ['ComfyNumberConvert', { value: ' 1_000 ' }, 1000],
    ['ComfyNotNode', { value: '' }, true],
    ['ComfyAndNode', { values: { value0: 1n, value1: 0 } }, false],
    ['ComfyOrNode', { values: { value0: 0n, value1: 'x' } }, true],
  ] as [string, Record<string, Value>, Value][])('%s, case %#', async (classType, inputs, expected) => {
    expect(await result(classType, inputs)).toEqual(expected);
  });

  test.each([
    [1, '1.0'],
    [1e16, '1e+16'],
    [1e15, '1000000000000000.0'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [-0, '-0.0'],
    [1.5e300, '1.5e+300'],
    [Number.NaN, 'nan'],
  ])('the float %d is %s', (value, expected) => {
    expect(pythonFloat(value)).toBe(expected);
  });

  test('values as Python writes them', () => {
    const value: Value = { a: [1n, 2.5, true, null, "it's"], b: {} };
    expect(pythonRepr(value)).toBe(`{'a': [1, 2.5, True, None, "it's"], 'b': {}}`);
    expect(jsonText(value, { ascii: true })).toBe(`{"a": [1, 2.5, true, null, "it's"], "b": {}}`);
    expect(jsonText(['ä', []], { indent: 4, ascii: false })).toBe('[\n    "ä",\n    []\n]');
  });

  test('halves are rounded to the even neighbour', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4].map(roundHalfEven).map((one) => one + 0)).toEqual([0, 2, 2, 0, -2, 2]);
  });
});
