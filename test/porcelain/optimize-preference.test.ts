import { describe, expect, test } from 'vitest';
import { ask } from '../../src/plan/optimize/study/ask.ts';
import { waitingTrials } from '../../src/plan/optimize/study/preference.ts';
import { historyOf } from '../../src/plan/optimize/study/state.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { expLs } from '../../src/porcelain/exp.ts';
import { expStop } from '../../src/porcelain/exp-change.ts';
import { type OptimizeInput, optimizeWorkflow, resumeStudy, type StudyWatch } from '../../src/porcelain/optimize.ts';
import { openStudy } from '../../src/porcelain/optimize-open.ts';
import { rank, rankNext } from '../../src/porcelain/rank.ts';
import { findStudy } from '../../src/porcelain/study-store.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { BLURRED, simulatedWith } from './studies.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const INPUT: OptimizeInput = {
  what: 'wf.json',
  objectives: ['preference:max'],
  only: ['blur_radius', 'alpha'],
  budget: 16,
  name: 's',
};

type Params = Readonly<Record<string, unknown>>;

/** What the person of these tests likes: a radius of 9 and an alpha of 2. */
function liking({ blur_radius, alpha }: Params): number {
  return -Math.abs(Number(blur_radius) - 9) - 3 * Math.abs(Number(alpha) - 2);
}

const simulated = () => simulatedWith(() => ({}));

async function world(): Promise<Temp> {
  const temp = await tempRepo({ 'wf.json': BLURRED });
  await commit.run(temp.ctx, { message: 'first' });
  return temp;
}

/** Answers one question as the person would, and says whether it was the last that waited. */
async function answerOne(ctx: Context): Promise<boolean> {
  const { a, b, study } = await rankNext.run(ctx, { study: 's' });
  const { records } = (await findStudy(ctx, 's')).state;
  const [p, q] = study!.trials.map((number) => liking(records.find((one) => one.number === number)!.params));
  const winner = p! > q! ? 'a' : p! < q! ? 'b' : 'tie';
  await rank.run(ctx, { candidates: [a.id, b.id], winner });
  return study!.waiting <= 2;
}

/** A person who answers all that waits whenever the study waits for it. */
function eager(ctx: Context, waits: number[] = []): StudyWatch {
  return {
    onWait: (trials) => waits.push(trials),
    async pause() {
      while (!(await answerOne(ctx)));
    },
  };
}

