import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.ts';
import { HOT } from '../../cli/dispatch.ts';
import { cleanEnv, ensureBuilt, inTemp, ROOT } from './cwf.ts';

/** Packages that the hot path must never load. */
const FORBIDDEN =
  /node_modules\/(@oclif|isomorphic-git|level|classic-level|abstract-level|zod|sharp|ignore|ejs|openai)\//;

interface Meta {
  readonly outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** Source files inside each built file, by the built file's name. */
let contents: Map<string, string[]>;

beforeAll(() => {
  ensureBuilt();
  const meta = JSON.parse(readFileSync(join(ROOT, 'dist/meta.json'), 'utf8')) as Meta;
  contents = new Map(
    Object.entries(meta.outputs).map(([name, { inputs }]) => [
      basename(name),
      // A file of which nothing is left after tree shaking is not loaded.
      Object.keys(inputs).filter((input) => (inputs[input]?.bytesInOutput ?? 0) > 0),
    ]),
  );
});

/** Source files that a run of cwf loaded: from the chunks it required, and modules outside the bundle. */
function loadedBy(dir: string, args: readonly string[]): { code: number | null; sources: string[]; stderr: string } {
  const hook = join(dir, 'hook.cjs');
  const report = join(dir, 'loaded.json');
  writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(Object.keys(require.cache))))`,
  );
  const { status, stderr } = spawnSync(process.execPath, ['-r', hook, join(ROOT, 'bin/cwf.cjs'), ...args], {
    cwd: dir,
    env: cleanEnv(),
    encoding: 'utf8',
  });
  const files = JSON.parse(readFileSync(report, 'utf8')) as string[];
  const sources = files.flatMap((file) =>
    file.includes('node_modules/') ? [file] : (contents.get(basename(file)) ?? []),
  );
  return { code: status, sources, stderr };
}

describe('the hot path', () => {
  test('--version loads next to nothing', async () => {
    await inTemp((dir) => {
      const { code, sources } = loadedBy(dir, ['--version']);
      expect([code, sources.length <= 4]).toEqual([0, true]);
    });
  });

  test('no hot verb loads a heavy package, in a repository with a workflow', async () => {
    await inTemp((dir) => {
      execFileSync('git', ['init', '-q', dir], { env: cleanEnv() });
      const args: Record<string, string[]> = {
        commit: ['commit', '-m', 'first'],
        __complete: ['__complete', '--', 'log', ''],
      };
      writeFileSync(join(dir, 'a.json'), JSON.stringify({ '1': { class_type: 'Note', inputs: { text: 'hello' } } }));
      for (const name of [...HOT].filter((each) => each in COMMANDS).sort((a, b) => a.localeCompare(b))) {
        const { code, sources, stderr } = loadedBy(dir, args[name] ?? [name]);
        expect([name, code, stderr]).toEqual([name, 0, stderr]);
        expect([name, sources.filter((source) => FORBIDDEN.test(source))]).toEqual([name, []]);
      }
    });
  });

  test('everything else goes through oclif', async () => {
    await inTemp((dir) => {
      const { sources } = loadedBy(dir, ['completion', 'bash']);
      expect(sources.some((source) => source.includes('node_modules/@oclif/core/lib/command.js'))).toBe(true);
    });
  });
});
