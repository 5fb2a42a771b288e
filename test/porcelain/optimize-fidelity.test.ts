import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { expLs, expShow } from '../../src/porcelain/exp.ts';
import { type OptimizeInput, optimizeWorkflow, resumeStudy, type StudyWatch } from '../../src/porcelain/optimize.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { findStudy } from '../../src/porcelain/study-store.ts';
import { encoded, noisy, scene } from '../io/metrics/images.ts';
import { node, portrait } from '../plan/optimize/tunables/workflows.ts';
import { type Prompt, type Simulating, simulatedWith } from './studies.ts';
import { copyOf, failure, type Temp, tempRepo } from './temp.ts';

// Studies of dozens of runs: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const GRAPH = {
  '1': node('EmptyImage', { width: 32, height: 32, batch_size: 1, color: 5 }),
  '2': node('ImageBlur', { image: ['1', 0], blur_radius: 3, sigma: 1 }),
  '3': node('ImageSharpen', { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 1 }),
  '4': node('ImageAddNoise', { image: ['3', 0], seed: 7, strength: 0.1 }),
  '9': node('SaveImage', { images: ['4', 0], filename_prefix: 'x' }),
};
const INPUT: OptimizeInput = {
  what: 'wf.json',
  objectives: ['latency:min'],
  only: ['blur_radius', 'alpha'],
  budget: 6,
  repeats: 9,
  pruner: 'asha',
  name: 's',
};

/** Milliseconds: least at a radius of 9 and an alpha of 2, with chance by the seed. */
function duration(prompt: Prompt): number {
  const { seed } = prompt['4']!.inputs;
  const { blur_radius: radius } = prompt['2']!.inputs;
  const { alpha } = prompt['3']!.inputs;
  const luck = (Math.abs(Math.sin(Number(seed) + radius!)) * 1e4) % 40;
  // Whole milliseconds: sums of others hang on when the clock began.
  return Math.round(1000 + 100 * Math.abs(radius! - 9) + 50 * Math.abs(alpha! - 2) + luck);
}

const simulated = (more: Simulating = () => ({}), count = 1) =>
  simulatedWith((prompt, number) => ({ duration: duration(prompt), ...more(prompt, number) }), count);

async function world(files: Record<string, unknown> = { 'wf.json': GRAPH }): Promise<Temp> {
  const temp = await tempRepo(files);
  await commit.run(temp.ctx, { message: 'first' });
  return temp;
}

const run = (temp: Temp, more: Partial<OptimizeInput> = {}, watch: StudyWatch = {}, sim = simulated()) =>
  optimizeWorkflow(temp.ctx, { ...INPUT, ...more }, watch, sim.open);

/** What of the trials of a study must not hang on when its process died. */
async function trialsOf(ctx: Context) {
  const { state } = await findStudy(ctx, 's');
  return state.records.map(({ number, state: ended, params, part, values, intermediate, runs }) => [
    number,
    ended,
    params,
    part,
    values,
    intermediate,
    runs.length,
  ]);
}

/** Runs a study that dies at each of some steps, and goes on until it is over. */
async function killed(temp: Temp, more: Partial<OptimizeInput>, kills: readonly number[]): Promise<void> {
  let step = 0;
  const left = new Set(kills);
  const die = (): void => {
    if (left.delete(step++)) throw new Error('killed');
  };
  const watch: StudyWatch = { onTrial: die, onEvent: die, onDone: die };
  for (let attempt = 0; attempt <= kills.length; attempt++) {
    const isFirst = !(await temp.ctx.repo.listRefs('refs/cwf/study/')).some(({ ref }) => ref.endsWith('/s'));
    const going = isFirst ? run(temp, more, watch) : resumeStudy(temp.ctx, { study: 's' }, watch, simulated().open);
    const isOver = await going.then(
      () => true,
      (error: Error) => {
        expect(error.message).toBe('killed');
        return false;
      },
    );
    if (isOver) return;
  }
}

