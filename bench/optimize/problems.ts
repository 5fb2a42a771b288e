import { uniformPoint } from '../../src/plan/optimize/domain/uniform.ts';
import { mulberry32, normal, seedOf } from '../../src/plan/optimize/rng.ts';
import type { Params } from '../../src/plan/optimize/space.ts';
import { type Formulas, formulasOf } from './formulas.ts';
import type { ProblemSpecification, Specification, Vector } from './specification.ts';

/** What one evaluation of a point gives. */
export interface Outcome {
  /** Without noise. */
  readonly truth: readonly number[];
  /** What a study sees; nothing where the point needs more memory than there is. */
  readonly observed?: readonly number[];
  /** Memory over the limit, of problems that have one. */
  readonly excess?: number;
}

/** A problem that can be asked. */
export interface Problem {
  readonly specification: ProblemSpecification;
  readonly formulas: Formulas;
  /** Evaluates a point as trial `trial` of the study with seed `seed`. */
  evaluate(x: Params, seed: number, trial: number): Outcome;
  /** Standard normal noise of the reference's streams: one number for each (seed, trial, tag), whatever the point. */
  noise(seed: number, trial: number, tag: number): number;
  /** Points and noisy losses that a source of the transfer problem left; others for each `draw`, which the problem as recorded has not. */
  history(source: number, draw?: number): readonly { readonly params: Params; readonly value: number }[];
}

/** All problems of a document. */
export function problemsOf({ consts, problems }: Specification): readonly Problem[] {
  const formulas = formulasOf(consts);
  const limit = consts.k['vlim']!;
  return problems.map((specification) => {
    const { name, fn, kind, noise: deviations, space } = specification;
    const isLimited = kind === 'constrained' || specification.constrained === true;
    const noise = (seed: number, trial: number, tag: number): number => noiseOf(name, seed, trial, tag);
    const evaluate = (x: Params, seed: number, trial: number): Outcome => {
      const truth = formulas.values(fn, x);
      const excess = isLimited ? formulas.vram(x) - limit : undefined;
      if (excess !== undefined && excess > 0) return { truth, excess };
      const observed = truth.map((value, k) => (deviations[k] ? value + deviations[k] * noise(seed, trial, k) : value));
      return { truth, observed, ...(excess === undefined ? {} : { excess }) };
    };
    const history: Problem['history'] = (source, draw) => {
      const stream = draw === undefined ? 1000 + source : 10_000 + 10 * draw + source;
      const rng = mulberry32(seedOf(draw === undefined ? `transfer|${source}` : `transfer|${source}|${draw}`));
      return Array.from({ length: specification.history_per_source ?? 0 }, (_, trial) => {
        const params = uniformPoint(space, rng);
        const truth = formulas.comfy(params, consts.sources[source]);
        return { params, value: truth + deviations[0]! * noise(stream, trial, 0) };
      });
    };
    return { specification, formulas, evaluate, noise, history };
  });
}

/** Largest difference between the port and the recorded values of a vector, relative where they are over 1. */
export function differenceFrom({ specification, formulas, noise }: Problem, vector: Vector, place: number): number {
  const { x } = vector;
  const pairs: [number, number | undefined][] = [
    ...formulas.values(specification.fn, x).map((own, k): [number, number | undefined] => [own, [vector.f].flat()[k]]),
    [noise(3, place, 0), vector.noise0],
    ...(vector.vram === undefined ? [] : [[formulas.vram(x), vector.vram] as [number, number]]),
    ...(vector.latency === undefined ? [] : [[formulas.latency(x), vector.latency] as [number, number]]),
    ...(vector.image0 === undefined ? [] : [[formulas.prompt(x, 0), vector.image0] as [number, number]]),
    ...(vector.image5 === undefined ? [] : [[formulas.prompt(x, 5), vector.image5] as [number, number]]),
    ...(vector.z1 === undefined ? [] : [[formulas.lowres(x, 1), vector.z1] as [number, number]]),
  ];
  return Math.max(...pairs.map(([own, theirs = NaN]) => Math.abs(own - theirs) / Math.max(1, Math.abs(theirs))));
}

function noiseOf(problem: string, seed: number, trial: number, tag: number): number {
  return normal(mulberry32(seedOf(`${problem}|${seed}|${trial}|${tag}`)));
}
