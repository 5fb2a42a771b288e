import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.ts';
import { HOT } from '../../cli/hot-verbs.ts';
import { verbFile } from '../../cli/verb-files.ts';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

/** What the start of every command must do without: it lies in dist/vendor, or outside of the build. */
const HEAVY = /node_modules\/(@oclif|isomorphic-git|level|classic-level|abstract-level|zod|sharp|ignore|openai)\//;

interface Meta {
  readonly outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

beforeAll(ensureBuilt);

/** Files that a run of cwf loaded, relative to the project. */
function loadedBy(
  dir: string,
  args: readonly string[],
  input = '',
): { code: number | null; files: string[]; stderr: string } {
  const hook = join(dir, 'hook.cjs');
  const report = join(dir, 'loaded.txt');
  const script = `require('fs').writeFileSync(${JSON.stringify(report)}, Object.keys(require.cache).join('\\n'))`;
  writeFileSync(hook, `process.on('exit', () => ${script})`);
  const { status, stderr } = spawnSync(process.execPath, ['-r', hook, join(ROOT, 'bin/cwf.cjs'), ...args], {
    cwd: dir,
    env: cleanEnv(),
    encoding: 'utf8',
    input,
  });
  const files = readFileSync(report, 'utf8')
    .split('\n')
    .filter((file) => file !== hook);
  return { code: status, files: files.map((file) => relative(ROOT, file)).sort(), stderr };
}

describe('the hot path', () => {
  test('--version loads two small files', async () => {
    await inTemp((dir) => {
      const { code, files } = loadedBy(dir, ['--version']);
      expect([code, files]).toEqual([0, ['bin/cwf.cjs', 'dist/hot.cjs']]);
      expect(readFileSync(join(ROOT, 'dist/hot.cjs')).length).toBeLessThan(8_000);
    });
  });

  test('a hot verb loads one file more, and the catalog where it reads a document', async () => {
    await inTemp((dir) => {
      execFileSync('git', ['init', '-q', dir], { env: cleanEnv() });
      writeFileSync(join(dir, 'a.json'), JSON.stringify({ '1': { class_type: 'KSampler', inputs: { steps: 20 } } }));
      const args: Record<string, string[]> = {
        commit: ['commit', '-m', 'first'],
        __complete: ['__complete', '--', 'log', ''],
        'git clean': ['git', 'clean', 'a.json'],
        'git diff-driver': ['git', 'diff-driver', 'a.json', 'a.json', '1', '100644', 'a.json', '2', '100644'],
        'git merge-driver': ['git', 'merge-driver', 'a.json', 'a.json', 'a.json'],
        'git textconv': ['git', 'textconv', 'a.json'],
      };
      const inputs: Record<string, string> = {
        'git filter-process': '0016git-filter-client\n000eversion=2\n00000015capability=clean\n0000',
      };
      for (const name of [...HOT].sort()) {
        const { code, files, stderr } = loadedBy(dir, args[name] ?? name.split(' '), inputs[name]);
        expect([name, code, stderr]).toEqual([name, 0, stderr]);
        const known = ['bin/cwf.cjs', 'dist/hot.cjs', `dist/verb/${verbFile(name)}.cjs`];
        expect([
          name,
          files.filter((file) => !known.includes(file) && file !== 'dist/vendor/catalog-default.cjs'),
        ]).toEqual([name, []]);
        if (['log', 'version', '__complete'].includes(name)) expect(files).toHaveLength(3);
      }
    });
  });

  test('no file of a command holds a heavy package', () => {
    const { outputs } = JSON.parse(readFileSync(join(ROOT, 'dist/meta.json'), 'utf8')) as Meta;
    const held = Object.entries(outputs)
      .filter(([file]) => !file.startsWith('vendor/'))
      .flatMap(([file, { inputs }]) => Object.keys(inputs).map((input) => `${file}: ${input}`));
    expect(held.filter((each) => HEAVY.test(each))).toEqual([]);
    expect(Object.keys(outputs)).toEqual(
      expect.arrayContaining(Object.keys(COMMANDS).map((name) => `verb/${verbFile(name)}.cjs`)),
    );
  });

  test('hot verbs are commands without subcommands', () => {
    const names = Object.keys(COMMANDS);
    expect(HOT.filter((name) => !names.includes(name) || names.some((each) => each.startsWith(`${name} `)))).toEqual(
      [],
    );
  });

  test('everything else, and every slip, goes through oclif', async () => {
    await inTemp((dir) => {
      for (const args of [['completion', 'bash'], ['log', '--help'], ['version', '--nope'], ['help'], ['nope']]) {
        expect(loadedBy(dir, args).files).toContain('dist/vendor/oclif.cjs');
      }
    });
  });
});

test('a hot verb says the same with and without oclif', async () => {
  await inTemp((dir) => {
    execFileSync('git', ['init', '-q', dir], { env: cleanEnv() });
    writeFileSync(join(dir, 'a.json'), JSON.stringify({ '1': { class_type: 'KSampler', inputs: { steps: 20 } } }));
    cwf(dir, ['commit', '-m', 'first']);
    const through = (args: readonly string[]) => {
      const script = `require(process.argv[1]).run(process.argv.slice(2), process.env).then((code) => (process.exitCode = code))`;
      const words = ['-e', script, join(ROOT, 'dist/main.cjs'), ...args];
      const { status, stdout, stderr } = spawnSync(process.execPath, words, {
        cwd: dir,
        env: cleanEnv(),
        encoding: 'utf8',
      });
      return { code: status, stdout, stderr };
    };
    for (const args of [
      ['log', '-n', '1', '--stat'],
      ['log', 'nope'],
      ['log', '--json', '--', 'a.json'],
      ['show', '--porcelain'],
      ['status'],
      ['diff', 'HEAD'],
      ['-C', '/', 'status', '--json'],
      ['commit', '-m', 'nothing'],
    ]) {
      expect(through(args), args.join(' ')).toEqual(cwf(dir, args));
    }
  });
});
