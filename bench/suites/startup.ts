import { join } from 'node:path';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';
import { timeProgram } from '../programs.ts';

const ROUNDS = 25;

/** Start-up of the built program, in ms over a bare `node -e 0`, medians of interleaved runs. */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const bin = join(ctx.root, 'bin/cwf.cjs');
  const dir = ctx.temp();
  const cwf = (...args: string[]) => ({ run: () => timeProgram(process.execPath, [bin, ...args], dir) });
  const programs = {
    'cwf --version': { ...cwf('--version'), bar: 15 },
    'cwf completion bash': { ...cwf('completion', 'bash'), bar: 70 },
    'cwf help exit-codes': { ...cwf('help', 'exit-codes'), bar: 70 },
  };
  const bare = () => timeProgram(process.execPath, ['-e', '0'], dir);
  const runs = Object.fromEntries(Object.entries(programs).map(([name, { run }]) => [name, run]));
  const times = await interleaved({ node: bare, ...runs }, ROUNDS);
  const node = median(times.node ?? []);
  return Object.entries(programs).map(([name, { bar }]) => {
    const value = median((times as Record<string, number[]>)[name] ?? []) - node;
    return figure({
      suite: 'startup',
      name,
      value,
      unit: 'ms over node',
      against: `node -e 0 (${node.toFixed(1)} ms)`,
      bar,
    });
  });
}
