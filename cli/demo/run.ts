import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../io.ts';
import { safe } from '../output/safe.ts';
import { lighthouse } from './lighthouse.ts';
import poster from './poster.json' with { type: 'json' };
import { type Step, steps } from './steps.ts';

/** How a demo ended: `steps` were run, `failed` did not do what they say. */
export interface DemoResult {
  readonly steps: number;
  readonly failed: number;
  readonly seconds: number;
  /** Only with --keep. */
  readonly folder?: string;
}

/** Runs the demo in a new folder, with this very program as the user would call it, and prints what happens. */
export async function runDemo(io: Io, keep: boolean): Promise<DemoResult> {
  const start = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'cwf-demo-'));
  writeFileSync(join(folder, 'poster.json'), JSON.stringify(poster));
  mkdirSync(join(folder, 'input'));
  writeFileSync(join(folder, 'input/lighthouse.png'), lighthouse());
  let failed = 0;
  let count = 0;
  let said = '';
  try {
    for (const step of steps) {
      count++;
      const done = runStep(io, folder, step, said);
      said = done.said ?? said;
      if (!done.ok) failed++;
    }
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
  const seconds = (Date.now() - start) / 1000;
  const verdict =
    failed === 0
      ? io.color.green(`All ${count} steps did what they say`)
      : io.color.red(`${failed} of ${count} steps failed`);
  io.print(`\n${verdict}, in ${seconds.toFixed(1)} s${keep ? `; the folder is ${safe(folder)}` : ''}`);
  return { steps: count, failed, seconds, ...(keep ? { folder } : {}) };
}

interface StepResult {
  readonly ok: boolean;
  /** What a command printed, without colours. */
  readonly said?: string;
}

/** `said`: what the last command printed that named something to take. */
function runStep(io: Io, folder: string, step: Step, said: string): StepResult {
  if (step.title) io.print(`\n${io.color.bold(step.title)}`);
  if (step.edit) {
    const path = join(folder, 'poster.json');
    const before = readFileSync(path, 'utf8');
    const after = step.edit(before);
    writeFileSync(path, after);
    io.print(io.color.dim(`  (${step.say})`));
    return { ok: after !== before };
  }
  if (step.files) {
    for (const [path, content] of Object.entries(step.files())) writeFileSync(join(folder, path), content);
    io.print(io.color.dim(`  (${step.say})`));
    return { ok: true };
  }
  const words = typeof step.command === 'function' ? step.command(said) : step.command!;
  const shown = [step.program ?? 'cwf', ...words]
    .map((word) => (/[\s"']/.test(word) ? JSON.stringify(word) : word))
    .join(' ');
  io.print(`${io.color.cyan('$')} ${shown}`);
  const color = io.color.bold('x') === 'x' ? { NO_COLOR: '1' } : { FORCE_COLOR: '1' };
  const identity = {
    GIT_AUTHOR_NAME: 'You',
    GIT_AUTHOR_EMAIL: 'you@example.org',
    GIT_COMMITTER_NAME: 'You',
    GIT_COMMITTER_EMAIL: 'you@example.org',
  };
  const env = { ...io.env, ...identity, CWF_PAGER: 'cat', GIT_PAGER: 'cat', COLUMNS: String(io.columns), ...color };
  const [file, args] = step.program ? [step.program, words] : [process.execPath, [process.argv[1]!, ...words]];
  // One file for both, so that progress and result stand in the order in which they were written.
  const fd = openSync(join(folder, '.demo-output'), 'w+');
  const done = spawnSync(file, args, {
    cwd: folder,
    env: { ...env, FORCE_COLOR: color.FORCE_COLOR },
    stdio: ['ignore', fd, fd],
  });
  closeSync(fd);
  // Where git is not installed its steps are passed over: cwf does not need it.
  if (done.error && step.program) {
    io.print(io.color.dim(`  ${step.program} is not installed: passed over`));
    return { ok: true };
  }
  const output = readFileSync(join(folder, '.demo-output'), 'utf8').trimEnd();
  const lines = output.split('\n').filter((line) => output !== '' && !step.without?.test(plain(line)));
  for (const line of lines.slice(0, step.most ?? 14)) io.print(`  ${line}`);
  const ok = done.status === (step.exit ?? 0) && (step.expect ?? []).every((text) => plain(output).includes(text));
  if (!ok)
    io.print(
      io.color.red(
        `  ! expected exit ${step.exit ?? 0} and ${JSON.stringify(step.expect ?? [])}, got exit ${done.status}`,
      ),
    );
  const all = plain(output);
  return { ok, ...(all.includes('take one: ') ? { said: all } : {}) };
}

/** Output without colours. */
function plain(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;]*m/g, '');
}
