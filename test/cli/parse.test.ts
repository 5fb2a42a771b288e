import { describe, expect, test } from 'vitest';
import { defineCommand } from '../../cli/command.ts';
import { finish, quickParse, splitRest } from '../../cli/parse.ts';
import { nearest, resolveCommand } from '../../cli/words.ts';

const sample = defineCommand({
  name: 'sample',
  summary: 'A sample',
  examples: [['Once', 'cwf sample']],
  mutates: true,
  args: {
    revision: { description: 'a commit', required: true },
    files: { description: 'files', multiple: true },
  },
  flags: {
    count: { type: 'integer', char: 'n', description: 'how many', min: 1, max: 50, default: 10 },
    metric: { type: 'string', multiple: true, description: 'metrics' },
    sort: { type: 'string', options: ['time', 'name'], default: 'time', description: 'order' },
    stat: { type: 'boolean', description: 'numbers' },
  },
  async run() {},
});

describe('quickParse', () => {
  test('gives values of the declared types and fills defaults', () => {
    const parsed = quickParse(sample, ['HEAD', 'a.json', '-n', '5', '--metric=x', '--metric', 'y', '--stat', 'b.json']);
    expect(parsed?.args).toEqual({ revision: 'HEAD', files: ['a.json', 'b.json'] });
    expect(parsed?.flags).toMatchObject({ count: 5, metric: ['x', 'y'], sort: 'time', stat: true, json: false });
    expect(quickParse(sample, ['HEAD'])?.flags).toMatchObject({ count: 10, metric: [], stat: false, 'dry-run': false });
    expect(quickParse(sample, ['-n20', '--', '-x'])?.args).toEqual({ revision: '-x', files: [] });
  });

  test('leaves everything that is not plainly right to oclif', () => {
    for (const argv of [
      [],
      ['HEAD', '--help'],
      ['HEAD', '--nope'],
      ['HEAD', '-n', 'x'],
      ['HEAD', '-n', '51'],
      ['HEAD', '--sort', 'x'],
    ]) {
      expect(quickParse(sample, argv)).toBeUndefined();
    }
  });
});

test('finish names what is wrong', () => {
  expect(() => finish(sample, {}, [], [])).toThrow('cwf sample: <revision> is missing (a commit)');
  expect(() => finish(sample, { count: '1.5' }, ['HEAD'], [])).toThrow('--count takes a whole number from 1 to 50');
  expect(() => finish({ ...sample, args: {} }, {}, ['x'], [])).toThrow('unexpected argument x');
});

test('a command with a rest gets the words after --', () => {
  const runs = { ...sample, rest: 'a command' };
  expect(splitRest(runs, ['a', '--', 'b', '--', 'c'])).toEqual([['a'], ['b', '--', 'c']]);
  expect(splitRest(sample, ['a', '--', 'b'])).toEqual([['a', '--', 'b'], []]);
});

describe('resolveCommand', () => {
  const names = new Set(['log', 'op log', 'note', 'note add', 'diff']);
  test.each([
    [['log', '-n', '2'], 'log', ['-n', '2']],
    [['op', 'log', '--json'], 'op log', ['--json']],
    [['note', 'add', 'x'], 'note add', ['x']],
    [['note', 'list'], 'note', ['list']],
    [['-C', 'dir', 'log', 'x'], 'log', ['-C', 'dir', 'x']],
    [['--no-pager', 'diff'], 'diff', ['--no-pager']],
    [['op'], undefined, ['op']],
    [['--', 'log'], undefined, ['--', 'log']],
    [[], undefined, []],
  ])('%j is %s', (argv, name, rest) => {
    expect(resolveCommand(argv, names)).toEqual({ ...(name && { name }), argv: rest });
  });
});

test('nearest finds slips of the finger and starts of words', () => {
  const names = ['commit', 'status', 'switch', 'log', 'blame', 'cherry-pick'];
  expect(nearest('comit', names)).toEqual(['commit']);
  expect(nearest('sttaus', names)).toEqual(['status']);
  expect(nearest('cherry', names)).toEqual(['cherry-pick']);
  expect(nearest('xyz', names)).toEqual([]);
  expect(nearest('x'.repeat(100_000), names)).toEqual([]);
});
