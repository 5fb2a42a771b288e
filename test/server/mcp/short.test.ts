import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cut, partAt, shorten } from '../../../server/mcp/short.ts';
import type { Json } from '../../../src/base/json.ts';
import { jsonText } from '../../../src/base/json-out.ts';

const sized = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ maxLength: 30 }),
    fc.integer().map((length) => 'é'.repeat(Math.abs(length % 40_000))),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 60 }),
    fc.dictionary(
      fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 150 },
    ),
  ),
})).value;

/** A part and what `more` gives of it, call after call, until nothing of it is left out. */
function collected(whole: Json, at: string): Json {
  const part = partAt(whole, at)!;
  const pieces: Json[] = [];
  for (let skip = 0; ; ) {
    const { value, cuts } = shorten(part, at, skip);
    pieces.push(value);
    const own = cuts.find((cut) => cut.at === at);
    if (!own) break;
    expect(own.shown).toBeGreaterThan(skip);
    skip = own.shown;
  }
  if (typeof part === 'string') return pieces.join('');
  return Array.isArray(part) ? pieces.flat() : Object.assign({}, ...pieces);
}

describe('an answer [MC-5]', () => {
  it('is under 20,000 characters, and tells every place where something is left out', () => {
    fc.assert(
      fc.property(sized, (value) => {
        const { value: short, cuts } = shorten(value);
        expect(jsonText(short, 0).length).toBeLessThanOrEqual(20_000);
        if (cuts.length === 0) expect(jsonText(short, 0)).toBe(jsonText(value, 0));
        for (const { at, shown, of } of cuts) {
          expect(shown).toBeLessThan(of);
          expect(partAt(value, at)).toBeDefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a list', Array.from({ length: 533 }, (_, n) => n)],
    ['a text', '😀a'.repeat(20_011)],
    ['a table', Object.fromEntries(Array.from({ length: 999 }, (_, n) => [`k${n}`, n]))],
  ])('is had whole, part by part: %s', (_name, value: Json) => {
    expect(collected({ a: [value] }, '/a/0')).toEqual(value);
  });

  it('names places by pointers', () => {
    const value = { 'a/b~c': [[1, 2], 'x'.repeat(30_000)] };
    const [cut] = shorten(value).cuts as readonly Cut[];
    expect(cut).toMatchObject({ at: '/a~1b~0c/1', of: 30_000 });
    expect(partAt(value, '/a~1b~0c/0/1')).toBe(2);
    for (const at of ['a', '/x', '/a~1b~0c/01x', '/__proto__', '/a~1b~0c/9', '/a~1b~0c/0/1/2'])
      expect(partAt(value, at), at).toBeUndefined();
  });
});