describe('a study of what people prefer', { timeout: 120_000 }, () => {
  test('[ST-25] waits with five trials that nobody has seen, takes up the answers, and finds what is liked', async () => {
    const temp = await world();
    const waits: number[] = [];
    const out = await optimizeWorkflow(temp.ctx, { ...INPUT, budget: 30 }, eager(temp.ctx, waits), simulated().open);
    expect([out.status, out.reason]).toEqual(['finished', 'all 30 trials were made']);
    expect(new Set(waits)).toEqual(new Set([5]));
    const best = Math.max(...out.state.records.map(({ params }) => liking(params)));
    // Of 80 such studies of 16 trials a tenth came within 2: that many find the place by luck, 30 by what was learned.
    expect(best).toBeGreaterThan(-1);
    const first = liking(out.state.records[0]!.params);
    const named = out.state.records.flatMap(({ answers = [] }) => answers);
    expect(new Set(named).size).toBe(named.length);
    while (!(await answerOne(temp.ctx)));
    const [listed] = (await expLs.run(temp.ctx, {})).studies;
    const winner = out.state.records.find(({ number }) => number === listed!.best!.trial)!;
    expect(liking(winner.params)).toBeGreaterThan(first);
  }, 120_000);

  test('[ST-25, ST-2] each point follows from what its record and those before it name', async () => {
    const temp = await world();
    await optimizeWorkflow(temp.ctx, INPUT, eager(temp.ctx), simulated().open);
    const { definition, state } = await findStudy(temp.ctx, 's');
    const { space, point } = await openStudy(temp.ctx, definition);
    for (const { number, params } of state.records) {
      const before = state.records.filter((one) => one.number < number);
      const known = new Set(state.records.flatMap((one) => (one.number <= number ? (one.answers ?? []) : [])));
      const answers = state.answers!.filter(({ id }) => known.has(id));
      const history = historyOf(definition, space, { records: before, open: [], answers });
      expect(ask(definition, history, number, point)).toEqual(params);
    }
  });

  test('[ST-25, ST-3] killed while it waits it goes on with the trials of one that was not', async () => {
    const trials = async (ctx: Context) => (await findStudy(ctx, 's')).state.records.map(({ params }) => params);
    const whole = await world();
    await optimizeWorkflow(whole.ctx, INPUT, eager(whole.ctx), simulated().open);
    const killed = await world();
    const dies: StudyWatch = {
      pause: async () => {
        throw new Error('killed');
      },
    };
    await expect(optimizeWorkflow(killed.ctx, INPUT, dies, simulated().open)).rejects.toThrow('killed');
    while (!(await answerOne(killed.ctx)));
    await resumeStudy(killed.ctx, { study: 's' }, eager(killed.ctx), simulated().open);
    expect(await trials(killed.ctx)).toEqual(await trials(whole.ctx));
  });

  test('[ST-25] choices of agents, and of trials of others, are no answers; one that is taken back is none', async () => {
    const temp = await world();
    await optimizeWorkflow(temp.ctx, { ...INPUT, budget: 4 }, {}, simulated().open);
    const waiting = async (): Promise<number[]> => waitingTrials((await findStudy(temp.ctx, 's')).state);
    const candidates = ['trial/s/1', 'trial/s/2'];
    await rank.run({ ...temp.ctx, actor: 'agent/critic' }, { candidates, winner: 'a' });
    await rank.run(temp.ctx, { candidates: ['trial/s/1', 'HEAD'], winner: 'a' });
    expect(await waiting()).toEqual([0, 1, 2, 3]);
    await rank.run(temp.ctx, { candidates: [...candidates, 'HEAD'], best: 'trial/s/1' });
    expect(await waiting()).toEqual([0, 3]);
    await undo.run(temp.ctx, {});
    expect(await waiting()).toEqual([0, 1, 2, 3]);
  });

  test('[ST-12, ST-25] that waits is ended by `exp stop`, by its signal and by its time', async () => {
    const temp = await world();
    const asked = await optimizeWorkflow(
      temp.ctx,
      INPUT,
      { pause: async () => void (await expStop.run(temp.ctx, { study: 's' })) },
      simulated().open,
    );
    expect([asked.status, asked.reason, asked.state.records.length]).toEqual(['stopped', 'stopped by person', 5]);
    const stop = new AbortController();
    const signalled = await resumeStudy(
      temp.ctx,
      { study: 's' },
      { signal: stop.signal, onWait: () => stop.abort() },
      simulated().open,
    );
    expect(signalled.reason).toBe('it was interrupted');
    let now = 0;
    const timed = await resumeStudy(
      { ...temp.ctx, now: () => now },
      { study: 's', minutes: 1 },
      {
        pause: async () => {
          now += 61_000;
        },
      },
      simulated().open,
    );
    expect(timed.reason).toBe('its 1 minutes are over');
  });

  test('[ST-25] stands beside what is measured: the front is of both', async () => {
    const temp = await world();
    const objectives = ['preference', 'file-size:min'];
    const out = await optimizeWorkflow(temp.ctx, { ...INPUT, objectives }, eager(temp.ctx), simulated().open);
    expect(out.state.records).toHaveLength(INPUT.budget);
    expect(out.state.records.every(({ values }) => values![0] === 0 && values![1]! > 0)).toBe(true);
    const history = historyOf(out.definition, out.space, (await findStudy(temp.ctx, 's')).state);
    expect(new Set(history.trials.map(({ values }) => values![0])).size).toBeGreaterThan(7);
    await failure(
      'STUDY_OBJECTIVE',
      optimizeWorkflow(temp.ctx, { ...INPUT, objectives: ['preference:min'], name: 't' }),
    );
  });

  test('[RK-11] asks the best against the one that waits, then the best among each other', async () => {
    const temp = await world();
    await optimizeWorkflow(temp.ctx, { ...INPUT, objectives: ['file-size:min'], budget: 4 }, {}, simulated().open);
    const asked: (readonly number[])[] = [];
    for (let i = 0; i < 5; i++) {
      const { a, b, study, written } = await rankNext.run(temp.ctx, { study: 's', out: 'pair.html' });
      asked.push([...study!.trials].sort(), [study!.waiting]);
      expect(written).toBe('pair.html');
      expect(temp.read('pair.html')).toContain('<img src="data:image/png;base64,');
      // Trial 2 is liked best.
      const winner = study!.trials[1] === 2 ? 'b' : 'a';
      await rank.run(temp.ctx, { candidates: [a.id, b.id], winner });
    }
    expect(asked.filter((_, i) => i % 2 === 1)).toEqual([[4], [2], [1], [0], [0]]);
    expect(asked[0]).toEqual([0, 1]);
    expect(asked[2]!.filter((trial) => trial > 1)).toHaveLength(1);
    await failure('STUDY_NOT_FOUND', rankNext.run(temp.ctx, { study: 'nope' }));
  });
});