describe('trials that stop at rungs', () => {
  test.each([
    ['asha', 'gp', 9, 5],
    ['asha', 'tpe', 3, 8],
    ['hyperband', 'random', 3, 8],
  ])('[ST-17] %s, %s: the best ones get more, and no image is made twice', async (pruner, sampler, repeats, budget) => {
    const temp = await world();
    const sim = simulated();
    const made = new Map<number, string>();
    const out = await run(
      temp,
      { pruner, sampler, repeats, budget },
      { onDone: ({ number }, oid) => void made.set(number, made.get(number) ?? oid) },
      sim,
    );
    const { records } = out.state;
    const keys = sim.sent.map((prompt) => JSON.stringify([2, 3, 4].map((id) => prompt[String(id)]!.inputs)));
    expect(new Set(keys).size).toBe(keys.length);
    const own = records.filter(({ copies }) => copies === undefined);
    expect(own.reduce((sum, { intermediate = [] }) => sum + intermediate.length, 0)).toBe(keys.length);
    expect(records[0]).toMatchObject({ state: 'COMPLETE', params: { blur_radius: 3, alpha: 1 } });
    expect(records[0]!.part).toBeUndefined();
    const promoted = records.filter(({ part = 0 }) => part > 0);
    expect(promoted.length).toBeGreaterThan(0);
    for (const { number, state, intermediate = [], runs, values } of own) {
      expect([1, 3, repeats]).toContain(intermediate.length);
      expect(intermediate.map(({ step }) => step)).toEqual(intermediate.map((_, i) => i + 1));
      expect(state).toBe(intermediate.length === repeats ? 'COMPLETE' : 'PRUNED');
      if (values)
        expect(values[0]).toBeCloseTo(intermediate.reduce((sum, one) => sum + one.values[0]!, 0) / repeats, 9);
      expect(out.commits.get(number)).toBe(made.get(number));
      const noted = await readRuns(temp.ctx, made.get(number)!);
      expect(new Set(noted.map((one) => one.run))).toEqual(new Set(runs));
      expect(runs).toHaveLength(intermediate.length);
    }
    const best = records.filter(({ state }) => state === 'COMPLETE').sort((a, b) => a.values![0]! - b.values![0]!)[0]!;
    expect(best.values![0]).toBeLessThan(records[0]!.values![0]! - 0.3);
  });

  test('[ST-17] of several objectives those of the first layers get more', async () => {
    const temp = await world();
    const sim = simulated((prompt) => {
      const bytes = () => Buffer.alloc(100 + 20 * prompt['2']!.inputs['blur_radius']!);
      return { outputs: { '9': [{ filename: 'x.bin', bytes }] } };
    });
    const out = await run(temp, { objectives: ['latency:min', 'file-size:min'], repeats: 3, budget: 8 }, {}, sim);
    const whole = out.state.records.filter(({ state }) => state === 'COMPLETE');
    expect(whole.length).toBeGreaterThan(1);
    expect(whole.every(({ values }) => values?.length === 2)).toBe(true);
  });

  test('[ST-18] cost as much as so many whole trials at most', async () => {
    const temp = await world();
    const sim = simulated();
    const out = await run(temp, { budget: 3, sampler: 'random' }, {}, sim);
    expect(out.reason).toBe('what 3 whole trials cost was spent');
    expect(sim.sent.length).toBeLessThanOrEqual(27);
    expect(sim.sent.length).toBeGreaterThan(27 - 9);
    expect(out.state.records.length).toBeGreaterThan(3);
    const more = await resumeStudy(temp.ctx, { study: 's', budget: 4 }, {}, sim.open);
    expect(sim.sent.length).toBeLessThanOrEqual(36);
    expect(more.state.records.length).toBeGreaterThan(out.state.records.length);
  });

  test('[ST-2, ST-3] a study that is killed anywhere and goes on takes up the same trials', async () => {
    const made = await world();
    for (const more of [
      { budget: 2, sampler: 'random' },
      { budget: 4, pruner: 'hyperband', repeats: 3, sampler: 'tpe' },
      { budget: 6, repeats: 3 },
    ]) {
      const whole = await copyOf(made);
      await run(whole, more);
      const expected = await trialsOf(whole.ctx);
      const kills = fc.uniqueArray(fc.nat(60), { minLength: 2, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(kills, async (steps) => {
          const temp = await copyOf(made);
          await killed(temp, more, steps);
          expect(await trialsOf(temp.ctx)).toEqual(expected);
        }),
        { numRuns: 2 },
      );
    }
  }, 240_000);

  test('[ST-14] several runners take up trials without one running twice', async () => {
    const temp = await world();
    const sim = simulated(() => ({}), 3);
    const out = await run(temp, { budget: 8, repeats: 3, sampler: 'tpe' }, {}, sim);
    const keys = sim.sent.map((prompt) => JSON.stringify([2, 3, 4].map((id) => prompt[String(id)]!.inputs)));
    expect(new Set(keys).size).toBe(keys.length);
    expect(sim.sent.length).toBeLessThanOrEqual(24);
    expect(out.state.records.some(({ part = 0 }) => part > 0)).toBe(true);
    expect(out.state.records.some(({ open }) => open.some(({ part = 0 }) => part > 0))).toBe(true);
    expect(out.state.open).toEqual([]);
    expect((await findStudy(temp.ctx, 's')).state).toEqual(out.state);
  });

  test('[ST-13] what the world made fail of a later part keeps what it had, and is left at that', async () => {
    const temp = await world();
    const seen = new Map<string, number>();
    const sim = simulated((prompt) => {
      const point = JSON.stringify([prompt['2']!.inputs, prompt['3']!.inputs]);
      seen.set(point, (seen.get(point) ?? 0) + 1);
      // The first trial runs through; the first one that is taken up is lost.
      const isLater = prompt['2']!.inputs['blur_radius'] !== 3 && seen.get(point)! > 1;
      const isLost = isLater && (lost === '' || lost === point);
      if (isLost) lost = point;
      return isLost ? { failure: { kind: 'lost', reason: 'gone' } } : {};
    });
    let lost = '';
    const out = await run(temp, { budget: 8, repeats: 3, sampler: 'tpe' }, {}, sim);
    const [kept, ...more] = out.state.records.filter(({ failure: why }) => why === 'error');
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ state: 'PRUNED', part: 1, intermediate: [{ step: 1 }] });
    expect(out.state.records.some(({ part = 0, failure: why }) => part > 0 && why === undefined)).toBe(true);
  });

  test('[ST-21] one that breaks a limit is not taken up', async () => {
    const temp = await world();
    const out = await run(temp, {
      limits: ['latency:<=1.2s'],
      objectives: ['latency:max'],
      budget: 6,
      repeats: 3,
      sampler: 'random',
    });
    for (const { part, constraints, number } of out.state.records)
      if ((part ?? 0) > 0) expect([number, constraints![0]! <= 0.05]).toEqual([number, true]);
    expect(out.state.records.some(({ constraints }) => constraints![0]! > 0)).toBe(true);
  });

  test('the same picture for every seed is told, and so is that there is none', async () => {
    const temp = await world();
    const remarks: string[] = [];
    await run(temp, { budget: 1, repeats: 3, pruner: undefined }, { onRemark: (text) => remarks.push(text) });
    expect(remarks).toEqual(['trial 0: another seed gives the same picture']);
    const { '4': _noise, ...plain } = GRAPH;
    const none = await world({
      'wf.json': { ...plain, '9': node('SaveImage', { images: ['3', 0], filename_prefix: 'x' }) },
    });
    const sim = simulatedWith(() => ({}));
    const told: string[] = [];
    await run(none, { budget: 2, repeats: 3, sampler: 'random' }, { onRemark: (text) => told.push(text) }, sim);
    expect(told[0]).toContain('the workflow has no seed');
    expect(sim.sent).toHaveLength(2);
  });
});

