import fc from 'fast-check';
import { uniformPoint } from '../../../src/plan/optimize/domain/uniform.ts';
import { mulberry32 } from '../../../src/plan/optimize/rng.ts';
import type { History } from '../../../src/plan/optimize/sampler.ts';
import type { Parameter, ParamValue, Space } from '../../../src/plan/optimize/space.ts';
import type { Trial, TrialState } from '../../../src/plan/optimize/trial.ts';

type Kind =
  | { kind: 'float'; low: number; high: number; step?: number; log?: boolean }
  | { kind: 'int'; low: number; high: number; step?: number; log?: boolean }
  | { kind: 'ordinal' | 'categorical'; choices: ParamValue[] };

const choices = fc.uniqueArray(fc.oneof(fc.string({ maxLength: 4 }), fc.integer({ min: -9, max: 9 }), fc.boolean()), {
  minLength: 1,
  maxLength: 5,
});
const counted: fc.Arbitrary<Kind> = fc.oneof(
  fc
    .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 7 }))
    .map(([low, width, step]): Kind => ({ kind: 'int', low, high: low + width, step })),
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 200 }))
    .map(([low, width]): Kind => ({ kind: 'int', low, high: low + width, log: true })),
  fc
    .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 20 }), fc.constantFrom(0.05, 0.1, 0.25, 3))
    .map(([low, levels, step]): Kind => ({ kind: 'float', low: low / 10, high: low / 10 + levels * step, step })),
  choices.map((each): Kind => ({ kind: 'ordinal', choices: each })),
  choices.map((each): Kind => ({ kind: 'categorical', choices: each })),
);
const endless: fc.Arbitrary<Kind> = fc.oneof(
  fc
    .tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: 0.001, max: 10, noNaN: true }))
    .map(([low, width]): Kind => ({ kind: 'float', low, high: low + width })),
  fc
    .tuple(fc.double({ min: 1e-6, max: 1, noNaN: true }), fc.double({ min: 1.5, max: 1e4, noNaN: true }))
    .map(([low, ratio]): Kind => ({ kind: 'float', low, high: low * ratio, log: true })),
);

/** Spaces of 1 to 5 parameters of every kind, some of them hanging on a choice of one before. */
export function spaces({ isCounted = false }: { isCounted?: boolean } = {}): fc.Arbitrary<Space> {
  const kind = isCounted ? counted : fc.oneof(counted, endless);
  return fc.array(fc.tuple(kind, fc.nat(), fc.boolean()), { minLength: 1, maxLength: 5 }).map((given) => {
    const parameters: Parameter[] = [];
    for (const [i, [own, pick, hangs]] of given.entries()) {
      const parents = parameters.filter((each) => each.kind === 'categorical' || each.kind === 'ordinal');
      const parent = parents[pick % Math.max(1, parents.length)];
      const when =
        hangs && parent && 'choices' in parent
          ? { when: [{ parent: parent.name, values: parent.choices.slice(0, 1 + (pick % parent.choices.length)) }] }
          : {};
      parameters.push({ ...own, ...when, name: `p${i}` });
    }
    return { parameters };
  });
}

/** Histories of a space: trials of every state, out of memory among them, of one or two objectives. */
export function histories(given: fc.Arbitrary<Space> = spaces()): fc.Arbitrary<History> {
  const outcome = fc.record({
    state: fc.constantFrom<TrialState[]>('COMPLETE', 'COMPLETE', 'PRUNED', 'FAIL', 'RUNNING'),
    failure: fc.constantFrom('out-of-memory' as const, 'error' as const),
    a: fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), fc.constant(NaN)),
    b: fc.integer({ min: 0, max: 3 }),
    excess: fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: undefined }),
  });
  return fc
    .tuple(given, fc.array(outcome, { maxLength: 40 }), fc.constantFrom(1, 2), fc.nat())
    .map(([space, outcomes, objectives, seed]) => {
      const rng = mulberry32(seed);
      const trials = outcomes.map(({ state, failure, a, b, excess }, number): Trial => {
        const values = objectives === 1 ? [a] : [a, b];
        return {
          number,
          state,
          params: uniformPoint(space, rng),
          ...(state === 'COMPLETE' ? { values } : {}),
          ...(state === 'FAIL' ? { failure } : {}),
          ...(excess === undefined ? {} : { constraints: [excess] }),
          intermediate: state === 'PRUNED' ? [{ step: 1 + b, values }] : [],
        };
      });
      const directions = objectives === 1 ? (['minimize'] as const) : (['minimize', 'maximize'] as const);
      return { space, directions, trials };
    });
}
