import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diffWords } from '../../src/base/diff-words.ts';

it('shows the words that changed', () => {
  expect(diffWords('a photo of a red cat, best quality', 'a photo of a blue cat, best quality')).toEqual([
    { kind: 'same', text: 'a photo of a ' },
    { kind: 'old', text: 'red' },
    { kind: 'new', text: 'blue' },
    { kind: 'same', text: ' cat, best quality' },
  ]);
  expect(diffWords('one two three', 'four five three')).toEqual([
    { kind: 'old', text: 'one two' },
    { kind: 'new', text: 'four five' },
    { kind: 'same', text: ' three' },
  ]);
});

it('gives both texts back, whatever they are', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', ' ', ', ', '\n', 'été', '😀', '(x:1.2)'), { maxLength: 12 })
    .map((w) => w.join(''));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const runs = diffWords(a, b);
      const side = (kind: string) =>
        runs
          .filter((r) => r.kind === 'same' || r.kind === kind)
          .map((r) => r.text)
          .join('');
      expect([side('old'), side('new')]).toEqual([a, b]);
    }),
  );
});

it('stays quick on long texts', () => {
  const a = Array.from({ length: 20_000 }, (_, i) => `w${i}`).join(' ');
  const started = Date.now();
  expect(diffWords(a, a.replaceAll('w', 'v')).length).toBe(2);
  expect(Date.now() - started).toBeLessThan(1000);
});
