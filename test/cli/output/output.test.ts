import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { palette, wantsColor } from '../../../cli/output/color.ts';
import { renderFailure } from '../../../cli/output/failure.ts';
import { pagerCommand } from '../../../cli/output/pager.ts';
import { CwfError } from '../../../src/base/errors.ts';
import { jsonText } from '../../../src/base/json-out.ts';

describe('colours', () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ CLICOLOR: '0' }, true, false],
    [{ CLICOLOR_FORCE: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
  ])('%j on a terminal: %s -> %s', (env, terminal, wanted) => {
    expect(wantsColor(env, terminal)).toBe(wanted);
  });

  test('a palette that is off only makes text', () => {
    expect(palette(false).red(1)).toBe('1');
    expect(palette(true).red('x')).toBe('\u001b[31mx\u001b[39m');
  });
});

test.each([
  [{}, 'less -FRX'],
  [{ PAGER: 'more' }, 'more'],
  [{ PAGER: 'more', CWF_PAGER: 'most' }, 'most'],
  [{ PAGER: 'more', CWF_PAGER: '' }, undefined],
  [{ PAGER: 'cat' }, undefined],
])('the pager of %j is %s', (env, command) => {
  expect(pagerCommand(env)).toBe(command);
});

describe('JSON output', () => {
  test('is what JSON.stringify prints, for every JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value, 2))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(jsonText(value, 0)).not.toContain('\n');
      }),
    );
  });

  test('keeps all digits of a big seed and hides nothing in bidirectional controls', () => {
    expect(jsonText({ seed: 18446744073709551615n, gone: undefined }, 0)).toBe('{"seed":18446744073709551615}');
    expect(jsonText('a\u202eb\u009b', 0)).toBe('"a\\u202eb\\u009b"');
  });
});

describe('failures', () => {
  test('a CwfError tells message and hint, and exits by its kind', () => {
    const error = new CwfError('NODE_NOT_FOUND', { source: 'a.json', node: '3', known: '1, 2' });
    expect(renderFailure(error, 'text', {})).toEqual({
      exit: 5,
      stdout: '',
      stderr: 'error: a.json: no node 3\nhint: Its nodes are: 1, 2.\n',
    });
    for (const mode of ['json', 'jsonl'] as const) {
      const { exit, stdout, stderr } = renderFailure(error, mode, {});
      expect([exit, stderr]).toEqual([5, '']);
      expect(JSON.parse(stdout).error).toMatchObject({ code: 'NODE_NOT_FOUND', kind: 'not-found', exit: 5 });
      expect(stdout.trimEnd().includes('\n')).toBe(mode === 'json');
    }
  });

  test('anything else is a bug of ours: 70, no stack unless asked for', () => {
    const error = new TypeError('x is not a function');
    const plain = renderFailure(error, 'text', {});
    expect(plain.exit).toBe(70);
    expect(plain.stderr).toContain('this is a bug in cwf: TypeError: x is not a function');
    expect(plain.stderr).not.toContain('output.test.ts');
    expect(renderFailure(error, 'text', { CWF_DEBUG: '1' }).stderr).toContain('output.test.ts');
    expect(JSON.parse(renderFailure('odd', 'json', {}).stdout).error).toMatchObject({ code: 'BUG', exit: 70 });
  });
});
