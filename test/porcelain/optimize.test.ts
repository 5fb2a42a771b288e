import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainPng } from '../../src/io/media/png-write.ts';
import type { RunError } from '../../src/io/runner/run-error.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { expLs } from '../../src/porcelain/exp.ts';
import { expApply, expPromote, expStop } from '../../src/porcelain/exp-change.ts';
import { type OptimizeInput, optimizeWorkflow, resumeStudy, type StudyWatch } from '../../src/porcelain/optimize.ts';
import { findStudy, writeStudy } from '../../src/porcelain/study-store.ts';
import { BLURRED, type Prompt, type Simulating, simulatedWith } from './studies.ts';
import { copyOf, failure, type Temp, tempRepo } from './temp.ts';

const INPUT: OptimizeInput = {
  what: 'wf.json',
  objectives: ['latency:min'],
  only: ['blur_radius', 'alpha'],
  budget: 8,
  name: 's',
};
const ERROR: RunError = { type: 'Trouble', message: 'it went wrong', node: '2', classType: 'ImageBlur', trace: [] };

/** Milliseconds of a run: least at a radius of 9 and an alpha of 2. */
function duration(prompt: Prompt): number {
  return (
    1000 + 100 * Math.abs(prompt['2']!.inputs['blur_radius']! - 9) + 50 * Math.abs(prompt['3']!.inputs['alpha']! - 2)
  );
}

const simulated = (more: Simulating = () => ({}), count = 1) =>
  simulatedWith((prompt, number) => ({ duration: duration(prompt), ...more(prompt, number) }), count);

async function world(): Promise<Temp> {
  const temp = await tempRepo({ 'wf.json': BLURRED });
  await commit.run(temp.ctx, { message: 'first' });
  return temp;
}

/** What of the trials of a study must not hang on when its process died. */
async function trialsOf(ctx: Context) {
  const { state } = await findStudy(ctx, 's');
  return state.records.map(({ number, state: ended, params, values, failure: why }) => [
    number,
    ended,
    params,
    values,
    why,
  ]);
}

const run = (temp: Temp, more: Partial<OptimizeInput> = {}, watch: StudyWatch = {}, sim = simulated()) =>
  optimizeWorkflow(temp.ctx, { ...INPUT, ...more }, watch, sim.open);