describe('cheaper runs', () => {
  const pictures = () => Promise.all([0, 4, 8, 16, 24, 32].map((sigma) => encoded(noisy(scene(3), sigma))));
  /** Noise is least at a cfg of 5. */
  const portraits = (bytes: readonly Buffer[]) =>
    simulatedWith((prompt) => {
      const off = Math.min(5, Math.round(Math.abs(prompt['3']!.inputs['cfg']! - 5)));
      return { outputs: { '9': [{ filename: 'x.png', bytes: () => bytes[off]! }] } };
    });
  const PORTRAIT: OptimizeInput = {
    what: 'wf.json',
    objectives: ['noise-sigma:min'],
    only: ['cfg'],
    budget: 5,
    name: 's',
    sampler: 'gp',
  };

  test('[ST-19] are smaller pictures where no size is searched, fewer steps where nothing is distilled', async () => {
    const bytes = (await pictures()).map((one) => Buffer.from(one));
    for (const [fidelity, key, values] of [
      ['resolution', '5.width', [256, 360, 512]],
      ['steps', '3.steps', [5, 10, 20]],
    ] as const) {
      const temp = await world({ 'wf.json': portrait() });
      const sim = portraits(bytes);
      const out = await optimizeWorkflow(temp.ctx, { ...PORTRAIT, fidelity }, {}, sim.open);
      expect(out.definition).toMatchObject({ pruner: 'asha', fidelity: { kind: fidelity, rungs: [25, 50, 100] } });
      const [id, input] = key.split('.') as [string, string];
      const sent = sim.sent.map((prompt) => prompt[id]!.inputs[input]!);
      expect(new Set(sent)).toEqual(new Set(values));
      expect(sent.slice(0, 3)).toEqual(values);
      // A quarter, a half and the whole: the first trial goes through all.
      const cost = sent.reduce((sum, value) => sum + [0.25, 0.5, 1][(values as readonly number[]).indexOf(value)]!, 0);
      expect(cost).toBeLessThanOrEqual(5);
      const runs = await readRuns(temp.ctx, out.commits.get(0)!);
      expect(runs.filter(({ set }) => set !== undefined)).toHaveLength(2);
      const best = out.state.records.filter(({ state }) => state === 'COMPLETE').at(-1)!;
      expect(JSON.parse(temp.git('show', `${out.commits.get(best.number)}:wf.json`))[id].inputs[input]).toBe(values[2]);
      const again = await findStudy(temp.ctx, 's');
      expect(again.definition).toEqual(out.definition);
    }
  });

  test('[ST-19] are refused, with the reason, where they would not be that', async () => {
    const bytes = (await pictures()).map((one) => Buffer.from(one));
    const reason = async (more: Partial<OptimizeInput>, json: unknown = portrait()) => {
      const temp = await world({ 'wf.json': json });
      const { data } = await failure(
        'STUDY_FIDELITY',
        optimizeWorkflow(temp.ctx, { ...PORTRAIT, ...more }, {}, portraits(bytes).open),
      );
      return String(data['reason']);
    };
    expect(await reason({ fidelity: 'resolution', only: ['size'] })).toBe('size is searched');
    expect(await reason({ fidelity: 'steps', only: ['steps'] })).toBe('steps is searched');
    expect(await reason({ fidelity: 'steps', objectives: ['latency:min'] })).toContain('latency of a cheaper run');
    expect(await reason({ fidelity: 'images' })).toContain('--repeats');
    const fast = portrait('sdxl_lightning_4step.safetensors');
    expect(await reason({ fidelity: 'steps', only: ['sampler'] }, fast)).toContain('made for few steps');
    const every = await reason({ pruner: 'asha', only: ['size', 'steps'] });
    expect(every).toBe(
      'images: it needs --repeats, which says how many; resolution: size is searched; steps: steps is searched',
    );
  });
});

