import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CwfError } from '../../src/base/errors.ts';
import { type ParseOptions, parseJson } from '../../src/base/json-parse.ts';
import { canonicalJson, jsonEqual } from '../../src/base/json-text.ts';
import { withCorpus } from '../corpus.ts';
import { anyJson } from './arbitrary.ts';

function failure(input: string | Uint8Array, options?: ParseOptions): CwfError {
  try {
    parseJson(input, options);
  } catch (error) {
    expect(error).toBeInstanceOf(CwfError);
    return error as CwfError;
  }
  throw new Error(`accepted: ${String(input).slice(0, 100)}`);
}

const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

describe('hostile JSON', () => {
  it('[C3-4] an own key __proto__ is refused, also when it is written with escapes', () => {
    const error = failure('{"3": {"__proto__": {"x": 1}}}', { source: 'a.json' });
    expect(error).toMatchObject({ code: 'JSON_FORBIDDEN_KEY', http: 422, data: { path: '/3', key: '__proto__' } });
    expect(error.message).toBe('a.json:1:8: key __proto__ is not allowed (at /3)');
    expect(failure('{"\\u005f_proto__": 1}').code).toBe('JSON_FORBIDDEN_KEY');
    expect(failure('{"constructor": 1}').code).toBe('JSON_FORBIDDEN_KEY');
    expect(failure('{"prototype": 1}').code).toBe('JSON_FORBIDDEN_KEY');
    expect(parseJson('{"toString": 1, "hasOwnProperty": 2}')).toEqual({ toString: 1, hasOwnProperty: 2 });
  });

  it('[C3-5] the same inside widgets_values', () => {
    const error = failure('{"nodes":[{"widgets_values":[1,{"__proto__":{}}]}]}');
    expect(error.data).toMatchObject({ path: '/nodes/0/widgets_values/1', key: '__proto__' });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each(['[', '{"a":', '[{"a":'])('[C3-16] 100,000 levels of %s are answered in under 50 ms', (open) => {
    const text = open.repeat(100_000);
    const start = performance.now();
    expect(failure(text)).toMatchObject({ code: 'JSON_DEPTH', http: 413 });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('[C3-16] 64 levels are read, 65 are not', () => {
    const nested = (n: number): string => '['.repeat(n) + ']'.repeat(n);
    expect(() => parseJson(nested(64))).not.toThrow();
    expect(failure(nested(65)).data['path']).toBe('/0'.repeat(64));
    expect(failure(`{"k":${nested(64)}}`).code).toBe('JSON_DEPTH');
    expect(() => parseJson(`[${'[],'.repeat(500)}[]]`)).not.toThrow();
  });

  it('[C3-17] a text over the limit is refused before it is read', () => {
    const start = performance.now();
    expect(failure(new Uint8Array(9 * 1024 * 1024))).toMatchObject({ code: 'JSON_SIZE', http: 413 });
    expect(failure(' '.repeat(9 * 1024 * 1024)).code).toBe('JSON_SIZE');
    expect(performance.now() - start).toBeLessThan(1000);
    expect(parseJson('"abc"', { maxBytes: 5 })).toBe('abc');
    expect(failure('"abc" ', { maxBytes: 5 }).code).toBe('JSON_SIZE');
    expect(failure('"äöü"', { maxBytes: 7 }).code).toBe('JSON_SIZE');
  });

  it('[C3-17] long texts, many keys and endless numbers are refused by name', () => {
    expect(parseJson(`"${'x'.repeat(1024 * 1024)}"`)).toHaveLength(1024 * 1024);
    expect(failure(`["${'x'.repeat(1024 * 1024 + 1)}"]`)).toMatchObject({ code: 'JSON_SIZE', data: { path: '/0' } });
    expect(failure(`["\\n${'x'.repeat(1024 * 1024)}"]`).code).toBe('JSON_SIZE');
    const object = (n: number): string => `{"o":{${Array.from({ length: n }, (_, i) => `"k${i}":0`).join()}}}`;
    expect(() => parseJson(object(10_000))).not.toThrow();
    expect(failure(object(10_001))).toMatchObject({ code: 'JSON_SIZE', data: { path: '/o' } });
    expect(() => parseJson(object(10_001), { maxKeys: 20_000 })).not.toThrow();
    expect(failure('9'.repeat(1_000_000)).code).toBe('JSON_SIZE');
  });

  it.each(['NaN', 'Infinity', '-Infinity', '1e400', '-1e400'])('[C3-20] %s is refused with its path', (text) => {
    const error = failure(`{"nodes":[{"cfg":\n ${text}}]}`, { source: 'a.json' });
    expect(error).toMatchObject({ code: 'JSON_NUMBER', http: 422, data: { text, path: '/nodes/0/cfg' } });
    expect(error.message).toBe(`a.json:2:2: number ${text} is not finite (at /nodes/0/cfg)`);
  });

  it('[C3-21] integers that a double cannot hold keep every digit', () => {
    for (const text of ['18446744073709551615', '9007199254740993', '-9007199254740992', '1'.repeat(300)]) {
      expect(parseJson(text)).toBe(BigInt(text));
      expect(canonicalJson(parseJson(text))).toBe(text);
    }
    expect(parseJson('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseJson('-9007199254740991')).toBe(Number.MIN_SAFE_INTEGER);
  });

  it('[C3-21] a float that is a wide integer is read as what its canonical text is read as', () => {
    expect(canonicalJson(parseJson('93092913004428336.0'))).toBe(canonicalJson(93092913004428336));
    expect(parseJson('[1e20, 9007199254740992.0, 1e21, 1.5e300]')).toEqual([10n ** 20n, 2n ** 53n, 1e21, 1.5e300]);
    expect(canonicalJson(parseJson('1e20'))).toBe('100000000000000000000');
  });

  it('[C3-22] duplicate keys are refused with their path', () => {
    const error = failure('{"a": {"seed": 1,\n  "seed": 2}}', { source: 'a.json' });
    expect(error).toMatchObject({
      code: 'JSON_DUPLICATE_KEY',
      http: 422,
      data: { path: '/a', key: 'seed', at: '2:3' },
    });
    expect(failure('{"a":null,"\\u0061":null}').code).toBe('JSON_DUPLICATE_KEY');
    expect(failure('{"toString":1,"toString":2}').code).toBe('JSON_DUPLICATE_KEY');
    expect(failure('{"":0,"":0}').code).toBe('JSON_DUPLICATE_KEY');
  });

  it('[C3-23] half of a surrogate pair is refused, a pair is read', () => {
    for (const text of ['"\\ud800"', '"\\udc00\\ud800"', '"\ud800"', '"x\udc00"', '"\\ud800\\u0041"']) {
      expect(failure(`{"t":${text}}`)).toMatchObject({ code: 'JSON_SURROGATE', http: 422, data: { path: '/t' } });
    }
    expect(failure('{"\\ud800":1}').code).toBe('JSON_SURROGATE');
    expect(parseJson('["\\ud83d\\ude00", "😀"]')).toEqual(['😀', '😀']);
  });

  it('[C3-24] a byte order mark is dropped, once and only at the start', () => {
    expect(parseJson('\ufeff{}')).toEqual({});
    expect(parseJson(bytes(0xef, 0xbb, 0xbf, 0x5b, 0x5d))).toEqual([]);
    expect(failure('\ufeff\ufeff{}').code).toBe('JSON_SYNTAX');
    expect(failure('[\ufeff]').message).toContain('U+FEFF');
    expect(parseJson('"\ufeff"')).toBe('\ufeff');
  });

  it('[C3-25] invalid UTF-8 is refused with the byte', () => {
    expect(failure(bytes(0x22, 0x61, 0xff, 0x22))).toMatchObject({ code: 'JSON_ENCODING', http: 422, data: { at: 2 } });
    expect(failure(bytes(0x22, 0xc0, 0x80, 0x22)).data['at']).toBe(1);
    expect(failure(bytes(0x22, 0xed, 0xa0, 0x80, 0x22)).code).toBe('JSON_ENCODING');
    expect(failure(bytes(0x22, 0xe2, 0x82)).data['at']).toBe(3);
  });

  it('[C3-26] -0 is 0 and 1.0 is 1', () => {
    for (const text of ['-0', '-0.0', '0e5', '-0E-7', '1e-400', '-1e-400'])
      expect(Object.is(parseJson(text), 0)).toBe(true);
    expect(parseJson('[1.0, 1e0, 10e-1]')).toEqual([1, 1, 1]);
    expect(canonicalJson(parseJson('[-0, -0.0, 1.0]'))).toBe('[0,0,1]');
  });
});

describe('parseJson', () => {
  it.each([
    ['', '1:1', 'expected a value, found the end of the text'],
    ['{"a": 1,}', '1:9', 'expected a key in double quotes, found }'],
    ["{'a': 1}", '1:2', "expected a key in double quotes, found '"],
    ['[1, 2,\n]', '2:1', 'expected a value, found ]'],
    ['{"a" 1}', '1:6', 'expected ":" after a key, found 1'],
    ['{"a": 1 "b"', '1:9', 'expected "," or "}", found "'],
    ['[1 2]', '1:4', 'expected "," or "]", found 2'],
    ['{} // note', '1:4', '/ after the end of the document'],
    ['[True]', '1:2', 'expected a value, found True'],
    ['[nul]', '1:2', 'expected a value, found nul'],
    ['[01]', '1:2', 'a number must not start with 0'],
    ['[-]', '1:3', 'expected a digit, found ]'],
    ['[1.]', '1:4', 'expected a digit, found ]'],
    ['[1e+]', '1:5', 'expected a digit, found ]'],
    ['[.5]', '1:2', 'expected a value, found .'],
    ['"a\nb"', '1:3', 'the control character U+000A inside a string must be escaped'],
    ['"\\x"', '1:2', 'unknown escape sequence in a string'],
    ['"\\u12g4"', '1:2', '\\u needs four hexadecimal digits'],
    ['"abc', '1:5', 'the text ends inside a string'],
    ['"abc\\', '1:5', 'unknown escape sequence in a string'],
  ])('%j is refused at %s', (text, at, reason) => {
    expect(failure(text)).toMatchObject({ code: 'JSON_SYNTAX', data: { at, reason } });
  });

  it.each([
    ['{"a": 1,\n<<<<<<< HEAD\n"b": 2\n=======\n"b": 3\n>>>>>>> x\n}', '2:1'],
    ['{"a": 1\n<<<<<<< HEAD\n}', '2:1'],
    ['{"a": 1,\n"b": 2\n=======\n}', '3:1'],
    ['{"a": 1\n||||||| base\n}', '2:1'],
    ['{"a": 1}\n>>>>>>> theirs\n', '2:1'],
  ])('%j is told to be an unresolved merge conflict', (text, at) => {
    expect(failure(text).data).toMatchObject({ at, reason: 'the file holds an unresolved merge conflict' });
    expect(parseJson('"<<<<<<< "')).toBe('<<<<<<< ');
  });

  it('a monstrous key does not make a monstrous message', () => {
    expect(failure(`{"${'k'.repeat(100_000)}": [NaN]}`).message.length).toBeLessThan(400);
  });

  it('reads every escape', () => {
    const text = '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9x"';
    expect(parseJson(text)).toBe(JSON.parse(text));
  });

  it('agrees with JSON.parse on everything it reads', () => {
    const spaced = fc
      .tuple(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 0, 2, '\t'))
      .map(([v, s]) => JSON.stringify(v, null, s));
    fc.assert(
      fc.property(spaced, (text) => {
        let ours: unknown;
        try {
          ours = parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CwfError);
          return;
        }
        // Wide integers are the one difference, and -0, which JSON.parse keeps.
        const theirs = JSON.parse(text, (_key, v) => {
          if (typeof v !== 'number') return v;
          return Number.isInteger(v) && Math.abs(v) >= 2 ** 53 && Math.abs(v) < 1e21
            ? BigInt(String(v))
            : v === 0
              ? 0
              : v;
        });
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 500 },
    );
  });

  it('accepts no number that JSON.parse refuses, and reads each to the same double', () => {
    const literal = fc
      .array(fc.constantFrom('0', '1', '7', '9', '.', '-', '+', 'e', 'E', '00'), { maxLength: 12 })
      .map((a) => a.join(''));
    fc.assert(
      fc.property(literal, (text) => {
        let theirs: number | undefined;
        try {
          theirs = JSON.parse(text) as number;
        } catch {}
        if (theirs === undefined) expect(failure(text).code).toMatch(/^JSON_(SYNTAX|NUMBER)$/);
        else if (!Number.isFinite(theirs)) expect(failure(text).code).toBe('JSON_NUMBER');
        else expect(Number(parseJson(text))).toBe(theirs === 0 ? 0 : theirs);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what canonicalJson wrote, as text and as bytes', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value);
        expect(jsonEqual(parseJson(text), value)).toBe(true);
        expect(jsonEqual(parseJson(new TextEncoder().encode(text)), value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('arbitrary texts and bytes never make it throw anything but CwfError', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u',
      'd800',
      '"a"',
      '1',
      '-',
      'e',
      'tru',
      'true',
      'null',
      ' ',
      '\n',
      '\u0000',
      '\ud800',
      '<<<<<<< ',
    ];
    const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((list) => list.join(''));
    const text = fc.oneof(soup, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 40 })), (input) => {
        try {
          canonicalJson(parseJson(input));
        } catch (error) {
          expect(error).toBeInstanceOf(CwfError);
          expect((error as CwfError).code).not.toBe('BUG');
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('any cut of a document is refused as a syntax error', () => {
    const text = canonicalJson({ a: [1.5, 'x\n', { b: null, c: true }], d: -2 });
    for (let i = 0; i < text.length; i++) expect(failure(text.slice(0, i)).code).toBe('JSON_SYNTAX');
  });
});

withCorpus('templates', (dir) => {
  it('parseJson reads every official template as JSON.parse does', () => {
    let files = 0;
    for (const name of readdirSync(dir).filter((f) => f.endsWith('.json'))) {
      const data = readFileSync(`${dir}/${name}`);
      expect(jsonEqual(parseJson(data, { source: name }), JSON.parse(data.toString('utf8'))), name).toBe(true);
      files++;
    }
    expect(files).toBeGreaterThan(0);
  });
});
