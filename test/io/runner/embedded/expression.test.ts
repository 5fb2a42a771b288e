import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withEngine } from './harness.ts';

const prompt = (expression: string, a: unknown = 7, b: unknown = 2.5) => ({
  '1': { class_type: 'PrimitiveInt', inputs: { value: a } },
  '2': { class_type: 'PrimitiveFloat', inputs: { value: b } },
  '3': { class_type: 'PrimitiveBoolean', inputs: { value: true } },
  '4': {
    class_type: 'ComfyMathExpression',
    inputs: { expression, 'values.a': ['1', 0], 'values.b': ['2', 0], 'values.c': ['3', 0] },
  },
  '5': { class_type: 'PreviewAny', inputs: { source: ['4', 0] } },
  '6': { class_type: 'PreviewAny', inputs: { source: ['4', 1] } },
  '7': { class_type: 'PreviewAny', inputs: { source: ['4', 2] } },
});

/** The three outputs as text, or the exception. */
async function outcome(expression: string, a?: unknown, b?: unknown): Promise<string> {
  return withEngine(async (bench) => {
    const ran = await bench.run(prompt(expression, a, b));
    const failed = ran.messages.find(([type]) => type === 'execution_error')?.[1];
    if (failed) return `${failed.exception_type}: ${String(failed.exception_message).trim()}`;
    return ['5', '6', '7'].map((id) => (ran.outputs[id] as { text: string[] }).text[0]).join(' ');
  });
}

// What the real server answered.
describe('expressions as Python calculates them', () => {
  test.each([
    ['a*2+1', '15.0 15 True'],
    ['-7//2', '-4.0 -4 True'],
    ['-7.5//2', '-4.0 -4 True'],
    ['7.5%-2', '-0.5 0 True'],
    ['2**-1', '0.5 0 True'],
    ['-a**2', '-49.0 -49 True'],
    ['2**0.5**2', '1.189207115002721 1 True'],
    ['round(2.5)', '2.0 2 True'],
    ['round(2.675,2)', '2.67 2 True'],
    ['round(0.125,2)', '0.12 0 True'],
    ['round(1250,-2)', '1200.0 1200 True'],
    ['10**400//10**399', '10.0 10 True'],
    ['1<a<10', '1.0 1 True'],
    ['a and 0', '0.0 0 False'],
    ['a if a>5 else b if c else 0', '7.0 7 True'],
    ['99 in values', '0.0 0 False'],
    ['max(values)', '7.0 7 True'],
    ['sum(a,b)', '9.5 9 True'],
    ['~a', '-8.0 -8 True'],
    ['123456789012345678901234567890', '1.2345678901234568e+29 123456789012345678901234567890 True'],
    ['1e22', '1e+22 10000000000000000000000 True'],
    ['0.00001', '1e-05 0 True'],
    ['a\n+b', '7.0 7 True'],
    ['(a\n+b)', '9.5 9 True'],
  ])('%s', async (expression, expected) => {
    expect(await outcome(expression)).toBe(expected);
  });

  test.each([
    ['1/0', 'ZeroDivisionError: division by zero'],
    ['1%0', 'ZeroDivisionError: integer modulo by zero'],
    ['x', "simpleeval.NameNotDefined: 'x' is not defined for expression 'x'"],
    ['foo(1)', "simpleeval.FunctionNotDefined: Function 'foo' not defined, for expression 'foo(1)'."],
    [
      'constructor(1)',
      "simpleeval.FunctionNotDefined: Function 'constructor' not defined, for expression 'constructor(1)'.",
    ],
    ['a+', 'SyntaxError: invalid syntax (<unknown>, line 1)'],
    ['sqrt(-1)', 'ValueError: math domain error'],
    ['pow(2,5000)', 'ValueError: Exponent 5000 exceeds maximum allowed (4000)'],
    ['2**5000000', "simpleeval.NumberTooHigh: Sorry! I don't want to evaluate 2 ** 5000000"],
    ['1e400', "ValueError: Math Expression '1e400' produced a non-finite result: inf"],
    ['None', "ValueError: Math Expression 'None' must evaluate to a numeric result, got NoneType: None"],
    ['   ', 'ValueError: Expression cannot be empty.'],
  ])('%s is an error', async (expression, expected) => {
    expect(await outcome(expression)).toBe(expected);
  });

  test.each([
    ['9**9**9**9', /NumberTooHigh|ValueError/],
    [`${'('.repeat(500)}1${')'.repeat(500)}`, /SyntaxError/],
    [`${'-'.repeat(5000)}1`, /SyntaxError/],
    ['1'.repeat(20_000), /SyntaxError/],
    ['3**60000*3**60000', /ValueError/],
    ['1<<99999', /ValueError/],
  ])('%s costs nothing', async (expression, expected) => {
    expect(await outcome(expression)).toMatch(expected);
  });

  test('whole numbers add, multiply and divide as they do anywhere', async () => {
    const int = fc.integer({ min: -1000, max: 1000 });
    await fc.assert(
      fc.asyncProperty(int, int, async (a, b) => {
        const sum = await outcome(`a*(${b})-${b}//7*7-${b}%7`, a);
        expect(sum.split(' ')[1]).toBe(String(a * b - b));
      }),
      { numRuns: 20 },
    );
  });
});
