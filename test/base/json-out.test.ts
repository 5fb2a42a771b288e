import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/base/json-out.ts';

/** Values as verbs give them: with big integers, maps, and members that are not there. */
const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
    fc.date({ noInvalidDate: true }),
  ),
  any: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
    fc.array(fc.tuple(fc.string(), tie('any')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).any;

describe('jsonText', () => {
  it('says the same in one line and in many, and what the engine says wherever that can say it', () => {
    const unbroken = (text: string): string =>
      JSON.stringify(JSON.parse(text.replace(/:\s*(-?\d{16,})(?![\d.eE])/g, ':"$1"')));
    fc.assert(
      fc.property(value, (one) => {
        const [line, many] = [jsonText(one, 0), jsonText(one, 2)];
        expect(unbroken(line)).toBe(unbroken(many));
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (one) => {
        expect(JSON.stringify(JSON.parse(jsonText(one, 0)))).toBe(JSON.stringify(one));
      }),
    );
  });

  it('keeps every digit, the members of maps, and no character that a terminal obeys', () => {
    expect(jsonText({ a: 2n ** 64n, b: new Map([['k', 1]]), c: undefined }, 0)).toBe(
      '{"a":18446744073709551616,"b":{"k":1}}',
    );
    expect(jsonText({ a: '\u202e\u009b' }, 0)).toBe('{"a":"\\u202e\\u009b"}');
    expect(jsonText(undefined, 0)).toBe('null');
  });
});
