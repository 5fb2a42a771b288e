import { describe, expect, test, vi } from 'vitest';
import { plainPng } from '../../src/io/media/png-write.ts';
import type { Simulation } from '../../src/io/runner/simulated/runner.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { expShow } from '../../src/porcelain/exp.ts';
import { type ConfirmWatch, confirmStudy, type ExpConfirmInput } from '../../src/porcelain/exp-confirm.ts';
import { type OptimizeInput, optimizeWorkflow, resumeStudy } from '../../src/porcelain/optimize.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { findStudy } from '../../src/porcelain/study-store.ts';
import { node } from '../plan/optimize/tunables/workflows.ts';
import { type Prompt, simulatedWith } from './studies.ts';
import { copyOf, failure, type Temp, tempRepo } from './temp.ts';

// Studies of dozens of runs: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const GRAPH = {
  '1': node('EmptyImage', { width: 32, height: 32, batch_size: 1, color: 5 }),
  '2': node('ImageBlur', { image: ['1', 0], blur_radius: 3, sigma: 1 }),
  '4': node('ImageAddNoise', { image: ['2', 0], seed: 7, strength: 0.1 }),
  '9': node('SaveImage', { images: ['4', 0], filename_prefix: 'x' }),
};
const INPUT: OptimizeInput = {
  what: 'wf.json',
  objectives: ['latency:min'],
  only: ['blur_radius'],
  budget: 7,
  name: 's',
};

/** Milliseconds: least at a radius of 9, but under the seed of the workflow one of 3 looks best. */
function duration(prompt: Prompt): number {
  const { seed } = prompt['4']!.inputs;
  const { blur_radius: radius } = prompt['2']!.inputs;
  const luck = seed === 7 && radius === 3 ? -900 : Number(seed! % 97);
  return 1000 + 100 * Math.abs(radius! - 9) + luck;
}

const simulated = (more: (prompt: Prompt, number: number) => Partial<Simulation> = () => ({}), count = 1) =>
  simulatedWith((prompt, number) => ({ duration: duration(prompt), ...more(prompt, number) }), count);

async function studied(more: Partial<OptimizeInput> = {}, graph: object = GRAPH): Promise<Temp> {
  const temp = await tempRepo({ 'wf.json': graph });
  await commit.run(temp.ctx, { message: 'first' });
  await optimizeWorkflow(temp.ctx, { ...INPUT, ...more }, {}, simulated().open);
  return temp;
}

const confirm = (
  { ctx }: { readonly ctx: Context },
  more: Partial<ExpConfirmInput> = {},
  sim = simulated(),
  watch: ConfirmWatch = {},
) => confirmStudy(ctx, { study: 's', seeds: 3, ...more }, watch, sim.open);

const seedsOf = (sent: readonly Prompt[]): number[] => sent.map((prompt) => prompt['4']!.inputs['seed']!);

