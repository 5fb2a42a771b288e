import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep, promotionDue, recommendedAt } from '../../../../src/plan/optimize/fidelity/decider.ts';
import { type Climber, promotion } from '../../../../src/plan/optimize/fidelity/promotion.ts';
import { promptEffects } from '../../../../src/plan/optimize/fidelity/prompt-effects.ts';
import { gpSampler } from '../../../../src/plan/optimize/gp/sampler.ts';
import { mulberry32, normal, seedOf } from '../../../../src/plan/optimize/rng.ts';
import type { Fidelity, History } from '../../../../src/plan/optimize/sampler.ts';
import type { Params, Space } from '../../../../src/plan/optimize/space.ts';
import type { Trial } from '../../../../src/plan/optimize/trial.ts';

const LADDER = { rungs: [1, 3, 9], reduction: 3 };
const SPACE: Space = {
  parameters: [
    { name: 'cfg', kind: 'float', low: 0, high: 1 },
    { name: 'sampler', kind: 'categorical', choices: ['a', 'b', 'c'] },
  ],
};

function loss({ cfg, sampler }: Params): number {
  return (Number(cfg) - 0.7) ** 2 + 0.3 * 'bac'.indexOf(String(sampler));
}

/** Runs a study for some steps; what a report says is given. */
function study(
  fidelity: Fidelity,
  steps: number,
  report: (params: Params, trial: number, step: number) => number,
): History {
  const trials: Trial[] = [];
  const history: History = { space: SPACE, directions: ['minimize'], trials };
  for (let i = 0; i < steps; i++) {
    const next = nextStep(history, fidelity, mulberry32(seedOf(`step ${i}`)));
    const trial: Trial =
      next.kind === 'promote'
        ? trials[next.trial]!
        : { number: trials.length, state: 'PRUNED', params: next.params, intermediate: [] };
    const from = trial.intermediate.length;
    const at =
      fidelity.kind === 'resolution' ? [next.step] : Array.from({ length: next.step - from }, (_, k) => from + k + 1);
    const reports = at.map((step) => ({ step, values: [report(trial.params, trial.number, step)] }));
    trials[trial.number] = { ...trial, intermediate: [...trial.intermediate, ...reports] };
  }
  return history;
}

describe('promotion', () => {
  it('[GP-13] takes up a trial that is among the best third of its rung, from the top down', () => {
    const climbers = fc.array(fc.record({ rung: fc.nat(2), score: fc.nat(1000), isHeld: fc.boolean() }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(climbers, (all) => {
        const given: Climber[] = all.map(({ rung, score, isHeld }, trial) => ({
          trial,
          rung,
          isHeld,
          scores: new Array<number>(rung + 1).fill(score + trial / 100),
        }));
        const found = promotion(LADDER, given);
        const isTop = ({ rung, scores }: Climber): boolean => {
          const rivals = given.filter((other) => other.rung >= rung);
          const better = rivals.filter((other) => other.scores[rung]! < scores[rung]!).length;
          const places = Math.floor(rivals.length / LADDER.reduction);
          const taken = given.filter((other) => other.rung > rung).length;
          return better < places && taken < places;
        };
        const able = given.filter((each) => each.rung < 2 && !each.isHeld && isTop(each));
        if (found === undefined) expect(able).toEqual([]);
        else {
          expect(able.map(({ trial }) => trial)).toContain(found[0]);
          expect(found[1]).toBe(given[found[0]]!.rung + 1);
          expect(Math.max(...able.map(({ rung }) => rung))).toBe(given[found[0]]!.rung);
        }
      }),
    );
  });
});

describe('effects of prompts', () => {
  it('[GP-14] are taken out where trials saw different ones', () => {
    const offsets = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 });
    const seen = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(3, 9)), {
      minLength: 8,
      maxLength: 16,
    });
    fc.assert(
      fc.property(offsets, seen, (prompts, trials) => {
        const whole = [...trials, [0.5, 9] as const];
        const cells = whole.flatMap(([value, count], trial) =>
          prompts.slice(0, count).map((offset, prompt) => ({ trial, prompt, loss: value + offset })),
        );
        const found = promptEffects(cells).trials;
        // Differences of trials are what decides.
        const off = whole.map(([value], trial) => found.get(trial)! - value);
        const few = Math.min(...prompts.map((_, prompt) => whole.filter(([, count]) => count > prompt).length));
        expect(Math.max(...off) - Math.min(...off)).toBeLessThan(few < 3 ? 1 : 0.35);
      }),
    );
  });

  it('are none where there is nothing', () => {
    expect(promptEffects([]).trials.size).toBe(0);
    expect(promptEffects([{ trial: 4, prompt: 1, loss: 2 }]).trials.get(4)).toBeCloseTo(2, 9);
  });
});

