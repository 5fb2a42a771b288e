import { mulberry32, seedOf } from '../../src/plan/optimize/rng.ts';
import type { Fidelity, History } from '../../src/plan/optimize/sampler.ts';
import type { Params } from '../../src/plan/optimize/space.ts';
import type { Intermediate, TrialState } from '../../src/plan/optimize/trial.ts';
import type { FidelityArm } from './arms.ts';
import type { Problem } from './problems.ts';

interface Running {
  readonly number: number;
  readonly params: Params;
  state: TrialState;
  values?: readonly number[];
  readonly intermediate: Intermediate[];
}

/** The fidelity of a problem as pruners see it. */
export function fidelityOf({ specification: { images, rungs } }: Problem): Fidelity {
  return images === undefined
    ? { kind: 'resolution', rungs: rungs ?? [1], reduction: 3 }
    : { kind: 'images', rungs: [1, 3, 9, images], reduction: 3 };
}

/**
 * Runs one study of a problem with a fidelity until all budgets are spent. An image costs 1 and is never made twice; a
 * lower resolution costs its amount each time. Returns the regret of what the arm recommends when a budget is spent.
 */
export function runFidelity(
  problem: Problem,
  arm: FidelityArm,
  seed: number,
  budgets: readonly number[],
): Record<number, number> {
  const { space, name, optimum } = problem.specification;
  const fidelity = fidelityOf(problem);
  const top = fidelity.rungs.at(-1)!;
  const trials: Running[] = [];
  const history: History = { space, directions: ['minimize'], trials, fidelity };
  const at: Record<number, number> = {};
  let spent = 0;
  const isOver = (cost: number): boolean => {
    for (const budget of budgets) {
      if (spent + cost <= budget || budget in at) continue;
      const best = trials[arm.recommend(history, fidelity) ?? -1];
      at[budget] = best ? problem.formulas.comfy(best.params) - (optimum?.value ?? 0) : NaN;
    }
    spent += cost;
    return budgets.every((budget) => budget in at);
  };
  for (let asks = 0; ; asks++) {
    const next = arm.next(history, fidelity, mulberry32(seedOf(`${name}|${seed}|ask|${asks}`)));
    const number = next.kind === 'start' ? trials.length : next.trial;
    if (next.kind === 'start') trials.push({ number, params: next.params, state: 'RUNNING', intermediate: [] });
    const trial = trials[number]!;
    trial.state = 'RUNNING';
    for (const { step, cost } of stepsTo(next.step, trial, fidelity, arm.isClimbing)) {
      if (isOver(cost)) return at;
      trial.intermediate.push({ step, values: [observe(problem, trial, step, seed)] });
      if (step < next.step && arm.shouldStop?.(history, fidelity, number)) break;
    }
    const reached = trial.intermediate.at(-1)!.step;
    trial.state = reached >= top ? 'COMPLETE' : 'PRUNED';
    if (reached >= top) trial.values = [finalValue(trial, fidelity)];
  }
}

/** The reports on the way to a step: of images each one that is missing, of resolutions the step or each rung up to it. */
function stepsTo(
  step: number,
  { intermediate }: Running,
  { kind, rungs }: Fidelity,
  isClimbing = false,
): { step: number; cost: number }[] {
  const from = intermediate.at(-1)?.step ?? 0;
  if (kind === 'images') return Array.from({ length: step - from }, (_, i) => ({ step: from + i + 1, cost: 1 }));
  const passed = isClimbing ? rungs.filter((rung) => rung > from && rung <= step) : [step];
  return passed.map((rung) => ({ step: rung, cost: rung }));
}

function observe({ formulas, noise, specification }: Problem, trial: Running, step: number, seed: number): number {
  const deviation = specification.noise[0]!;
  return specification.images === undefined
    ? formulas.lowres(trial.params, step) + deviation * noise(seed, trial.number, step)
    : formulas.prompt(trial.params, step - 1) + deviation * noise(seed, trial.number, step - 1);
}

function finalValue({ intermediate }: Running, { kind }: Fidelity): number {
  const values = intermediate.map((report) => report.values[0]!);
  return kind === 'images' ? values.reduce((sum, value) => sum + value, 0) / values.length : values.at(-1)!;
}
