import { uniformPoint } from '../../src/plan/optimize/domain/uniform.ts';
import { nextStep, recommendedAt } from '../../src/plan/optimize/fidelity/decider.ts';
import { transferSampler } from '../../src/plan/optimize/gp/transfer.ts';
import { nextDuel, preferred } from '../../src/plan/optimize/preference/duel.ts';
import type { Pruner } from '../../src/plan/optimize/pruner.ts';
import { PRUNERS } from '../../src/plan/optimize/pruners/index.ts';
import { standings } from '../../src/plan/optimize/pruners/standing.ts';
import type { Rng } from '../../src/plan/optimize/rng.ts';
import type { Fidelity, History, Sampler } from '../../src/plan/optimize/sampler.ts';
import { SAMPLERS } from '../../src/plan/optimize/samplers/index.ts';
import type { Params, Space } from '../../src/plan/optimize/space.ts';
import type { Trial } from '../../src/plan/optimize/trial.ts';

/** A sampler on the plain problems; without the reference point of the hypervolume where a name ends in `-noref`. */
export interface PlainArm {
  readonly name: string;
  readonly isReferenceGiven: boolean;
  make(seed: number): Sampler;
}

/** What decides on the problems with a fidelity. */
export interface FidelityArm {
  readonly name: string;
  /** Reports at every rung on the way, and pays for it where a lower one is no part of a higher one. */
  readonly isClimbing?: boolean;
  next(history: History, fidelity: Fidelity, rng: Rng): NextStep;
  /** Whether a trial stops before the step that it was sent to. */
  shouldStop?(history: History, fidelity: Fidelity, trial: number): boolean;
  /** The number of the trial that it takes for the best. */
  recommend(history: History, fidelity: Fidelity): number | undefined;
}

/** The next thing that such an arm does, up to an amount of the fidelity. */
export type NextStep =
  | { readonly kind: 'start'; readonly params: Params; readonly step: number }
  | { readonly kind: 'promote'; readonly trial: number; readonly step: number };

/** A finished study that a new one may learn from; losses in a unit of their own. */
export interface Past {
  readonly name: string;
  readonly trials: readonly { readonly params: Params; readonly loss: number }[];
}

/** A sampler that knows past studies. */
export interface TransferArm {
  readonly name: string;
  make(pasts: readonly Past[]): Sampler;
}

/** A comparison of two points by their places in the list. */
export interface Comparison {
  readonly winner: number;
  readonly loser: number;
}

/** What decides whom a judge compares next. */
export interface PreferenceArm {
  readonly name: string;
  /** The champion is the place of a point that was seen, undefined for the very first; the challenger is new. */
  next(
    space: Space,
    points: readonly Params[],
    comparisons: readonly Comparison[],
    rng: Rng,
  ): { readonly champion: number | undefined; readonly challenger: Params };
  recommend(space: Space, points: readonly Params[], comparisons: readonly Comparison[]): number | undefined;
}

/** Arms of the plain problems: every sampler but the grid. */
export const PLAIN_ARMS: readonly PlainArm[] = Object.entries(SAMPLERS)
  .filter(([name]) => name !== 'grid')
  .flatMap(([name, { make }]) => [
    { name, isReferenceGiven: true, make: (seed) => make({ seed }) },
    { name: `${name}-noref`, isReferenceGiven: false, make: (seed) => make({ seed }) },
  ]);

/** Arms of the problems with a fidelity: samplers under pruners, full evaluations beside them. */
export const FIDELITY_ARMS: readonly FidelityArm[] = [
  { name: 'gp/asha', next: nextStep, recommend: recommendedAt },
  ...['random', 'tpe'].flatMap((sampler) => [
    full(sampler),
    ...Object.entries(PRUNERS).map(([name, { pruner }]) => pruned(sampler, name, pruner)),
  ]),
];

/** Arms of the transfer problem: a study that knows nothing, and one that takes past trials for its own. */
export const TRANSFER_ARMS: readonly TransferArm[] = [
  { name: 'gp-cold', make: () => SAMPLERS['gp']!.make({ seed: 0 }) },
  { name: 'gp-warm', make: transferSampler },
  { name: 'gp-pooled', make: (pasts) => pooled(SAMPLERS['gp']!.make({ seed: 0 }), pasts) },
  { name: 'tpe-cold', make: () => SAMPLERS['tpe']!.make({ seed: 0 }) },
  { name: 'tpe-pooled', make: (pasts) => pooled(SAMPLERS['tpe']!.make({ seed: 0 }), pasts) },
];

/** Arms of the preference problem: a model of utilities; and who won last meets a random point. */
export const PREFERENCE_ARMS: readonly PreferenceArm[] = [
  { name: 'gp', next: nextDuel, recommend: preferred },
  {
    name: 'champion-vs-random',
    next: (space, points, comparisons, rng) => ({
      champion: points.length === 0 ? undefined : (comparisons.at(-1)?.winner ?? 0),
      challenger: uniformPoint(space, rng),
    }),
    recommend: (_, points, comparisons) => comparisons.at(-1)?.winner ?? (points.length > 0 ? 0 : undefined),
  },
];

function full(sampler: string): FidelityArm {
  const { suggest } = SAMPLERS[sampler]!.make({ seed: 0 });
  return {
    name: `${sampler}/none`,
    next: (history, { rungs }, rng) => ({ kind: 'start', params: suggest(history, rng), step: rungs.at(-1)! }),
    recommend: deepest,
  };
}

function pruned(sampler: string, name: string, pruner: Pruner): FidelityArm {
  const { suggest } = SAMPLERS[sampler]!.make({ seed: 0 });
  return {
    name: `${sampler}/${name}`,
    isClimbing: name === 'median',
    next: (history, fidelity, rng) => {
      const next = pruner.next(history, fidelity);
      return next.kind === 'start' ? { ...next, params: suggest(history, rng) } : next;
    },
    shouldStop: pruner.shouldStop,
    recommend: deepest,
  };
}

/** The best at the highest rung that anybody reached. */
function deepest({ trials, directions }: History, fidelity: Fidelity): number | undefined {
  for (const rung of [...fidelity.rungs].reverse()) {
    const [best] = standings(trials, rung, fidelity, directions);
    if (best) return best.trial.number;
  }
  return undefined;
}

function pooled({ name, suggest }: Sampler, pasts: readonly Past[]): Sampler {
  const before = pasts.flatMap(({ trials }) => trials);
  const past = before.map(
    ({ params, loss }, number): Trial => ({ number, state: 'COMPLETE', params, values: [loss], intermediate: [] }),
  );
  return {
    name,
    suggest: (history, rng) => {
      const own = history.trials.map((trial) => ({ ...trial, number: trial.number + past.length }));
      return suggest({ ...history, trials: [...past, ...own] }, rng);
    },
  };
}
