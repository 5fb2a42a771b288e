import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';
import { git, timeProgram } from '../programs.ts';

const ROUNDS = 25;
const FILE = 'typical.json';

/** Command lines with their bars in ms; those without one only inform. */
const COMMANDS: readonly (readonly [string, number | null])[] = [
  ['--version', 15],
  ['log -n 20', 40],
  ['status', null],
  ['show', null],
  ['op log', 70],
  ['branch', 70],
  ['help exit-codes', 70],
  ['completion bash', 70],
];

/** Start-up of the built program, in ms over a bare `node -e 0`, medians of interleaved runs. */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const bin = join(ctx.root, 'bin/cwf.cjs');
  const dir = history(ctx, bin);
  const run = (line: string) => () => timeProgram(process.execPath, [bin, ...line.split(' ')], dir);
  const cases = Object.fromEntries(COMMANDS.map(([line]) => [line, run(line)]));
  const bare = () => timeProgram(process.execPath, ['-e', '0'], dir);
  const times: Readonly<Record<string, number[]>> = await interleaved({ node: bare, ...cases }, ROUNDS);
  const node = median(times['node'] ?? []);
  const against = `node -e 0 (${node.toFixed(1)} ms)`;
  const demo = { suite: 'startup', name: 'cwf demo', unit: 's', against: 'a user who waits', bar: 20 };
  return [
    ...COMMANDS.map(([line, bar]) => {
      const value = median(times[line] ?? []) - node;
      return figure({ suite: 'startup', name: `cwf ${line}`, value, unit: 'ms over node', against, bar });
    }),
    figure({ ...demo, value: (await run('demo')()) / 1000 }),
  ];
}

/** A repository with a workflow and thirty commits. */
function history(ctx: BenchContext, bin: string): string {
  const dir = ctx.temp();
  const cwf = (...args: string[]) => timeProgram(process.execPath, [bin, ...args], dir);
  git(dir, 'init', '-q');
  copyFileSync(join(ctx.root, 'bench/fixtures/typical-ui-workflow.json'), join(dir, FILE));
  cwf('init', '-q');
  cwf('commit', '-q', '-m', 'as downloaded');
  for (let round = 1; round < 30; round++) {
    writeFileSync(join(dir, 'readme.txt'), `round ${round}\n`);
    git(dir, 'add', 'readme.txt');
    git(dir, 'commit', '-q', '-m', `round ${round}`);
  }
  return dir;
}
