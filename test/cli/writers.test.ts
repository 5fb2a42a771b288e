import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { apiGraph, text } from '../porcelain/samples.ts';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

const ROUNDS = 6;
const run = promisify(execFile);

it('several programs on one folder lose nothing: two set values of one file, one commits another', async () => {
  ensureBuilt();
  await inTemp(async (dir) => {
    const write = (file: string, graph: unknown): void => writeFileSync(join(dir, file), text(graph));
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: dir, env: cleanEnv(), encoding: 'utf8' });
    cwf(dir, ['init']);
    for (const file of ['a.json', 'b.json', 'c.json']) write(file, apiGraph());
    cwf(dir, ['commit', '-m', 'start']);
    const command = (...args: string[]) =>
      run(process.execPath, [join(ROOT, 'bin/cwf.cjs'), ...args], { cwd: dir, env: cleanEnv() });
    const rounds = async (each: (n: number) => Promise<unknown>): Promise<void> => {
      for (let n = 1; n <= ROUNDS; n++) await each(n);
    };
    await Promise.all([
      rounds((n) => command('set', 'a.json', '3.steps', String(100 + n))),
      rounds((n) => command('set', 'a.json', '3.cfg', String(100 + n))),
      rounds(async (n) => {
        const graph = apiGraph();
        (graph['5']!['inputs'] as Record<string, number>)['width'] = 64 * n;
        write('b.json', graph);
        await command('commit', 'b.json', '-m', `b ${n}`);
      }),
    ]);
    expect(git('log', '--format=%s').trim().split('\n').length).toBe(1 + 3 * ROUNDS);
    const last = JSON.parse(git('show', 'HEAD:a.json'))['3'].inputs;
    expect([last.steps, last.cfg]).toEqual([100 + ROUNDS, 100 + ROUNDS]);
    expect(JSON.parse(cwf(dir, ['status', '--json']).stdout).changes).toEqual([]);
    expect(git('fsck', '--strict', '--no-dangling')).toBe('');
  });
});
