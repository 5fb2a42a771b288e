import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

const version = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version as string;
const run = (...args: string[]) => cwf(ROOT, args);

describe('the executable', () => {
  test('prints its version with --version, -v and version', () => {
    for (const word of ['--version', '-v', 'version']) {
      expect(run(word)).toEqual({ code: 0, stdout: `cwf ${version}\n`, stderr: '' });
    }
    expect(JSON.parse(run('--version', '--json').stdout)).toMatchObject({ schema: 'cwf.version/1', version });
  });

  test('help goes to stdout and exits with 0', () => {
    for (const args of [[], ['help'], ['--help'], ['-h']]) {
      const { code, stdout, stderr } = run(...args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('COMMANDS');
    }
  });

  test('help of one command is the same in its three spellings and holds examples', () => {
    const [help, long, short] = [
      ['help', 'completion'],
      ['completion', '--help'],
      ['completion', '-h'],
    ].map((args) => run(...args).stdout);
    expect(long).toBe(help);
    expect(short).toBe(help);
    expect(help).toContain('EXAMPLES');
  });

  test('help exit-codes tells every code', () => {
    const { stdout } = run('help', 'exit-codes');
    for (const code of ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '70', '128+n']) {
      expect(stdout).toMatch(new RegExp(`^  ${code.replace('+', '\\+')} `, 'm'));
    }
  });

  test('an unknown command exits with 2 and names the nearest one', () => {
    const { code, stdout, stderr } = run('complet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('error: no command complet\nhint: Did you mean: completion?\n');
    expect(run('help', 'complet').code).toBe(2);
  });

  test('bad flags and arguments exit with 2, on the hot path and through oclif alike', () => {
    for (const args of [
      ['version', '--nope'],
      ['version', 'word'],
      ['completion'],
      ['completion', 'tcsh'],
      ['completion', 'bash', 'more'],
      ['completion', 'bash', '--nope'],
    ]) {
      const { code, stdout, stderr } = run(...args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toMatch(/^error: cwf \w+: .+\nhint: .+\n$/);
    }
  });

  test('with --json an error is a document on stdout, and the exit code stays', () => {
    const { code, stdout, stderr } = run('version', '--nope', '--json');
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'USAGE', kind: 'usage', exit: 2 });
    expect(JSON.parse(run('nope', '--json').stdout).error).toMatchObject({ code: 'UNKNOWN_COMMAND', exit: 2 });
  });

  test('a hostile word in an error is escaped', () => {
    const { stderr } = run('\u001b[31mred\u202e\r');
    expect(stderr).toContain('no command \\x1b[31mred\\u202e\\r');
  });

  test('-C before or after the verb is accepted', () => {
    expect(run('-C', '/', 'version').code).toBe(0);
    expect(run('version', '-C', '/').code).toBe(0);
  });

  test('--quiet prints nothing', () => {
    expect(run('version', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('a reader that goes away ends it without a word', () => {
    ensureBuilt();
    const line = `node ${join(ROOT, 'bin/cwf.cjs')} completion bash | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8', env: cleanEnv() });
    expect(stderr).toBe('');
    expect(['0', '141']).toContain(stdout.trim());
  });
});

describe('completion', () => {
  const complete = (...words: string[]) =>
    run('__complete', '--', ...words)
      .stdout.split('\n')
      .slice(0, -1);

  test('offers commands, flags and the values of arguments', () => {
    expect(complete('comple')).toEqual(['completion']);
    expect(complete('completion', '')).toEqual(['bash', 'fish', 'zsh']);
    expect(complete('completion', 'z')).toEqual(['zsh']);
    expect(complete('version', '--js')).toEqual(['--json']);
    expect(complete('help', 'vers')).toEqual(['version']);
    expect(complete('')).toContain('help');
    expect(complete('')).not.toContain('__complete');
  });

  test('never fails, whatever is typed and wherever', async () => {
    await inTemp((dir) => {
      for (const words of [
        ['nope', ''],
        ['completion', 'bash', 'x', ''],
        ['--', '--', ''],
        ['version', '-C', ''],
      ]) {
        expect(cwf(dir, ['__complete', '--', ...words])).toMatchObject({ code: 0, stderr: '' });
      }
    });
  });

  test.each(['bash', 'zsh', 'fish'])('the %s script is accepted by its shell', (shell) => {
    const script = run('completion', shell).stdout;
    const check = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    // A shell that is not installed cannot be asked.
    if (check.error === undefined) expect([check.status, check.stderr]).toEqual([0, '']);
    expect(script).toContain('cwf __complete --');
  });

  test('bash completes with it', () => {
    const script = run('completion', 'bash').stdout;
    const body = `cwf() { node ${join(ROOT, 'bin/cwf.cjs')} "$@"; }\n${script}
COMP_WORDS=(cwf completion f); COMP_CWORD=2; _cwf; echo "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', body], { encoding: 'utf8', env: cleanEnv() });
    expect(stdout.trim()).toBe('fish');
  });
});
