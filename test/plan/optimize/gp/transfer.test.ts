import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformPoint } from '../../../../src/plan/optimize/domain/uniform.ts';
import { gpSampler } from '../../../../src/plan/optimize/gp/sampler.ts';
import {
  normalScores,
  type Source,
  sourceWeights,
  transferSampler,
} from '../../../../src/plan/optimize/gp/transfer.ts';
import { mulberry32, seedOf } from '../../../../src/plan/optimize/rng.ts';
import type { History, Sampler } from '../../../../src/plan/optimize/sampler.ts';
import type { Params, Space } from '../../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../../src/plan/optimize/trial.ts';

const SPACE: Space = {
  parameters: [
    { name: 'cfg', kind: 'float', low: 0, high: 1 },
    { name: 'denoise', kind: 'float', low: 0, high: 1 },
    { name: 'sampler', kind: 'categorical', choices: ['a', 'b', 'c', 'd', 'e', 'f'] },
  ],
};

/** Best at cfg 0.6 + shift, denoise 0.3, sampler d. */
function loss({ cfg, denoise, sampler }: Params, shift = 0): number {
  const far = Math.abs('abcdef'.indexOf(String(sampler)) - 3);
  return (Number(cfg) - 0.6 - shift) ** 2 + (Number(denoise) - 0.3) ** 2 + 0.1 * far;
}

function source(name: string, seed: number, value: (params: Params) => number): Source {
  const rng = mulberry32(seed);
  const trials = Array.from({ length: 30 }, () => uniformPoint(SPACE, rng)).map((params) => ({
    params,
    loss: value(params),
  }));
  return { name, trials };
}

const LIKE = source('like', 1, (params) => 100 + 7 * loss(params, 0.05));
const AGAINST = source('against', 2, (params) => -loss(params));

function study(sampler: Sampler, n: number, seed: number): History {
  const trials: Trial[] = [];
  const history: History = { space: SPACE, directions: ['minimize'], trials };
  for (let i = 0; i < n; i++) {
    const params = sampler.suggest(history, mulberry32(seedOf(`${seed}|${i}`)));
    trials.push({ number: i, state: 'COMPLETE', params, values: [loss(params)], intermediate: [] });
  }
  return history;
}

/** The same trial with another denoise, so that it is not the same point. */
function shifted(params: Params, value: number, i: number) {
  return { params: { ...params, denoise: (Number(params['denoise']) + i / 600) % 1 }, loss: value };
}

const bestOf = ({ trials }: History): number => Math.min(...trials.map(({ values }) => values![0]!));

describe('a warm start', () => {
  it('has a good point at once where the sources are alike', () => {
    expect(bestOf(study(transferSampler([LIKE]), 3, 1))).toBeLessThan(0.12);
    expect(bestOf(study(transferSampler([LIKE]), 10, 1))).toBeLessThan(bestOf(study(gpSampler(), 10, 1)));
  });

  it('[GP-12] takes the weight of a source that misleads, and leaves it to one that does not', () => {
    const history = study(transferSampler([LIKE, AGAINST]), 15, 2);
    const weights = Object.fromEntries(
      sourceWeights(history, [LIKE, AGAINST]).map(({ name, weight }) => [name, weight]),
    );
    expect(weights['against']).toBe(0);
    expect(weights['like']).toBeGreaterThan(0.2);
    expect(bestOf(history)).toBeLessThan(0.05);
  });

  it('finds its way with nothing but a source that misleads', () => {
    expect(bestOf(study(transferSampler([AGAINST]), 30, 3))).toBeLessThan(0.02);
  });

  it('is the plain sampler without sources, and for several objectives', () => {
    const history = study(gpSampler(), 12, 4);
    const two: History = {
      ...history,
      directions: ['minimize', 'minimize'],
      trials: history.trials.map((trial) => ({ ...trial, values: [trial.values![0]!, Number(trial.params['cfg'])] })),
    };
    const next = (sampler: Sampler, of: History): Params => sampler.suggest(of, mulberry32(1));
    expect(next(transferSampler([]), history)).toEqual(next(gpSampler(), history));
    expect(next(transferSampler([LIKE]), two)).toEqual(next(gpSampler(), two));
  });

  it('[GP-12] asks the same whatever the unit of the new study, and from the same history', () => {
    const { trials, ...rest } = study(transferSampler([LIKE, AGAINST]), 8, 5);
    const ask = (times: number): number[] => {
      const changed = trials.map((trial) => ({ ...trial, values: [40 + times * trial.values![0]!] }));
      const params = transferSampler([LIKE, AGAINST]).suggest({ ...rest, trials: changed }, mulberry32(1));
      return [Number(params['cfg']), Number(params['denoise']), 'abcdef'.indexOf(String(params['sampler']))];
    };
    expect(ask(1)).toEqual(ask(1));
    ask(1000).forEach((each, i) => {
      expect(each).toBeCloseTo(ask(1)[i]!, 3);
    });
  });

  it('asks for something else while the first point runs, and after it crashed', () => {
    const sampler = transferSampler([LIKE]);
    const history: History = { space: SPACE, directions: ['minimize'], trials: [] };
    const params = sampler.suggest(history, mulberry32(1));
    const states: Pick<Trial, 'state' | 'failure'>[] = [
      { state: 'RUNNING' },
      { state: 'FAIL', failure: 'out-of-memory' },
    ];
    for (const state of states) {
      const trials: Trial[] = [{ number: 0, params, intermediate: [], ...state }];
      expect(sampler.suggest({ ...history, trials }, mulberry32(1))).not.toEqual(params);
    }
  });

  it('takes sources of many trials, of none and of some of the parameters', () => {
    const many = { ...LIKE, trials: Array.from({ length: 20 }, () => LIKE.trials).flat() };
    const distinct = { ...many, trials: many.trials.map(({ params, loss: each }, i) => shifted(params, each, i)) };
    const fewer = {
      name: 'fewer',
      trials: LIKE.trials.map(({ params: { cfg }, loss: each }) => ({ params: { cfg: cfg! }, loss: each })),
    };
    const history = study(transferSampler([distinct, fewer, { name: 'none', trials: [] }]), 12, 6);
    expect(bestOf(history)).toBeLessThan(0.05);
    expect(sourceWeights(history, [{ name: 'none', trials: [] }])).toEqual([{ name: 'none', weight: 0 }]);
  });

  it('[GP-12] takes sources in any unit: only the order of their losses counts', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, (all) => {
        const scores = normalScores(all);
        expect(normalScores(all.map((value) => value ** 3 / 1000 + value))).toEqual(scores);
        expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(0, 8);
        all.forEach((value, i) => {
          if (value < all[0]!) expect(scores[i]).toBeLessThan(scores[0]!);
        });
      }),
    );
  });
});
