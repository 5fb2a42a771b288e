import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { lighthouse } from '../../cli/demo/lighthouse.ts';
import { mulberry32, seedOf } from '../../src/plan/optimize/rng.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { cwf, cwfEnv } from '../programs.ts';

const KILLS = 20;
const FAST_KILLS = 4;
/** Longest time between what a study says and the blow, in ms: asking, planning, running, measuring and telling fit in. */
const LONGEST = 600;
const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'noisy.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 1, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 0 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'photo' } },
};
/** The width of the sharpening is only there where there is any. */
const SPACE = {
  workflow: 'photo.json',
  parameters: {
    radius: { target: '2.blur_radius', low: 1, high: 6 },
    sigma: { target: '2.sigma', low: 0.4, high: 4, log: true },
    sharpening: { target: '3.alpha', type: 'ordinal', choices: [0, 0.1, 0.2, 0.3] },
    width: { target: '3.sigma', low: 0.5, high: 2, when: { sharpening: [0.1, 0.2, 0.3] } },
  },
};

interface Told {
  readonly number: number;
  readonly state: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly values?: readonly number[];
  readonly runs: readonly string[];
  readonly commit: string;
}

/**
 * A study of conditional parameters on the embedded engine is killed by -9 twenty times, each time at a moment of its own
 * while a trial is asked for, runs, or is told, and resumed. At the end its trials are held against those of a study that
 * nobody killed, and its notes against its trials.
 */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const kills = ctx.options.isFast ? FAST_KILLS : KILLS;
  const budget = kills + 6;
  const whole = prepare(ctx);
  const killed = ctx.temp();
  cpSync(whole, killed, { recursive: true });
  const begin = ['optimize', 'photo.json', '--space', 'space.yaml', '--objective', 'tenengrad:max,noise-sigma:min'];
  const words = [...begin, '--name', 's', '--budget', String(budget), '--jsonl'];
  cwf(ctx.root, whole, ...words);
  const rng = mulberry32(seedOf('kills'));
  const hits = new Map<string, number>();
  for (let at = 0; at < kills; at++) {
    const isFirst = !cwf(ctx.root, killed, 'exp', 'ls', '--porcelain').startsWith('s\t');
    const command = isFirst ? words : ['exp', 'resume', 's', '--jsonl'];
    // In its first trial, or in the one after it: a study that never got that far would stand still.
    const before = isFirst ? 0 : trialsOf(ctx.root, killed).length;
    const said = await blow(ctx.root, killed, command, { trials: at % 3 === 0 ? 1 : 2, delay: rng() * LONGEST });
    const after = trialsOf(ctx.root, killed).length;
    const hit = after - before > said.told ? 'a trial was written, not said' : said.at;
    hits.set(hit, (hits.get(hit) ?? 0) + 1);
    ctx.note(`blow ${at + 1}: ${hit}; ${after} trials`);
  }
  cwf(ctx.root, killed, 'exp', 'resume', 's', '--jsonl');
  const [expected, found] = [trialsOf(ctx.root, whole), trialsOf(ctx.root, killed)];
  const core = ({ number, state, params, values }: Told): string => JSON.stringify([number, state, params, values]);
  const differ = expected.filter((one) => !found.some((other) => core(other) === core(one))).length;
  const numbers = new Set(found.map(({ number }) => number));
  const twice = found.filter(({ commit, runs }) => {
    const notes = JSON.parse(cwf(ctx.root, killed, 'show', commit, '--json')) as Noted;
    const noted = notes.notes.flatMap(({ run }) => (run ? [run.run] : []));
    return noted.length !== runs.length || noted.some((id) => !runs.includes(id));
  }).length;
  const sound = cwf(ctx.root, killed, 'fsck').trimEnd().endsWith('sound');
  const detail = {
    ...Object.fromEntries(hits),
    trials: found.length,
    conditional: found.filter(({ params }) => params['width'] !== undefined).length,
  };
  const line = (name: string, value: number): Figure =>
    figure({ suite: 'kills', name, value, unit: 'trials', bar: 0, against: `${kills} blows by -9`, detail });
  return [
    line('lost', budget - numbers.size),
    line('told twice under one number', found.length - numbers.size),
    line('with runs that are not theirs', twice),
    line('other than in the study that nobody killed', differ),
    line('repository not sound', sound ? 0 : 1),
  ];
}

interface Noted {
  readonly notes: readonly { readonly run?: { readonly run: string } }[];
}

function prepare(ctx: BenchContext): string {
  const folder = ctx.temp();
  mkdirSync(join(folder, 'input'));
  writeFileSync(join(folder, 'input/noisy.png'), lighthouse({ width: 160, height: 128, grain: 0.4 }));
  writeFileSync(join(folder, 'photo.json'), JSON.stringify(GRAPH));
  writeFileSync(join(folder, 'space.yaml'), JSON.stringify(SPACE));
  cwf(ctx.root, folder, 'init');
  cwf(ctx.root, folder, 'commit', '-m', 'a noisy picture', 'photo.json');
  return folder;
}

function trialsOf(root: string, folder: string): Told[] {
  const { trials } = JSON.parse(cwf(root, folder, 'exp', 'show', 's', '--json')) as { trials: Told[] };
  return [...trials].sort((a, b) => a.number - b.number);
}

/** Runs a command until it has begun so many trials, and a while longer; kills it, and says what it was at. */
function blow(
  root: string,
  cwd: string,
  words: readonly string[],
  { trials, delay }: { readonly trials: number; readonly delay: number },
): Promise<{ readonly at: string; readonly told: number }> {
  return new Promise((resolve) => {
    const args = [join(root, 'bin/cwf.cjs'), ...words];
    const child = spawn(process.execPath, args, { cwd, env: cwfEnv(), stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    let isHit = false;
    const events = (): string[] => [...said.matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind!);
    child.stdout.on('data', async (chunk: Buffer) => {
      said += chunk.toString();
      if (isHit || events().filter((kind) => kind === 'trial').length < trials) return;
      isHit = true;
      await later(delay);
      child.kill('SIGKILL');
    });
    child.on('close', (code) => {
      const told = events().filter((kind) => kind === 'done').length;
      const at = events().at(-1) === 'trial' ? 'a trial ran' : 'the next was chosen';
      resolve({ at: code === 0 ? 'it had ended' : at, told });
    });
  });
}