describe('what a study is measured by', () => {
  test('[ST-16] weights make one utility of several objectives; 0 is the workflow as it is', async () => {
    const temp = await world();
    const small = { budget: 12, repeats: 1, pruner: undefined };
    const sim = () =>
      simulatedWith((prompt) => {
        const bytes = Buffer.alloc(100 * prompt['2']!.inputs['blur_radius']! + 10);
        return { duration: duration(prompt), outputs: { '9': [{ filename: 'x.bin', bytes: () => bytes }] } };
      });
    const out = await run(temp, { ...small, objectives: ['latency:min:3', 'file-size:min'] }, {}, sim());
    const shown = await expShow.run(temp.ctx, { study: 's' });
    expect(shown.objectives).toEqual([
      { name: 'latency', direction: 'minimize', weight: 3 },
      { name: 'file-size', direction: 'minimize' },
    ]);
    expect(out.state.records.every(({ values }) => values?.length === 2)).toBe(true);
    const [{ best } = {}] = (await expLs.run(temp.ctx, {})).studies;
    expect(best!.values).toHaveLength(2);
    const sized = await world({ 'wf.json': portrait() });
    const asked = { goals: ['speed:2', 'vram'], objectives: [], only: undefined, name: 'g', dryRun: true };
    const goals = await run(sized, { ...small, ...asked }, {}, sim());
    expect(goals.definition.objectives).toEqual([
      { name: 'latency', direction: 'minimize', weight: 2 },
      { name: 'vram', direction: 'minimize' },
    ]);
    for (const objective of ['latency:min:0', 'latency:min:x', 'latency:min:2:3'])
      await failure('STUDY_OBJECTIVE', run(temp, { ...small, objectives: [objective], name: 't' }));
  });

  test('[ST-21] limits are of times, sizes and metrics, on either side', async () => {
    const temp = await world();
    const limits = ['latency:1500ms', 'file-size:2KB', 'sharpness:<=50', 'noise-sigma:>=0'];
    const out = await run(temp, { budget: 4, repeats: 1, pruner: undefined, limits, vram: undefined });
    expect(out.definition.limits).toEqual([
      { name: 'latency', most: 1.5 },
      { name: 'file-size', most: 2048 },
      { name: 'sharpness', most: 50 },
      { name: 'noise-sigma', least: 0 },
    ]);
    for (const { values, constraints } of out.state.records) {
      expect(constraints).toHaveLength(4);
      expect(constraints![0]).toBeCloseTo((values![0]! - 1.5) / 1.5, 9);
    }
    for (const limit of ['latency', 'latency:fast', 'vram:8', 'sharpness:', ':3', 'latency:-1s'])
      await failure('STUDY_LIMIT', run(temp, { limits: [limit], name: 't' }));
    await failure('METRIC_NOT_FOUND', run(temp, { limits: ['sharpnes:3'], name: 't' }));
  });
});

