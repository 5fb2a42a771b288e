import type { Space } from '../plan/optimize/space.ts';
import { type Objective, PREFERENCE, type StudySource } from '../plan/optimize/study/definition.ts';
import type { Study } from './study-store.ts';

/** What a study is about, as far as another one can know of it. */
interface Subject {
  readonly objectives: readonly Objective[];
  readonly space: Space;
  readonly family?: string;
}

/** Earlier studies that a new one starts from at most: the latest. */
const MOST_SOURCES = 8;
/** Fewer measured trials say nothing. */
const FEWEST = 5;

/**
 * The earlier studies that know of a new one: of the same family of models, with the same single objective, and with half
 * of its parameters or more. A trial counts by its order alone. [ST-8]
 */
export function sourcesFor(studies: readonly Study[], { objectives, space, family }: Subject): StudySource[] {
  const [objective] = objectives;
  if (objective === undefined || objectives.length > 1 || objective.name === PREFERENCE) return [];
  const names = new Set(space.parameters.map(({ name }) => name));
  return studies
    .flatMap(({ definition, state }): (StudySource & { readonly created: number })[] => {
      const [theirs, ...more] = definition.objectives;
      if (definition.family !== family || more.length > 0) return [];
      if (theirs?.name !== objective.name || theirs.direction !== objective.direction) return [];
      const sign = objective.direction === 'maximize' ? -1 : 1;
      const trials = state.records.flatMap(({ state: ended, params, values, copies }) =>
        ended === 'COMPLETE' && values && copies === undefined ? [{ params, loss: sign * values[0]! }] : [],
      );
      const shared = new Set(trials.flatMap(({ params }) => Object.keys(params).filter((name) => names.has(name))));
      if (trials.length < FEWEST || shared.size * 2 < names.size) return [];
      return [{ study: definition.name, name: definition.name, trials, created: definition.created }];
    })
    .sort((a, b) => b.created - a.created || (a.study < b.study ? -1 : 1))
    .slice(0, MOST_SOURCES)
    .map(({ study, name, trials }) => ({ study, name, trials }));
}
