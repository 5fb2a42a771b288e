import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lighthouse } from '../../cli/demo/lighthouse.ts';
import { hypervolume } from '../../src/plan/optimize/front.ts';
import type { Params, ParamValue, Space } from '../../src/plan/optimize/space.ts';
import { ask } from '../../src/plan/optimize/study/ask.ts';
import type { Trial } from '../../src/plan/optimize/trial.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { median } from '../measure.ts';
import { quantile } from '../optimize/statistics.ts';
import { cwf } from '../programs.ts';

/** The bar: so much of its range may a weighted sum lie behind the best of the grid. */
const BAR = 0.05;
const WEIGHTS = [0.3, 0.5, 0.7];
const TRIALS = 40;
/** Studies of other seeds, on the values of the grid. */
const SEEDS = 20;
const OBJECTIVES = [
  { name: 'tenengrad', direction: 'maximize' },
  { name: 'noise-sigma', direction: 'minimize' },
] as const;
const FILE = 'photo.json';
const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'noisy.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 3, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 0.1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'photo' } },
};
/** 12 × 10 × 7 points; with --fast 6 × 5 × 4. */
const CHOICES = {
  radius: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  sigma: [0.2, 0.3, 0.45, 0.7, 1, 1.5, 2.2, 3.3, 5, 10],
  // ComfyUI takes ten times of it.
  alpha: [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3],
};
const TARGETS = { radius: '2.blur_radius', sigma: '2.sigma', alpha: '3.alpha' };

interface Told {
  readonly number: number;
  readonly params: Params;
  readonly values?: readonly number[];
  readonly runs: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** A ComfyUI server to run all of it on, in place of the embedded engine. */
const SERVER = process.env['CWF_COMFYUI_URL'];

/**
 * A real study against every point of its grid: a noisy picture is blurred and sharpened, detail
 * against noise. Of a weighted sum of both objectives, each from the least to the most of the grid as 0 to 1, it is told how
 * far the best of 40 trials lies behind the best of all; once as it ran, and for other seeds on the values of the grid.
 */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const { isFast, seeds = isFast ? 5 : SEEDS } = ctx.options;
  const world = prepare(ctx, isFast);
  const grid = optimize(ctx, world, ['--sampler', 'grid', '--budget', String(world.points), '--name', 'grid']);
  ctx.note(`${grid.length} points of the grid`);
  const real = optimize(ctx, world, ['--sampler', 'gp', '--budget', String(TRIALS), '--name', 'study']);
  const values = new Map(grid.map(({ params, values: told }) => [keyOf(params), told!]));
  const scale = scaleOf([...values.values()]);
  const others = Array.from({ length: seeds }, (_, seed) => simulated(world.space, values, seed));
  const own = real.map(({ values: told }) => told!);
  const lines = WEIGHTS.map((weight) =>
    figure({
      suite: 'study',
      name: `40 trials, weight ${weight} of detail`,
      value: scale.behind(own, weight),
      unit: 'of its range behind',
      bar: BAR,
      against: `the best of ${values.size} points`,
      detail: {
        logarithmic: scale.behindLog(own, weight),
        ...spread(
          'seeds',
          others.map((one) => scale.behind(one, weight)),
        ),
        ...spread(
          'seeds_log',
          others.map((one) => scale.behindLog(one, weight)),
        ),
      },
    }),
  );
  const shares = others.map((one) => scale.volume(one));
  const logShares = others.map((one) => scale.volumeLog(one));
  return [
    ...lines,
    figure({
      suite: 'study',
      name: '40 trials, hypervolume',
      value: 1 - scale.volume(own),
      unit: 'missing',
      bar: null,
      against: 'the front of the grid',
      detail: {
        logarithmic: 1 - scale.volumeLog(own),
        ...spread(
          'seeds',
          shares.map((one) => 1 - one),
        ),
        ...spread(
          'seeds_log',
          logShares.map((one) => 1 - one),
        ),
      },
    }),
    figure({
      suite: 'study',
      name: 'a trial, of the study',
      value: 1000 * median(real.filter(({ runs }) => runs.length > 0).map(({ start, end }) => end - start)),
      unit: 'ms',
      bar: null,
      against: 'planning, run, outputs, metrics and commit',
    }),
  ];
}

interface World {
  readonly folder: string;
  readonly points: number;
  readonly space: Space;
}