describe('a study whose nodes cost money', () => {
  const HOSTED = {
    ...GRAPH,
    '1': node('FluxProUltraImageNode', {
      prompt: 'a',
      prompt_upsampling: false,
      seed: 1,
      aspect_ratio: '16:9',
      raw: false,
    }),
  };
  const plain = { repeats: 1, pruner: undefined };

  test('[ST-20] is refused without a budget of money and a price, and stops before it is exceeded', async () => {
    const temp = await world({ 'wf.json': HOSTED });
    const sim = simulated();
    await failure('SPACE_HOSTED', run(temp, plain, {}, sim));
    await failure('SPACE_HOSTED', run(temp, { ...plain, money: 5 }, {}, sim));
    await failure('USAGE', run(temp, { ...plain, money: 5, costPerRun: 0 }, {}, sim));
    expect(sim.sent).toEqual([]);
    const out = await run(temp, { ...plain, money: 0.3, costPerRun: 0.1 }, {}, sim);
    expect([out.status, sim.sent.length]).toEqual(['stopped', 3]);
    expect(out.reason).toBe('3 runs of 0.1 each were paid for, of 0.3');
    expect((await findStudy(temp.ctx, 's')).paid).toBe(3);
    const more = await resumeStudy(temp.ctx, { study: 's', money: 0.5 }, {}, sim.open);
    expect([more.status, sim.sent.length]).toEqual(['stopped', 5]);
  });

  test('[ST-20] pays for a trial as a whole or not at all, on several runners, and for runs that were lost', async () => {
    const temp = await world({ 'wf.json': HOSTED });
    const sim = simulated(() => ({}), 3);
    const out = await run(temp, { ...plain, repeats: 2, money: 9, costPerRun: 1 }, {}, sim);
    expect([sim.sent.length, out.state.records.length]).toEqual([8, 4]);

    const other = await world({ 'wf.json': HOSTED });
    const shaky = simulated(() => ({ failure: { kind: 'lost', reason: 'restarted' } }));
    const ended = await run(other, { ...plain, money: 2, costPerRun: 1 }, {}, shaky);
    expect([ended.status, shaky.sent.length]).toEqual(['stopped', 2]);
    expect(ended.state.records).toMatchObject([{ state: 'FAIL', failure: 'error' }]);
  });

  test('has seeds of other images that its nodes take, of 31 bits as well', async () => {
    const dalle = node('OpenAIDalle2', { prompt: 'a', n: 1, seed: 1, size: '256x256' });
    const preview = node('PreviewImage', { images: ['5', 0] });
    const temp = await world({ 'wf.json': { ...GRAPH, '5': dalle, '8': preview } });
    const sim = simulated();
    const out = await run(temp, { repeats: 6, pruner: undefined, budget: 1, money: 9, costPerRun: 1 }, {}, sim);
    expect(out.state.records).toMatchObject([{ state: 'COMPLETE' }]);
    const seeds = sim.sent.map((prompt) => [prompt['4']!.inputs['seed']!, prompt['5']!.inputs['seed']!] as const);
    expect(new Set(seeds.map(([, small]) => small)).size).toBe(6);
    expect(seeds.some(([large]) => large > 2 ** 31)).toBe(true);
    for (const [large, small] of seeds.slice(1)) expect(small).toBe(large % 2 ** 31);
  });

  test('[ST-20] counts the runs of a process that died', async () => {
    const temp = await world({ 'wf.json': HOSTED });
    const sim = simulated();
    const die: StudyWatch = {
      onEvent: () => {
        throw new Error('killed');
      },
    };
    const money = { ...plain, money: 3, costPerRun: 1 };
    for (let time = 0; time < 2; time++) {
      const going = time === 0 ? run(temp, money, die, sim) : resumeStudy(temp.ctx, { study: 's' }, die, sim.open);
      await expect(going).rejects.toThrow('killed');
    }
    const out = await resumeStudy(temp.ctx, { study: 's' }, {}, sim.open);
    expect([out.state.records.length, sim.sent.length]).toEqual([1, 3]);
  });
});

