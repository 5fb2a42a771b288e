import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { canonicalize } from 'json-canonicalize';
import { describe, expect, it } from 'vitest';
import { CwfError } from '../../src/base/errors.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import {
  canonicalJson,
  cloneJson,
  hasLoneSurrogate,
  joinPointer,
  jsonEqual,
  orderedJson,
  shareEqual,
} from '../../src/base/json-text.ts';
import { withCorpus } from '../corpus.ts';
import { anyJson } from './arbitrary.ts';

/** The same value with the keys of every object in another order. */
function shuffled(value: Json, turn: number): Json {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, turn));
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  const out: JsonObject = {};
  for (let i = 0; i < keys.length; i++) {
    const key = keys[(i + turn) % keys.length] as string;
    out[key] = shuffled(value[key] as Json, turn);
  }
  return out;
}

describe('orderedJson', () => {
  it('keeps members in their order, and every digit', () => {
    expect(orderedJson({ b: [1, 'x', null], a: { d: true, c: 2n ** 64n } })).toBe(
      '{"b":[1,"x",null],"a":{"d":true,"c":18446744073709551616}}',
    );
  });

  it('is read back as the same value with its members in the same order', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = orderedJson(value);
        return jsonEqual(parseJson(text), value) && orderedJson(parseJson(text)) === text;
      }),
    );
  });
});

describe('canonicalJson', () => {
  it('[CF-1] writes the example of RFC 8785 section 3.2.2', () => {
    const text = `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}`;
    expect(canonicalJson(parseJson(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('[CF-1] sorts keys by UTF-16 code unit, as in RFC 8785 section 3.2.3', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '😀', '\u0080', '\u00f6', '10', '2'];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(Object.keys(JSON.parse(text))).toHaveLength(keys.length);
    expect([...text.matchAll(/"((?:[^"\\]|\\.)*)":/g)].map((m) => JSON.parse(`"${m[1]}"`))).toEqual([
      '\r',
      '1',
      '10',
      '2',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '😀',
      '\ufb33',
    ]);
  });

  it('[C3-26] writes -0 as 0 and bigints with all their digits', () => {
    expect(canonicalJson([-0, 1.0, 18446744073709551615n, -(2n ** 64n)])).toBe(
      '[0,1,18446744073709551615,-18446744073709551616]',
    );
  });

  it.each([
    ['undefined', undefined],
    ['a member that is undefined', { a: undefined }],
    ['a hole', new Array(1)],
    ['a function', { f: () => 1 }],
    ['a symbol', Symbol('x')],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['an instance', new (class Node {})()],
    ['NaN', [Number.NaN]],
    ['Infinity', -Infinity],
    ['half of a surrogate pair', 'a\ud800'],
    ['half of a surrogate pair in a key', { '\udc00': 1 }],
  ])('throws BUG on %s', (_what, value) => {
    expect(() => canonicalJson(value as unknown as Json)).toThrow(CwfError);
    expect(() => canonicalJson(value as unknown as Json)).toThrow(/is not JSON/);
  });

  it('throws BUG on a cycle', () => {
    const loop: JsonObject = {};
    loop['loop'] = [loop];
    expect(() => canonicalJson(loop)).toThrow(/nested deeper than 1000 levels/);
  });

  it('[CF-1] is what json-canonicalize writes, where there are no bigints', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!hasLoneSurrogate(text) && !text.includes('__proto__') && !/\\ud[89a-f]/i.test(text));
        expect(canonicalJson(value as Json)).toBe(canonicalize(value));
      }),
      { numRuns: 500 },
    );
  });

  it('[CF-1] is idempotent, and key order never matters', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(5), (value, turn) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseJson(text))).toBe(text);
        expect(canonicalJson(shuffled(value, turn))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe('jsonEqual and cloneJson', () => {
  it('equal means: the same canonical text', () => {
    fc.assert(
      fc.property(anyJson, anyJson, fc.nat(5), (a, b, turn) => {
        expect(jsonEqual(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
        expect(jsonEqual(a, shuffled(a, turn))).toBe(true);
      }),
    );
  });

  it('tells apart what looks alike', () => {
    const pairs: [Json | undefined, Json | undefined][] = [
      [2n ** 53n, 2 ** 53],
      [{ a: 1 }, { b: 1 }],
      [{}, []],
      [[], {}],
      [null, {}],
      [null, undefined],
      [0, '0'],
      [{ toString: 1 }, { a: 1 }],
      [{ a: 1 }, { a: 1, b: 2 }],
      [[1], [1, 1]],
    ];
    for (const [a, b] of pairs) {
      expect(jsonEqual(a, b)).toBe(false);
      expect(jsonEqual(b, a)).toBe(false);
    }
    expect(jsonEqual(-0, 0)).toBe(true);
    expect(jsonEqual(undefined, undefined)).toBe(true);
  });

  it('shareEqual says what jsonEqual says, leaves the value as it was, and shares every part that is equal', () => {
    fc.assert(
      fc.property(anyJson, anyJson, anyJson, (a, b, c) => {
        const old: Json = { a, b, list: [a, { c }] };
        const now: Json = cloneJson({ a, b: c, list: [a, { c }, b] });
        const copy = cloneJson(now);
        expect(shareEqual(old, now)).toBe(jsonEqual(old, copy));
        expect(canonicalJson(now)).toBe(canonicalJson(copy));
        const [before, after] = [old as JsonObject, now as JsonObject];
        expect(after.a).toBe(before.a);
        expect((after.list as Json[])[1]).toBe((before.list as Json[])[1]);
        const again = cloneJson(old);
        expect(shareEqual(old, again)).toBe(true);
        expect(Object.values(again as JsonObject).every((value, i) => value === Object.values(before)[i])).toBe(true);
      }),
    );
  });

  it('a clone is equal and shares nothing', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(cloneJson(value)).toEqual(value);
      }),
    );
    const value = { a: [{ b: 2n ** 64n }] };
    const copy = cloneJson(value);
    copy.a[0]!.b = 1n;
    expect(value.a[0]!.b).toBe(2n ** 64n);
  });
});

it('joinPointer escapes ~ and /', () => {
  expect(joinPointer(['a/b', '~1', 0, ''])).toBe('/a~1b/~01/0/');
  expect(joinPointer([])).toBe('');
});

withCorpus('templates', (dir) => {
  it('[CF-1] canonicalJson of every official template is what json-canonicalize writes', () => {
    for (const name of readdirSync(dir).filter((f) => f.endsWith('.json'))) {
      const json = JSON.parse(readFileSync(`${dir}/${name}`, 'utf8'));
      expect(canonicalJson(json) === canonicalize(json), name).toBe(true);
    }
  });
});