describe('a study with a fidelity', () => {
  const images: Fidelity = { kind: 'images', ...LADDER };

  it('finds the best over prompts that differ more than trials do', () => {
    const noise = mulberry32(3);
    const history = study(images, 60, (params, _, step) => loss(params) + Math.sin(7 * step) + 0.05 * normal(noise));
    const trial = history.trials[recommendedAt(history, images)!]!;
    expect(loss(trial.params)).toBeLessThan(0.02);
    expect(trial.intermediate.length).toBe(9);
    const counts = history.trials.map(({ intermediate }) => intermediate.length);
    expect(counts.every((count) => [1, 3, 9].includes(count))).toBe(true);
    expect(counts.filter((count) => count === 1).length).toBeGreaterThan(counts.filter((count) => count === 9).length);
  });

  it('[GP-15] asks what holds at the top where lower rungs are biased', () => {
    const resolution: Fidelity = { kind: 'resolution', ...LADDER };
    // Low resolutions like low cfg.
    const biased = (params: Params, _: number, step: number): number =>
      loss(params) + 0.4 * Number(params['cfg']) * (1 - Math.sqrt(step / 9));
    const history = study(resolution, 60, biased);
    const trial = history.trials[recommendedAt(history, resolution)!]!;
    expect(loss(trial.params)).toBeLessThan(0.02);
  });

  it('[GP-15] learns of several objectives at once what holds at the top', () => {
    for (const kind of ['images', 'resolution'] as const) {
      const fidelity: Fidelity = { kind, rungs: [1, 3, 9], reduction: 3 };
      const rng = mulberry32(5);
      const trials = Array.from({ length: 14 }, (_, number): Trial => {
        const params = { cfg: rng(), sampler: 'abc'[number % 3]! };
        const steps = kind === 'images' ? [1, 2, 3] : [1, 3];
        // A cheap setting is worse by as much for each.
        const reports = (number % 2 === 0 ? steps : [1]).map((step) => ({
          step,
          values: [loss(params) + 1 / step, (Number(params.cfg) - 0.3) ** 2 + 1 / step],
        }));
        return { number, state: 'PRUNED', params, intermediate: reports };
      });
      const history: History = { space: SPACE, directions: ['minimize', 'minimize'], trials, fidelity };
      const points = Array.from({ length: 6 }, (_, i) => gpSampler().suggest(history, mulberry32(i)));
      const between = points.filter(({ cfg }) => Number(cfg) > 0.2 && Number(cfg) < 0.8);
      expect(between.length).toBeGreaterThanOrEqual(4);
    }
  });

  it('[GP-19] looks at random on every third start of a ladder, whatever the model knows', () => {
    const told = (count: number, kind: Fidelity['kind'], of: (cfg: number) => number): History => {
      const rng = mulberry32(9);
      const trials = Array.from({ length: count }, (_, number): Trial => {
        const params = { cfg: rng(), sampler: 'abc'[number % 3]! };
        return { number, state: 'PRUNED', params, intermediate: [{ step: 1, values: [of(params.cfg)] }] };
      });
      return { space: SPACE, directions: ['minimize'], trials, fidelity: { kind, ...LADDER } };
    };
    const isBlind = (count: number, kind: Fidelity['kind']): boolean => {
      const [low, high] = [(cfg: number) => cfg, (cfg: number) => -cfg].map((of) =>
        gpSampler().suggest(told(count, kind, of), mulberry32(4)),
      );
      return JSON.stringify(low) === JSON.stringify(high);
    };
    const counts = [12, 13, 14, 15, 16, 17, 18];
    expect(counts.filter((count) => isBlind(count, 'resolution'))).toEqual([12, 15, 18]);
    expect(counts.filter((count) => isBlind(count, 'steps'))).toEqual([12, 15, 18]);
    expect(counts.filter((count) => isBlind(count, 'images'))).toEqual([]);
  });

  it('leaves running trials alone, lives without a report, and repeats itself', () => {
    const history = study(images, 20, (params) => loss(params));
    const busy: History = { ...history, trials: history.trials.map((trial) => ({ ...trial, state: 'RUNNING' })) };
    expect(nextStep(busy, images, mulberry32(1)).kind).toBe('start');
    const empty: History = { ...history, trials: [] };
    expect(nextStep(empty, images, mulberry32(1)).kind).toBe('start');
    expect(recommendedAt(empty, images)).toBeUndefined();
    expect(nextStep(history, images, mulberry32(1))).toEqual(nextStep(history, images, mulberry32(1)));
  });

  it('[GP-13] takes up nothing that breaks a limit, and starts where limits hold', () => {
    const free = study(images, 40, (params) => loss(params));
    const limited = free.trials.map((trial) => ({
      ...trial,
      state: 'PRUNED' as const,
      intermediate: trial.intermediate.slice(0, 1),
      constraints: [Number(trial.params['cfg']) - 0.5],
    }));
    const history: History = { ...free, trials: limited };
    const next = promotionDue(history, images);
    expect(next).toMatchObject({ kind: 'promote', step: 3 });
    expect(limited[next?.kind === 'promote' ? next.trial : -1]!.params['cfg']).toBeLessThanOrEqual(0.5);
    const held = limited.map((trial) => ({ ...trial, constraints: [1] }));
    expect(promotionDue({ ...history, trials: held }, images)).toBeUndefined();
    const lost = limited.map((trial) => ({ ...trial, failure: 'error' as const }));
    expect(promotionDue({ ...history, trials: lost }, images)).toBeUndefined();
    const starts = Array.from({ length: 5 }, (_, i) => nextStep({ ...history, trials: lost }, images, mulberry32(i)));
    const allowed = starts.filter((one) => one.kind === 'start' && Number(one.params['cfg']) <= 0.6);
    expect(allowed.length).toBeGreaterThanOrEqual(4);
  });

  it('ignores reports that are no numbers', () => {
    const history = study(images, 30, (params, trial) => (trial % 4 === 0 ? Number.NaN : loss(params)));
    expect(recommendedAt(history, images)! % 4).not.toBe(0);
  });
});
