import type { Catalog } from '../../../core/catalog/catalog.ts';
import { type InputPlace, placeKey } from '../../../core/workflow/effective.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Condition, Parameter } from '../space.ts';
import { withAlso } from './also.ts';
import { tidy } from './bounds.ts';
import { type Draft, isHosted, placeOf } from './draft.ts';
import { type Goal, heldBy } from './goals.ts';
import { LiveGraph } from './live.ts';
import { namesFor } from './name.ts';
import { type Conditional, draftsOf, switchKey } from './states.ts';
import type { Held, NamedNode, Target, Tunable, Tunables } from './tunable.ts';

/** What the search is for; without it everything that can be varied is. */
export interface FindOptions {
  readonly goal?: Goal | readonly Goal[];
  /** Widgets to search whatever they mean. */
  readonly also?: readonly InputPlace[];
}

/**
 * The parameters of a workflow by their meaning, where their values live, with ranges by the family of the model they
 * belong to; what was found and is not searched, with the reason; and what costs money. Pure. [SP-1]
 */
export function findTunables(workflow: Workflow, catalog: Catalog, { goal, also = [] }: FindOptions = {}): Tunables {
  const graph = new LiveGraph(workflow, catalog);
  const { drafts, models } = draftsOf(graph, catalog);
  const all = also.reduce<readonly Conditional[]>((list, place) => withAlso(list, place, graph), drafts);
  const alsoKeys = new Set(also.map(placeKey));
  const isSearched = all.map((draft) => decided(draft, '', goal, alsoKeys).parameter !== undefined);
  const names = namesFor(all, isSearched, workflow);
  const tunables: Tunable[] = [];
  const held: Held[] = [];
  for (const [at, draft] of all.entries()) {
    const name = names[at]!;
    const { parameter, why } = decided(draft, name, goal, alsoKeys);
    const readers = draft.readers.map(placeOf);
    const { meaning, targets } = draft;
    const when = conditionOf(draft, all, names);
    const current = typeof draft.current === 'number' ? tidy(draft.current) : draft.current;
    if (parameter === undefined || typeof current === 'bigint') {
      held.push({ name, meaning, current, targets, readers, why, ...(when ? { when } : {}) });
      continue;
    }
    tunables.push({
      parameter: when ? { ...parameter, when } : parameter,
      meaning,
      current: meaning === 'split' ? (draft.current as number) : current,
      targets,
      readers,
      why,
    });
  }
  const settled = withoutOrphans(tunables, held).map((one) => ({
    ...one,
    targets: namedShares(one.targets, tunables),
  }));
  return {
    space: { parameters: settled.map(({ parameter }) => parameter) },
    tunables: settled,
    held,
    models,
    hosted: nodesWhere(graph, isHosted),
    unknown: nodesWhere(graph, ({ definition }) => definition === undefined),
  };
}

function decided(
  draft: Draft,
  name: string,
  goal: Goal | readonly Goal[] | undefined,
  also: ReadonlySet<string>,
): { parameter?: Parameter; why: string } {
  const decision = draft.decide(name);
  const isAsked = draft.targets.some(({ place }) => also.has(placeKey(place)));
  const why = decision.parameter && !isAsked ? heldBy(goal, draft.meaning) : undefined;
  return why === undefined ? decision : { why };
}

function conditionOf(
  { on }: Conditional,
  all: readonly Conditional[],
  names: readonly string[],
): Condition[] | undefined {
  if (!on) return undefined;
  const at = all.findIndex((one) => one.meaning === 'switch' && switchKey(one) === on.switch);
  return [{ parent: names[at]!, values: [on.value] }];
}

/** What hangs on a switch that is not searched counts where the switch stands, or not at all. */
function withoutOrphans(tunables: readonly Tunable[], held: Held[]): Tunable[] {
  const searched = new Set(tunables.map(({ parameter }) => parameter.name));
  return tunables.flatMap((one) => {
    const { when, ...plain } = one.parameter;
    const [condition] = when ?? [];
    if (!condition || searched.has(condition.parent)) return [one];
    const stands = held.find(({ name }) => name === condition.parent)?.current;
    const isOn = condition.values.some((value) => value === stands);
    return isOn ? [{ ...one, parameter: plain as Parameter }] : [];
  });
}

/** Shares of steps by the name of the parameter that the steps are, where they are one. */
function namedShares(targets: readonly Target[], tunables: readonly Tunable[]): Target[] {
  return targets.map((target) => {
    const { write } = target;
    if (write.as !== 'share') return target;
    const owner = tunables.find((one) => one.targets.some(({ place }) => placeKey(place) === write.of));
    return { ...target, write: { ...write, of: owner?.parameter.name } };
  });
}

function nodesWhere(graph: LiveGraph, fits: (node: Parameters<typeof isHosted>[0]) => boolean): NamedNode[] {
  const found = [...graph.nodes].filter(fits).map(({ place, classType }) => ({ ...place, class_type: classType }));
  return [...new Map(found.map((one) => [JSON.stringify([one.scope, one.node]), one])).values()];
}
