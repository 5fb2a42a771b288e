import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointFault } from '../../../../src/plan/optimize/domain/check.ts';
import { nextQuestion, preferenceSampler } from '../../../../src/plan/optimize/preference/sampler.ts';
import { mulberry32, seedOf } from '../../../../src/plan/optimize/rng.ts';
import type { History } from '../../../../src/plan/optimize/sampler.ts';
import type { Params, Space } from '../../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../../src/plan/optimize/trial.ts';

const SPACE: Space = {
  parameters: [
    { name: 'cfg', kind: 'float', low: 0, high: 1 },
    { name: 'sampler', kind: 'categorical', choices: ['a', 'b', 'c'] },
    { name: 'hires', kind: 'float', low: 0, high: 1, when: [{ parent: 'sampler', values: ['b'] }] },
  ],
};

function utility({ cfg, sampler }: Params): number {
  return -32 * (Number(cfg) - 0.3) ** 2 - 4 * 'bac'.indexOf(String(sampler));
}

const complete = (number: number, params: Params): Trial => ({
  number,
  params,
  state: 'COMPLETE',
  values: [0],
  intermediate: [],
});

/** A study of `n` trials whose comparisons are those of each with the best before. */
function judged(n: number, seed: number, unseen = 0): History {
  let history: History = { space: SPACE, directions: ['maximize'], trials: [], comparisons: [] };
  let best = 0;
  for (let i = 0; i < n; i++) {
    const params = preferenceSampler().suggest(history, mulberry32(seedOf(`${seed} ${i}`)));
    const trials = [...history.trials, complete(i, params)];
    const isBetter = i > 0 && utility(params) > utility(trials[best]!.params);
    const pair = isBetter ? { winner: i, loser: best } : { winner: best, loser: i };
    if (isBetter) best = i;
    const isSeen = i > 0 && i < n - unseen;
    history = { ...history, trials, comparisons: [...history.comparisons!, ...(isSeen ? [pair] : [])] };
  }
  return history;
}

describe('the sampler by preference', () => {
  it('[GP-17] proposes valid points, the same for the same history and stream, whatever failed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 14 }), fc.nat(4), (seed, n, failed) => {
        const known = judged(n, seed % 5);
        const trials = known.trials.map((trial): Trial => {
          if (trial.number % 5 !== failed) return trial;
          return { ...trial, state: 'FAIL', failure: 'out-of-memory' };
        });
        const history = { ...known, trials };
        const point = preferenceSampler().suggest(history, mulberry32(seed));
        expect(pointFault(SPACE, point)).toBeUndefined();
        expect(preferenceSampler().suggest(history, mulberry32(seed))).toEqual(point);
      }),
      { numRuns: 40 },
    );
  });

  it('[GP-17] comes nearer to what is liked, and does not propose beside what waits to be seen', () => {
    const gains = [1, 2, 3].map((seed) => {
      const { trials } = judged(24, seed);
      return Math.max(...trials.slice(12).map(({ params }) => utility(params)));
    });
    expect(Math.min(...gains)).toBeGreaterThan(-0.6);
    const history = judged(16, 1);
    const points: Params[] = [];
    let known = history;
    for (let i = 0; i < 4; i++) {
      const params = preferenceSampler().suggest(known, mulberry32(7));
      points.push(params);
      known = { ...known, trials: [...known.trials, complete(16 + i, params)] };
    }
    const isNear = (a: Params, b: Params): boolean =>
      a['sampler'] === b['sampler'] && Math.abs(Number(a['cfg']) - Number(b['cfg'])) < 0.05;
    expect(points.filter((point, i) => points.slice(0, i).some((other) => isNear(point, other)))).toEqual([]);
  });

  it('[RK-11] asks about the best and one that waits, of nobody seen the first two, of all seen the best', () => {
    const history = judged(10, 2, 2);
    const best = [...history.trials].slice(0, 8).sort((a, b) => utility(b.params) - utility(a.params))[0]!.number;
    const question = nextQuestion(history, [8, 9])!;
    expect(question).toMatchObject({ kind: 'duel', champion: best });
    expect([8, 9]).toContain(question.kind === 'duel' && question.challenger);
    expect(nextQuestion({ ...history, comparisons: [] }, [0, 1, 2])).toEqual({
      kind: 'duel',
      champion: 0,
      challenger: 1,
    });
    expect(nextQuestion(judged(10, 2), [])).toMatchObject({ kind: 'finalists', among: { length: 5 } });
    expect(nextQuestion(judged(1, 2), [0])).toBeUndefined();
  });
});