function prepare(ctx: BenchContext, isFast: boolean): World {
  const folder = ctx.temp();
  const thin = <T>(list: readonly T[]): readonly T[] => (isFast ? list.filter((_, i) => i % 2 === 0) : list);
  const choices = Object.entries(CHOICES).map(([name, list]) => [name, thin<ParamValue>(list)] as const);
  mkdirSync(join(folder, 'input'));
  writeFileSync(join(folder, 'input/noisy.png'), lighthouse({ width: 160, height: 128, grain: 0.4 }));
  writeFileSync(join(folder, FILE), JSON.stringify(GRAPH));
  const parameters = Object.fromEntries(
    choices.map(([name, list]) => [
      name,
      { target: TARGETS[name as keyof typeof TARGETS], type: 'ordinal', choices: list },
    ]),
  );
  // YAML holds JSON.
  writeFileSync(join(folder, 'space.yaml'), JSON.stringify({ workflow: FILE, parameters }));
  cwf(ctx.root, folder, 'init');
  cwf(ctx.root, folder, 'commit', '-m', 'a noisy picture', FILE);
  return {
    folder,
    points: choices.reduce((product, [, list]) => product * list.length, 1),
    space: { parameters: choices.map(([name, list]) => ({ name, kind: 'ordinal' as const, choices: list })) },
  };
}

/** Runs a study by the command, and returns its trials by number. */
function optimize(ctx: BenchContext, { folder }: World, flags: readonly string[]): Told[] {
  const objectives = OBJECTIVES.map(({ name, direction }) => `${name}:${direction}`).join(',');
  const where = SERVER === undefined ? [] : ['--on', SERVER];
  const words = ['optimize', FILE, '--space', 'space.yaml', '--objective', objectives, '--cold', ...where];
  const { trials } = JSON.parse(cwf(ctx.root, folder, ...words, ...flags, '--json')) as { trials: Told[] };
  return [...trials].sort((a, b) => a.number - b.number);
}

/** The values of a study of another seed: the same asks, answered from the grid. */
function simulated(space: Space, values: ReadonlyMap<string, readonly number[]>, seed: number): (readonly number[])[] {
  const definition = { name: 'study', seed, sampler: 'gp', sources: [], objectives: OBJECTIVES, budget: TRIALS };
  const trials: Trial[] = [];
  const base = { radius: 3, sigma: 1, alpha: 0.1 };
  for (let number = 0; number < TRIALS; number++) {
    const history = { space, directions: OBJECTIVES.map(({ direction }) => direction), trials };
    const params = ask(definition, history, number, base);
    trials.push({ number, params, state: 'COMPLETE', values: values.get(keyOf(params))!, intermediate: [] });
  }
  return trials.map((trial) => trial.values!);
}

function keyOf({ radius, sigma, alpha }: Params): string {
  return `${radius} ${sigma} ${alpha}`;
}

type Values = readonly (readonly number[])[];

/** What values come to on the scales of a grid: 0 is the worst of each objective there, 1 the best. */
function scaleOf(grid: Values) {
  const make = (of: (value: number) => number) => {
    const ends = OBJECTIVES.map((_, j) => {
      const all = grid.map((one) => of(one[j]!));
      return [Math.min(...all), Math.max(...all)] as const;
    });
    const place = (one: readonly number[]): number[] =>
      one.map((value, j) => {
        const [low, high] = ends[j]!;
        const share = (of(value) - low) / (high - low);
        return OBJECTIVES[j]!.direction === 'maximize' ? share : 1 - share;
      });
    const sum = (all: Values, weight: number): number =>
      Math.max(...all.map(place).map(([detail, calm]) => weight * detail! + (1 - weight) * calm!));
    const volume = (all: Values): number =>
      hypervolume(
        all.map((one) => place(one).map((share) => 1 - share)),
        [1.1, 1.1],
      );
    const least = (weight: number): number =>
      Math.min(...grid.map(place).map(([detail, calm]) => weight * detail! + (1 - weight) * calm!));
    return {
      behind: (all: Values, weight: number): number =>
        (sum(grid, weight) - sum(all, weight)) / (sum(grid, weight) - least(weight)),
      volume: (all: Values): number => volume(all) / volume(grid),
    };
  };
  const [plain, log] = [make((value) => value), make(Math.log)];
  return { ...plain, behindLog: log.behind, volumeLog: log.volume };
}

function spread(name: string, values: readonly number[]): Record<string, number> {
  return {
    [`${name}_median`]: quantile(values, 0.5),
    [`${name}_worst`]: Math.max(...values),
  };
}