describe('[ST-27] confirming the best of a study', () => {
  test('runs them and the workflow as it is under the same other seeds, each run one operation with its note', async () => {
    const temp = await studied();
    const before = temp.git('log', '--format=%H', 'HEAD');
    const sim = simulated();
    const out = await confirm(temp, {}, sim);
    // Its own luck is in the first place as found, and no longer under other seeds.
    expect(out.wanted[0]).toBe(0);
    expect(out).toMatchObject({ study: 's', left: 0, before: 0 });
    expect(out.best).not.toBe(0);
    expect(sim.sent).toHaveLength(3 * out.wanted.length);
    const seeds = seedsOf(sim.sent);
    expect(new Set(seeds).size).toBe(3);
    expect(seeds).not.toContain(7);
    // Seed by seed, all trials under each.
    for (let i = 0; i < seeds.length; i++) expect(seeds[i]).toBe(seeds[i - (i % out.wanted.length)]);
    expect(out.confirmed!.trials.map(({ seeds: count, failed }) => [count, failed])).toEqual(
      out.wanted.map(() => [3, 0]),
    );
    const study = await findStudy(temp.ctx, 's');
    for (const number of out.wanted) {
      const runs = await readRuns(temp.ctx, study.commits.get(number)!);
      const noted = study.state.confirmations!.filter((one) => one.number === number);
      expect(noted).toHaveLength(3);
      for (const { run, values } of noted) expect(runs.find((one) => one.run === run)!.ran).toBe(values![0]! * 1000);
    }
    expect(temp.git('log', '--format=%H', 'HEAD')).toBe(before);
    const report = await expShow.run(temp.ctx, { study: 's' });
    expect(report.recommended).toBe(out.best);
    expect(report.confirmed).toEqual(out.confirmed);
    expect(out.confirmed!.trials[0]).toMatchObject({ number: out.best, isBest: true, seeds: 3, verdict: '' });
  });

  test('goes on where it was killed or ended, and runs nothing twice', async () => {
    const temp = await studied();
    const whole = await confirm(await copyOf(temp));
    for (const kind of ['killed', 'ended'] as const) {
      const copy = await copyOf(temp);
      const stop = new AbortController();
      const sim = simulated();
      let done = 0;
      const watch: ConfirmWatch = {
        signal: stop.signal,
        onDone() {
          if (++done < 4) return;
          if (kind === 'killed') throw new Error('killed');
          stop.abort();
        },
      };
      const first = await confirm(copy, {}, sim, watch).catch((error: Error) => error.message);
      if (kind === 'killed') expect(first).toBe('killed');
      else expect(first).toMatchObject({ left: 3 * whole.wanted.length - 4 });
      const out = await confirm(copy, {}, sim);
      expect(out).toEqual(whole);
      expect(sim.sent).toHaveLength(3 * whole.wanted.length);
      // Nothing is left to be done; more seeds are added to those there.
      expect(await confirm(copy, {}, sim)).toEqual(whole);
      await confirm(copy, { seeds: 4 }, sim);
      expect(sim.sent).toHaveLength(4 * whole.wanted.length);
    }
  });

  test('on several runners gives the same, and a dry run begins nothing', async () => {
    const temp = await studied();
    const sim = simulated(() => ({}), 3);
    const planned = await confirm(temp, { dryRun: true }, sim);
    expect([planned.left, sim.sent.length, planned.confirmed]).toEqual([3 * planned.wanted.length, 0, undefined]);
    const several = await confirm(await copyOf(temp), {}, sim);
    expect(several).toEqual(await confirm(temp));
  });

  test('leaves what the study would ask for as it is', async () => {
    const temp = await studied();
    const other = await copyOf(temp);
    await confirm(temp);
    const asked = async ({ ctx }: Temp) =>
      (await resumeStudy(ctx, { study: 's', budget: 10 }, {}, simulated().open)).state.records.map(
        ({ number, params, values }) => [number, params, values],
      );
    expect(await asked(temp)).toEqual(await asked(other));
  });

  test('counts a failure of the trial against it, and notes no trouble of a runner', async () => {
    const temp = await studied();
    const error = { type: 'OutOfMemoryError', message: 'no room', node: '2', classType: 'ImageBlur', trace: [] };
    const { wanted } = await confirm(temp, { dryRun: true });
    const full = simulated((prompt) =>
      prompt['2']!.inputs['blur_radius'] === 3 ? { failure: { kind: 'out-of-memory' as const, error } } : {},
    );
    const out = await confirm(await copyOf(temp), {}, full);
    expect(out.confirmed!.trials.at(-1)).toMatchObject({ number: 0, seeds: 0, failed: 3, isBest: false });
    const lost = simulated(() => ({ failure: { kind: 'lost', reason: 'restarted' } }));
    const copy = await copyOf(temp);
    const told = await failure('STUDY_RUNNERS', confirm(copy, {}, lost));
    expect(told.hint).toContain('cwf exp confirm s');
    expect((await findStudy(copy.ctx, 's')).state.confirmations).toBeUndefined();
    expect((await confirm(copy)).confirmed!.trials).toHaveLength(wanted.length);
  });

  test('is refused where nothing can be confirmed, with the reason', async () => {
    const still = {
      '1': node('LoadImage', { image: 'x.png' }),
      '2': node('ImageBlur', { image: ['1', 0], blur_radius: 3, sigma: 1 }),
      '9': node('SaveImage', { images: ['2', 0], filename_prefix: 'x' }),
    };
    const temp = await tempRepo({ 'wf.json': still });
    temp.write('input/x.png', plainPng());
    await commit.run(temp.ctx, { message: 'first' });
    const plain = () => simulatedWith(() => ({}));
    await optimizeWorkflow(temp.ctx, { ...INPUT, objectives: ['file-size:min'] }, {}, plain().open);
    const told = await failure('STUDY_UNCONFIRMED', confirm(temp, {}, plain()));
    expect(told.message).toContain('no seed');
    // Its times are not.
    await optimizeWorkflow(temp.ctx, { ...INPUT, name: 'timed' }, {}, plain().open);
    const timed = plain();
    expect(await confirm(temp, { study: 'timed', top: 1 }, timed)).toMatchObject({ left: 0, study: 'timed' });
    expect(timed.sent.length).toBeGreaterThanOrEqual(3);
    await failure('STUDY_NOT_FOUND', confirm(temp, { study: 'nope' }));
    const liked = await studied({ objectives: ['preference:max'], budget: 3 });
    expect((await failure('STUDY_UNCONFIRMED', confirm(liked))).message).toContain('cwf rank');
    const broken = await studied({ limits: ['latency:1ms'] });
    expect((await failure('STUDY_UNCONFIRMED', confirm(broken))).message).toContain('holds its limits');
  });

  test('[ST-20] pays for its runs out of the money of the study, and begins none that there is none for', async () => {
    const hosted = { ...GRAPH, '5': node('OpenAIDalle2', { prompt: 'a', n: 1, seed: 1, size: '256x256' }) };
    const temp = await studied(
      { money: 9, costPerRun: 1 },
      { ...hosted, '8': node('PreviewImage', { images: ['5', 0] }) },
    );
    expect((await findStudy(temp.ctx, 's')).paid).toBe(7);
    const sim = simulated();
    const said: string[] = [];
    const out = await confirm(temp, {}, sim, { onRemark: (text) => said.push(text) });
    expect([sim.sent.length, out.left]).toEqual([2, 3 * out.wanted.length - 2]);
    expect(said).toEqual(['9 runs of 1 each were paid for, of 9: no more are begun']);
    expect(await findStudy(temp.ctx, 's')).toMatchObject({ paid: 9, status: 'finished' });
    expect((await confirm(temp, { money: 10 }, sim)).left).toBe(out.left - 1);
    expect(await findStudy(temp.ctx, 's')).toMatchObject({ paid: 10, definition: { money: { most: 10, perRun: 1 } } });
  });
});