describe('any study', () => {
  test('[ST-2] whose child sorts before its parent goes on with the same trials', async () => {
    const space = {
      parameters: {
        zoom: { target: '2.blur_radius', choices: [1, 5, 9], type: 'ordinal' },
        alpha: { target: '3.alpha', low: 0, high: 5, step: 0.5, when: { zoom: [5, 9] } },
      },
    };
    const made = await world({
      'wf.json': { ...GRAPH, '2': node('ImageBlur', { image: ['1', 0], blur_radius: 5, sigma: 1 }) },
    });
    made.write('space.json', space);
    const more = { space: 'space.json', only: undefined, budget: 13, repeats: 1, pruner: undefined, sampler: 'gp' };
    const whole = await copyOf(made);
    const out = await run(whole, more);
    const isChild = out.state.records.map(({ params }) => 'alpha' in params);
    expect(new Set(isChild)).toEqual(new Set([true, false]));
    for (const steps of [[7, 30]]) {
      const temp = await copyOf(made);
      await killed(temp, more, steps);
      expect(await trialsOf(temp.ctx)).toEqual(await trialsOf(whole.ctx));
    }
  });

  test('keeps a seed of 20 digits to the last one', async () => {
    const text = JSON.stringify(GRAPH, null, 2).replace('"seed": 7', '"seed": 18446744073709551615');
    const temp = await world({ 'wf.json': text });
    const sim = simulatedWith((prompt) => ({ duration: 1000 + 10 * prompt['2']!.inputs['blur_radius']! }));
    const out = await run(temp, { budget: 3, repeats: 2, pruner: undefined }, {}, sim);
    for (const { number } of out.state.records) {
      const file = temp.git('show', `${out.commits.get(number)}:wf.json`);
      expect(file).toContain('18446744073709551615');
      const runs = await readRuns(temp.ctx, out.commits.get(number)!);
      expect(runs.flatMap(({ seeds }) => seeds.map(({ value }) => value))).toContain(18446744073709551615n);
    }
    expect(sim.sent[0]!['4']!.inputs['seed']).toBe(18446744073709551615n);
  });
});
