import fc from 'fast-check';
import { mulberry32, type Rng } from '../../../src/plan/optimize/rng.ts';
import type { History } from '../../../src/plan/optimize/sampler.ts';
import type { Parameter, Params, ParamValue, Space } from '../../../src/plan/optimize/space.ts';
import type { Direction, Trial } from '../../../src/plan/optimize/trial.ts';

/** Three numbers, a category, and a child that is there with one choice only. */
export const SPACE: Space = {
  parameters: [
    { name: 'cfg', kind: 'float', low: 1, high: 9 },
    { name: 'strength', kind: 'float', low: 0.01, high: 10, log: true },
    { name: 'steps', kind: 'int', low: 8, high: 40 },
    { name: 'sampler', kind: 'categorical', choices: ['euler', 'heun', 'ddim', 'lms'] },
    { name: 'size', kind: 'ordinal', choices: [512, 640, 768, 1024] },
    { name: 'hires', kind: 'categorical', choices: [true, false] },
    { name: 'upscale', kind: 'float', low: 1, high: 2, when: [{ parent: 'hires', values: [true] }] },
  ],
};

/** A uniform point of a space. */
export function randomPoint({ parameters }: Space, rng: Rng): Params {
  const point: Record<string, ParamValue> = {};
  for (const parameter of parameters) {
    const isThere = (parameter.when ?? []).every(({ parent, values }) => values.includes(point[parent]!));
    if (isThere) point[parameter.name] = randomValue(parameter, rng());
  }
  return point;
}

function randomValue(parameter: Parameter, u: number): ParamValue {
  if ('choices' in parameter) return parameter.choices[Math.floor(u * parameter.choices.length)]!;
  const { low, high, log, kind } = parameter;
  const value = log ? low * (high / low) ** u : low + u * (high - low);
  return kind === 'int' ? Math.min(high, Math.floor(low + u * (high - low + 1))) : value;
}

/** A study of random points under functions of the point and of a stream of noise. */
export function randomStudy(
  count: number,
  objectives: readonly ((point: Params, rng: Rng) => number)[],
  { seed = 1, space = SPACE, directions }: { seed?: number; space?: Space; directions?: readonly Direction[] } = {},
): History {
  const rng = mulberry32(seed);
  const trials = Array.from({ length: count }, (_, number): Trial => {
    const params = randomPoint(space, rng);
    return { number, state: 'COMPLETE', params, values: objectives.map((f) => f(params, rng)), intermediate: [] };
  });
  return { space, directions: directions ?? objectives.map(() => 'minimize'), trials };
}

/** Any list of trials of a number of objectives: of each state, with what is no number, with constraints. */
export function anyTrials(objectives: number): fc.Arbitrary<Trial[]> {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -5, max: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
    { weight: 1, arbitrary: fc.constantFrom(1e308, -1.7e308, 1e-90) },
  );
  const values = fc.array(value, { minLength: objectives, maxLength: objectives });
  const one = fc.record(
    {
      state: fc.constantFrom('COMPLETE', 'COMPLETE', 'COMPLETE', 'PRUNED', 'FAIL', 'RUNNING', 'WAITING'),
      seed: fc.nat(1000),
      values,
      constraints: fc.array(fc.integer({ min: -3, max: 2 }), { maxLength: 2 }),
    },
    { requiredKeys: ['state', 'seed'] },
  );
  return fc.array(one, { maxLength: 25 }).map((list) =>
    list.map(({ seed, ...rest }, number) => ({
      ...rest,
      number,
      state: rest.state as Trial['state'],
      params: randomPoint(SPACE, mulberry32(seed)),
      intermediate: [],
    })),
  );
}
