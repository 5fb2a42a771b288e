import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defineCommand } from '../../cli/command.ts';
import { makeIo } from '../../cli/io.ts';
import { quickParse } from '../../cli/parse.ts';
import { CwfError } from '../../src/base/errors.ts';
import { ROOT } from './cwf.ts';

const sample = defineCommand({
  name: 'sample',
  summary: 'A sample',
  examples: [],
  mutates: true,
  streams: true,
  async run() {},
});

async function io(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const parsed = quickParse(sample, argv);
  if (!parsed) throw new Error('not parsed');
  return makeIo(sample, parsed, { env, commands: {} });
}

describe('io', () => {
  test.each([
    [[], 'text'],
    [['--porcelain'], 'porcelain'],
    [['--json'], 'json'],
    [['--jsonl', '--json'], 'jsonl'],
  ])('the mode of %j is %s', async (argv, mode) => {
    expect((await io(argv)).mode).toBe(mode);
  });

  test('a terminal of no width counts as 80 columns', async () => {
    for (const [told, columns] of [
      ['0', 80],
      ['', 80],
      ['-4', 80],
      ['x', 80],
      ['132', 132],
      ['3', 20],
    ] as const) {
      expect((await io([], { COLUMNS: told })).columns).toBe(columns);
    }
  });

  test('-C, --dry-run and --reason reach the command', async () => {
    const { cwd, dryRun, reason } = await io(['-C', join(ROOT, 'cli'), '--dry-run', '--reason', 'why']);
    expect([cwd, dryRun, reason]).toEqual([join(ROOT, 'cli'), true, 'why']);
  });

  test('a question is answered by --yes, and is an error where nobody can answer', async () => {
    expect(await (await io(['-y'])).confirm('sure?')).toBe(true);
    // The test has no terminal to ask on.
    await expect((await io([])).confirm('sure?')).rejects.toThrow(CwfError);
  });

  test('opening outside of any repository is an error with a next step', async () => {
    const { open } = await io(['-C', '/']);
    await expect(open()).rejects.toMatchObject({ kind: expect.stringMatching(/not-found|config/) });
  });
});

test('the package has one bin, and it is checked in as executable', () => {
  const { stdout } = spawnSync('git', ['ls-files', '-s', 'bin'], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout).toMatch(/^100755 \w+ 0\tbin\/cwf\.cjs\n$/);
});
