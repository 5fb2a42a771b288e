import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { formatMessage, parseTrailers, trailerValue } from '../../../src/io/repo/trailers.ts';

function oracle(message: string): { key: string; value: string }[] {
  const out = execFileSync('git', ['interpret-trailers', '--parse', '--no-divider'], {
    input: message,
    encoding: 'utf8',
  });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf(':');
      return { key: line.slice(0, at), value: line.slice(at + 1).trim() };
    });
}

const CASES = [
  'subject\n\nCwf-Op: commit\nCwf-Actor: person\n',
  'subject\nCwf-Op: commit\n',
  'Cwf-Op: commit\n',
  'subject\n\nbody text: with colon\n\nCwf-Op: commit\n\n\n',
  'subject\n\nprose here\nCwf-Op: commit\n',
  'subject\n\nprose here\nSigned-off-by: A <a@b>\nCwf-Op: commit\n',
  'subject\n\na b\nc d\ne f\ng h\nSigned-off-by: A <a@b>\n',
  'subject\n\nReviewed-by : spaced\nX-y:no space\n',
  'subject\n\nKey: one\n  two\n\tthree\nOther: x\n',
  'subject\n\n  Key: indented\n',
  'subject\n\nKey: v\n(cherry picked from commit 1234)\n',
  'subject\n\nKey: v\n# a comment\n',
  'subject\n\nKey: v\n# a comment\nOther: w\n',
  '# comment\nsubject\n\nKey: v',
  'subject\n\n---\nKey: v\n',
  'subject\n\nbody\n\n---\n\nKey: v\n',
  'subject\n\n: novalue\nKey: v\n',
  'subject\n\nKey:\nOther: w\n',
  '\n\nsubject\n\nKey: v\n',
  'subject\r\n\r\nKey: v\r\n',
  'subject\n\nSigned-off-by: A <a@b>\n# c\n folded\n',
  '',
];

describe('parseTrailers', () => {
  it.each(CASES)('reads %j as git interpret-trailers does', (message) => {
    expect(parseTrailers(message)).toEqual(oracle(message));
  });

  it('agrees with git on generated messages', () => {
    const line = fc.constantFrom(
      '',
      ' ',
      'Key: v',
      'Cwf-Op: set',
      'prose line',
      ' folded',
      '\tfolded: x',
      '# c',
      'A:b',
      'Signed-off-by: A <a@b>',
      'x y: z',
      '---',
      'K : v',
      'é: v',
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 9 }), (lines) => {
        const message = `${lines.join('\n')}\n`;
        expect(parseTrailers(message)).toEqual(oracle(message));
      }),
      { numRuns: 120 },
    );
  });
});

describe('formatMessage', () => {
  it('is read back by cwf and by git', () => {
    const trailers = [
      { key: 'Cwf-Op', value: 'set' },
      { key: 'Cwf-Patch', value: '{"file":"a b.json","patch":[]}' },
    ];
    for (const body of [
      undefined,
      'because',
      'a: b',
      'Key: v\n\nmore',
      'x\n# y',
      'Signed-off-by: A <a@b>\nprose\nprose',
    ]) {
      const message = formatMessage('KSampler: steps 20 -> 30', body, trailers);
      expect(message.startsWith('KSampler: steps 20 -> 30\n\n')).toBe(true);
      expect(parseTrailers(message).slice(-2)).toEqual(trailers);
      expect(oracle(message)).toEqual(parseTrailers(message));
    }
  });

  it('keeps trailers of the body in the block and drops copied Cwf ones', () => {
    const message = formatMessage('s', 'why\n\nSigned-off-by: A <a@b>\nCwf-Actor: person', [
      { key: 'Cwf-Actor', value: 'agent/x' },
    ]);
    expect(message).toBe('s\n\nwhy\n\nSigned-off-by: A <a@b>\nCwf-Actor: agent/x\n');
    expect(trailerValue(parseTrailers(message), 'cwf-actor')).toBe('agent/x');
  });

  it.each([
    ['', undefined, 'x'],
    ['a\nb', undefined, 'x'],
    ['a\0', undefined, 'x'],
    ['a', 'b\0', 'x'],
    ['a', undefined, 'x\nparent 0'],
    ['a', undefined, ''],
  ])('[C3-40] refuses %j / %j / %j', (subject, body, value) => {
    let caught: unknown;
    try {
      formatMessage(subject, body, [{ key: 'Cwf-Op', value }]);
    } catch (error) {
      caught = error;
    }
    expect(isCwfError(caught, 'MESSAGE_INVALID')).toBe(true);
  });
});
