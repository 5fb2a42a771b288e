import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip, pad, safe, safeLines, safeOutput, width } from '../../../cli/output/safe.ts';

// What must never reach a terminal: C0, DEL, C1, bidirectional controls.
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('safe', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a\u0000b', 'a\\x00b'],
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['abc\u202edef', 'abc\\u202edef'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
    ['\u009b31m', '\\x9b31m'],
    ['half \ud800', 'half \\ud800'],
    ['\ufeffbom', '\\ufeffbom'],
    ['héllo 世界 🎨', 'héllo 世界 🎨'],
  ])('%j is shown as %j', (text, shown) => {
    expect(safe(text)).toBe(shown);
  });

  test('no text leaves a dangerous character, and a plain one stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safe(text)).not.toMatch(DANGEROUS);
        expect(safe(safe(text))).toBe(safe(text));
        expect(safeLines(text).replaceAll('\n', '')).not.toMatch(DANGEROUS);
        expect(safeOutput(text, false).replace(/[\n\t]/g, '')).not.toMatch(DANGEROUS);
      }),
    );
  });

  test('a composed line keeps its colours and nothing else', () => {
    expect(safeOutput('\u001b[1mbold\u001b[22m \u001b]0;title\u0007', true)).toBe(
      '\u001b[1mbold\u001b[22m \\x1b]0;title\\x07',
    );
    expect(safeOutput('\u001b[1mbold', false)).toBe('\\x1b[1mbold');
  });
});

describe('clip', () => {
  test('cuts to columns, with an ellipsis', () => {
    expect(clip('portrait', 8)).toBe('portrait');
    expect(clip('portraits', 8)).toBe('portrai…');
    expect(clip('世界世界', 5)).toBe('世界…');
    expect(clip('x', 0)).toBe('');
    expect(pad('世', 4)).toBe('世  ');
  });

  test('a title of a megabyte takes no time', () => {
    const started = performance.now();
    expect(width(clip('\u001b[31m'.repeat(200_000), 60))).toBe(60);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('never exceeds the columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 40 }), (text, columns) => {
        expect(width(clip(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