describe('a study', () => {
  test('[ST-4, ST-10] begins with the workflow as it is; each trial is a commit on its base and one operation', async () => {
    const temp = await world();
    const base = temp.git('rev-parse', 'HEAD').trim();
    const out = await run(temp);
    expect(out.status).toBe('finished');
    expect(out.state.records[0]?.params).toEqual({ blur_radius: 3, alpha: 1 });
    for (const number of [0, 3, 7]) {
      const oid = await temp.ctx.repo.resolve(`trial/s/${number}`);
      expect(oid).toBe(out.commits.get(number));
      expect(temp.git('rev-parse', `${oid}^`).trim()).toBe(base);
      const message = temp.git('log', '-1', '--format=%B', oid);
      expect(message).toContain(`Cwf-Study: s\nCwf-Trial: ${number}\n`);
    }
    const operations = [];
    for await (const one of temp.ctx.repo.operations(20)) operations.push(one);
    const trials = operations.filter(({ refs }) => refs.some(({ ref }) => ref.startsWith('refs/cwf/trial/')));
    expect(trials).toHaveLength(8);
    expect(trials.every(({ refs }) => refs.some(({ ref }) => ref === 'refs/notes/cwf/study'))).toBe(true);
    expect(temp.git('status', '--porcelain', 'wf.json')).toBe('');
  });

  test('[ST-2, ST-3] that is killed anywhere and goes on has the trials of one that was not', async () => {
    const made = await world();
    const whole = await copyOf(made);
    await run(whole);
    const expected = await trialsOf(whole.ctx);
    const place = fc.constantFrom('asked', 'running', 'told');
    const kills = fc.uniqueArray(fc.record({ at: fc.nat(7), place }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ at, place: where }) => `${at} ${where}`,
    });
    await fc.assert(
      fc.asyncProperty(kills, async (points) => {
        const temp = await copyOf(made);
        const left = new Set(points.map(({ at, place: where }) => `${at} ${where}`));
        const die = (at: number, where: string): void => {
          if (left.delete(`${at} ${where}`)) throw new Error('killed');
        };
        const watch: StudyWatch = {
          onTrial: ({ number }) => die(number, 'asked'),
          onEvent: (number) => die(number, 'running'),
          onDone: ({ number }) => die(number, 'told'),
        };
        let isOver = false;
        for (let attempt = 0; !isOver && attempt < 9; attempt++) {
          const going =
            attempt === 0 ? run(temp, {}, watch) : resumeStudy(temp.ctx, { study: 's' }, watch, simulated().open);
          isOver = await going.then(
            () => true,
            (error: Error) => {
              expect(error.message).toBe('killed');
              return false;
            },
          );
        }
        expect(await trialsOf(temp.ctx)).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  test('[ST-11] is run by one process: a second one is refused, and one that lost it is told', async () => {
    const temp = await world();
    const busy: unknown[] = [];
    await run(
      temp,
      {},
      {
        onDone: ({ number }) => {
          if (number === 2)
            busy.push(failure('STUDY_BUSY', resumeStudy(temp.ctx, { study: 's' }, {}, simulated().open)));
        },
      },
    );
    expect(await Promise.all(busy)).toMatchObject([{ code: 'STUDY_BUSY' }]);

    const other = await world();
    const taken = run(
      other,
      {},
      {
        onTrial({ number }) {
          if (number !== 3) return;
          const takes = async () => {
            const study = await findStudy(other.ctx, 's');
            await writeStudy(other.ctx, 'optimize', { ...study, claim: 'another' }, study.tip);
          };
          waits.push(takes());
        },
      },
      simulated(() => ({})),
    );
    const waits: Promise<void>[] = [];
    // The other one writes while the trial runs: the trial is planned and run after this.
    expect(await failure('STUDY_TAKEN', taken)).toMatchObject({ data: { trial: '3' } });
    await Promise.all(waits);
    expect((await findStudy(other.ctx, 's')).state.records.map(({ number }) => number)).toEqual([0, 1, 2]);
  });

  test('[ST-12] ends after its trial when it is asked to, and goes on later', async () => {
    const temp = await world();
    const stop = new AbortController();
    const first = await run(temp, {}, { signal: stop.signal, onTrial: ({ number }) => number === 2 && stop.abort() });
    expect([first.status, first.state.records.length]).toEqual(['stopped', 3]);
    const asked: Promise<unknown>[] = [];
    const watch: StudyWatch = {
      onTrial: ({ number }) => void (number === 4 && asked.push(expStop.run(temp.ctx, { study: 's' }))),
    };
    const second = await resumeStudy(temp.ctx, { study: 's' }, watch, simulated().open);
    await Promise.all(asked);
    expect(second.status).toBe('stopped');
    expect(second.reason).toBe('stopped by person');
    expect(second.state.records.length).toBeLessThan(8);
    const third = await resumeStudy(temp.ctx, { study: 's' }, {}, simulated().open);
    expect([third.status, third.state.records.length]).toEqual(['finished', 8]);
    const whole = await world();
    await run(whole);
    expect(await trialsOf(temp.ctx)).toEqual(await trialsOf(whole.ctx));
  });

  test('[ST-6] runs no workflow twice', async () => {
    const temp = await world();
    const sim = simulated();
    const out = await run(temp, { only: ['blur_radius'], budget: 30, sampler: 'random' }, {}, sim);
    const whole = await run(temp, { only: ['blur_radius'], budget: 20, name: 'whole' });
    expect([whole.definition.sampler, whole.state.records.length]).toEqual(['grid', 15]);
    const coarse = await run(temp, { budget: 60, sampler: 'grid', name: 'coarse' });
    expect(coarse.reason).toBe('every point of the grid was tried');
    const radii = sim.sent.map((prompt) => prompt['2']!.inputs['blur_radius']);
    expect(new Set(radii).size).toBe(radii.length);
    expect(radii).toHaveLength(15);
    expect(out).toMatchObject({ status: 'finished', reason: 'all 15 points of the space were tried' });
  }, 120_000);

  test('[ST-12] the second Ctrl-C interrupts what runs, on its runner; it is begun again when the study goes on', async () => {
    const [temp, still] = [await world(), await world()];
    const [stop, quit] = [new AbortController(), new AbortController()];
    const ends: string[] = [];
    const watch: StudyWatch = {
      signal: stop.signal,
      quit: quit.signal,
      onEvent(trial, event) {
        if (event.kind === 'end') ends.push(event.result);
        if (trial !== 3 || event.kind !== 'started') return;
        stop.abort();
        quit.abort();
      },
    };
    const sim = simulated();
    const out = await run(temp, {}, watch, sim);
    expect(out).toMatchObject({ status: 'stopped', reason: 'it was interrupted' });
    expect(ends).toEqual(['finished', 'finished', 'finished', 'interrupted']);
    expect(out.state.records).toHaveLength(3);
    await resumeStudy(temp.ctx, { study: 's' }, {}, sim.open);
    await run(still);
    expect(await trialsOf(temp.ctx)).toEqual(await trialsOf(still.ctx));
  });

  test('[ST-13] learns from a lack of memory, not from trouble of a runner, and ends where the base does not run', async () => {
    const temp = await world();
    const out = await run(
      temp,
      {},
      {},
      simulated((prompt) =>
        prompt['2']!.inputs['blur_radius']! > 8 ? { failure: { kind: 'out-of-memory', error: ERROR } } : {},
      ),
    );
    const failed = out.state.records.filter(({ state }) => state === 'FAIL');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ failure: why }) => why === 'out-of-memory')).toBe(true);

    const shaky = await world();
    const remarks: string[] = [];
    const again = await run(
      shaky,
      {},
      { onRemark: (text) => remarks.push(text) },
      simulated((_, number) => (number === 2 ? { failure: { kind: 'lost', reason: 'restarted' } } : {})),
    );
    expect(again.state.records.every(({ state }) => state === 'COMPLETE')).toBe(true);
    expect(remarks).toHaveLength(1);

    const gone = await world();
    const lost = run(
      gone,
      {},
      {},
      simulated(() => ({ failure: { kind: 'lost', reason: 'gone' } })),
    );
    await failure('STUDY_RUNNERS', lost);
    const records = (await findStudy(gone.ctx, 's')).state.records;
    expect(records.map(({ state, failure: why }) => [state, why])).toEqual(Array(3).fill(['FAIL', 'error']));

    const broken = await world();
    const fails = run(
      broken,
      {},
      {},
      simulated(() => ({ failure: { kind: 'failed', error: ERROR } })),
    );
    await failure('STUDY_BASE_FAILS', fails);
  });

  test('[ST-7] a number that is not there fails the trial, with the reason', async () => {
    const temp = await world();
    const still = { '9': [{ filename: 'x.png', bytes: plainPng }] };
    const out = await run(
      temp,
      { objectives: ['flicker:min'], budget: 2 },
      {},
      simulated(() => ({ outputs: still })),
    ).catch((error: unknown) => error);
    expect(out).toMatchObject({ code: 'STUDY_BASE_FAILS', data: { reason: expect.stringContaining('flicker') } });
    const { records } = (await findStudy(temp.ctx, 's')).state;
    expect(records).toMatchObject([{ state: 'FAIL', failure: 'invalid', reason: expect.stringContaining('flicker') }]);
    await failure('STUDY_OBJECTIVE', run(temp, { objectives: ['ssim:max'], name: 't' }));
    await failure('STUDY_OBJECTIVE', run(temp, { objectives: [], goal: 'quality', name: 't' }));
  });

  test('[ST-14] runs a trial on each of several runners at once, no point twice', async () => {
    const temp = await world();
    const sim = simulated(() => ({}), 3);
    const out = await run(temp, { budget: 12 }, {}, sim);
    expect(out.state.records.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(new Set(out.state.records.map(({ runner }) => runner))).toEqual(new Set(['sim0', 'sim1', 'sim2']));
    expect(out.state.records.some(({ open }) => open.length > 0)).toBe(true);
  });

  test('[ST-8] starts from what earlier studies of the same kind know, unless it is cold', async () => {
    const temp = await world();
    await run(temp);
    const warm = await run(temp, { name: 'warm' });
    expect(warm.definition.sources.map(({ study }) => study)).toEqual(['s']);
    const cold = await run(temp, { name: 'cold', cold: true });
    expect(cold.definition.sources).toEqual([]);
    const other = await run(temp, { name: 'other', objectives: ['latency:max'], budget: 1 });
    expect(other.definition.sources).toEqual([]);
  }, 120_000);

  test('[ST-9] says that its base is gone', async () => {
    const temp = await world();
    await run(temp, { budget: 2 });
    const study = await findStudy(temp.ctx, 's');
    const definition = { ...study.definition, base: 'f'.repeat(40) };
    await writeStudy(temp.ctx, 'test', { ...study, definition }, study.tip);
    await failure('STUDY_BASE_GONE', resumeStudy(temp.ctx, { study: 's' }, {}, simulated().open));
  });

  test('[ST-15] a trial becomes a branch, and its edits a commit of the current one', async () => {
    const temp = await world();
    const out = await run(temp);
    expect(await expPromote.run(temp.ctx, { trial: 's/3' })).toEqual({ branch: 'trial/s/3', oid: out.commits.get(3) });
    expect(temp.git('branch', '--list', 'trial/*').trim()).toBe('trial/s/3');
    await failure('REF_EXISTS', expPromote.run(temp.ctx, { trial: 's/3' }));
    const { params } = out.state.records[5]!;
    await expApply.run(temp.ctx, { trial: 'trial/s/5' });
    expect(JSON.parse(temp.read('wf.json'))['2'].inputs.blur_radius).toBe(params['blur_radius']);
    expect((await expLs.run(temp.ctx, {})).studies).toMatchObject([{ name: 's', trials: 8, status: 'finished' }]);
  });
});
