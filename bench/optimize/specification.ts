import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Parameter, Params, ParamValue, Space } from '../../src/plan/optimize/space.ts';

/** One sampler of the invented table: how good, how fast to converge, evaluations and order, what kind it is. */
export interface SamplerRow {
  readonly name: string;
  readonly base: number;
  readonly tau: number;
  readonly nfe: number;
  readonly order: number;
  readonly stoch: number;
  readonly cfgpp: number;
  readonly fam: number;
  readonly gpu: number;
}

/** How a source of the transfer problem differs from the target. */
export interface Task {
  readonly cfg0: number;
  readonly d0: number;
  readonly tau_mul: number;
  readonly base_jit: readonly number[];
}

interface LoraTable {
  readonly gain: Readonly<Record<string, number>>;
  readonly opt: number;
  readonly w: number;
}

/** Constants of the formulas, by the names that the document of the problems gives them. */
export interface Constants {
  readonly samplers: readonly SamplerRow[];
  readonly schedulers: readonly string[];
  readonly compat: readonly (readonly number[])[];
  readonly sched_cfg: readonly number[];
  readonly res: readonly number[];
  readonly qres: readonly number[];
  readonly k: Readonly<Record<string, number>>;
  readonly lat_weight: number;
  readonly hartmann6: {
    readonly A: readonly (readonly number[])[];
    readonly P: readonly (readonly number[])[];
    readonly alpha: readonly number[];
  };
  readonly ackley: {
    readonly shift_a: number;
    readonly shift_b: number;
    readonly i0: number;
    readonly j0: number;
    readonly step: number;
    readonly c: Readonly<Record<string, number>>;
    readonly d: Readonly<Record<string, number>>;
    readonly e: boolean;
    readonly g: boolean;
  };
  readonly cond: Readonly<
    Record<
      'cfg_w' | 'guid' | 'guid_w' | 'shift' | 'shift_w' | 'hires_gain' | 'hd' | 'hdw' | 'hs_tau' | 'hires_cost',
      number
    >
  > & {
    readonly base: Readonly<Record<string, number>>;
    readonly cfg: Readonly<Record<string, number>>;
    readonly flux_bad: Readonly<Record<string, number>>;
    readonly up: Readonly<Record<string, number>>;
    readonly lora1: LoraTable;
    readonly lora2: LoraTable;
    readonly lora_load: number;
  };
  readonly prompts: {
    readonly offset: readonly number[];
    readonly het: readonly (readonly [number, number, number])[];
    readonly het_amp: number;
  };
  readonly lowres: {
    readonly amp1: number;
    readonly amp2: number;
    readonly freq: number;
    readonly phase: readonly number[];
  };
  readonly sources: readonly Task[];
}

/** A point of which the reference recorded the values. */
export interface Vector {
  readonly x: Params;
  readonly f: number | readonly number[];
  /** Noise of seed 3, objective 0; the place in the list is the trial. */
  readonly noise0: number;
  readonly vram?: number;
  readonly latency?: number;
  readonly image0?: number;
  readonly image5?: number;
  readonly z1?: number;
}

type Kind = 'single' | 'constrained' | 'multi' | 'fidelity' | 'transfer' | 'preference';

/** A problem as its document describes it. */
export interface ProblemSpecification {
  readonly name: string;
  readonly kind: Kind;
  /** Name of the formula. */
  readonly fn: string;
  /** Standard deviation of the observation, one for each objective. */
  readonly noise: readonly number[];
  readonly space: Space;
  readonly optimum?: { readonly value: number };
  /** The median over the space less the optimum. */
  readonly scale?: number;
  /** Reference point and volume of the true front, of two objectives. */
  readonly ref?: readonly number[];
  readonly hv_true?: number;
  /** Needs more memory than there is: no value is seen. */
  readonly constrained?: boolean;
  readonly images?: number;
  readonly rungs?: readonly number[];
  readonly budgets?: readonly number[];
  readonly history_per_source?: number;
  readonly temperature?: number;
  readonly vectors: readonly Vector[];
}

/** The document with all problems. */
export interface Specification {
  readonly consts: Constants;
  readonly checkpoints: readonly number[];
  readonly problems: readonly ProblemSpecification[];
}

type RawParameter = {
  readonly type: Parameter['kind'];
  readonly low: number;
  readonly high: number;
  readonly choices: readonly ParamValue[];
  readonly when?: Readonly<Record<string, readonly ParamValue[]>>;
};
type RawProblem = Omit<ProblemSpecification, 'name' | 'space'> & {
  readonly space: Readonly<Record<string, RawParameter>>;
};

/** Reads the problems of `problems.json`. */
export function readSpecification(file: string): Specification {
  const raw = JSON.parse(readFileSync(file, 'utf8')) as {
    consts: Constants;
    checkpoints: number[];
    problems: Record<string, RawProblem>;
  };
  const problems = Object.entries(raw.problems).map(([name, problem]) => ({
    ...problem,
    name,
    space: { parameters: Object.entries(problem.space).map(([key, given]) => parameterOf(key, given)) },
  }));
  return { consts: raw.consts, checkpoints: raw.checkpoints, problems };
}

/** Where the problems lie when no file is named: beside the project, not in it. */
export function defaultProblems(root: string): string {
  return join(root, '../shared/data/hpo/problems.json');
}

function parameterOf(name: string, { type, low, high, choices, when }: RawParameter): Parameter {
  const conditions = Object.entries(when ?? {}).map(([parent, values]) => ({ parent, values }));
  const named = conditions.length > 0 ? { name, when: conditions } : { name };
  if (type === 'float' || type === 'int') return { ...named, kind: type, low, high };
  return { ...named, kind: type, choices };
}
