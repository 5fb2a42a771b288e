import type { Catalog } from '../../../core/catalog/catalog.ts';
import { placeKey } from '../../../core/workflow/effective.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Condition, Parameter } from '../space.ts';
import { tidy } from './bounds.ts';
import { type Draft, draftOf, heldValues, isHosted, placeOf } from './draft.ts';
import { expertsOf, splitDrafts, tied } from './experts.ts';
import { type Goal, heldBy } from './goals.ts';
import { LiveGraph } from './live.ts';
import { ModelFinder } from './model-of.ts';
import { namesFor } from './name.ts';
import { sizeDrafts } from './size.ts';
import { type PresetSwitch, presetSwitches, turned } from './switches.ts';
import type { FoundModel, Held, NamedNode, Target, Tunable, Tunables } from './tunable.ts';

/** What the search is for; without it everything that can be varied is. */
export interface FindOptions {
  readonly goal?: Goal;
}

/** A draft with the state of the switch in which it counts. */
interface Conditional extends Draft {
  readonly on?: { readonly switch: string; readonly value: boolean };
}

/**
 * The parameters of a workflow by their meaning, where their values live, with ranges by the family of the model they
 * belong to; what was found and is not searched, with the reason; and what costs money. Pure. [SP-1]
 */
export function findTunables(workflow: Workflow, catalog: Catalog, { goal }: FindOptions = {}): Tunables {
  const graph = new LiveGraph(workflow, catalog);
  const models = new ModelFinder(graph);
  const base = draftsIn(graph, models);
  const switches = presetSwitches(graph);
  const all: Conditional[] = [...switches.map(switchDraft), ...base];
  const found = new Map<string, FoundModel>(models.all().map((model) => [JSON.stringify(model), model]));
  for (const one of switches) {
    const other = new LiveGraph(turned(one, graph), catalog);
    const otherModels = new ModelFinder(other);
    for (const model of otherModels.all()) found.set(JSON.stringify(model), model);
    mergeStates(all, draftsIn(other, otherModels), one);
  }
  const isSearched = all.map((draft) => decided(draft, '', goal).parameter !== undefined);
  const names = namesFor(all, isSearched, workflow);
  const tunables: Tunable[] = [];
  const held: Held[] = [];
  for (const [at, draft] of all.entries()) {
    const name = names[at]!;
    const { parameter, why } = decided(draft, name, goal);
    const readers = draft.readers.map(placeOf);
    const { meaning, targets } = draft;
    const current = typeof draft.current === 'number' ? tidy(draft.current) : draft.current;
    if (parameter === undefined || typeof current === 'bigint') {
      held.push({ name, meaning, current, targets, readers, why });
      continue;
    }
    const when = conditionOf(draft, all, names);
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
    models: [...found.values()],
    hosted: nodesWhere(graph, isHosted),
    unknown: nodesWhere(graph, ({ definition }) => definition === undefined),
  };
}

/** All values of one state of a workflow, in the order in which they are shown. */
function draftsIn(graph: LiveGraph, models: ModelFinder): Draft[] {
  const experts = expertsOf(graph);
  const plain = tied(heldValues(graph), experts, graph, models).flatMap(
    (values) => draftOf(values, graph, models) ?? [],
  );
  const drafts = [...sizeDrafts(graph, models), ...plain, ...splitDrafts(experts, graph, models)];
  return drafts.sort((a, b) => ORDER.indexOf(a.meaning) - ORDER.indexOf(b.meaning));
}

const ORDER: readonly Draft['meaning'][] = [
  'switch',
  'steps',
  'split',
  'cfg',
  'guidance',
  'sampler',
  'scheduler',
  'denoise',
  'shift',
  'size',
  'scale',
  'frames',
  'tile',
  'lora',
  'control',
  'image',
  'seed',
];

function switchDraft({ place, value, readers, title }: PresetSwitch): Draft {
  const word =
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 32) || 'switch';
  return {
    word,
    meaning: 'switch',
    current: value,
    targets: [{ place, write: { as: 'value' }, held: value }],
    readers,
    decide: (name) => ({
      parameter: { name, kind: 'categorical', choices: [false, true] },
      why: 'chooses between two settings of the sampling',
    }),
  };
}

/**
 * Puts the values of the other state of a switch to those of the first: what both have counts always, the rest only in
 * its own state. What one state searches and the other holds is searched in that one. [SP-10]
 */
function mergeStates(all: Conditional[], others: readonly Draft[], { place, value }: PresetSwitch): void {
  const key = placeKey(place);
  const inOther = new Map(others.map((draft) => [keyOf(draft), draft]));
  for (const [at, draft] of all.entries()) {
    if (draft.on || draft.meaning === 'switch') continue;
    const other = inOther.get(keyOf(draft));
    inOther.delete(keyOf(draft));
    const isHere = draft.decide('x').parameter !== undefined;
    const isThere = other?.decide('x').parameter !== undefined;
    if (isHere === isThere && other) continue;
    if (isHere || !other) all[at] = { ...draft, on: { switch: key, value } };
    else all[at] = { ...other, on: { switch: key, value: !value } };
  }
  for (const draft of inOther.values()) all.push({ ...draft, on: { switch: key, value: !value } });
}

function keyOf({ targets }: Draft): string {
  return targets.map(({ place }) => placeKey(place)).join();
}

function decided(draft: Draft, name: string, goal: Goal | undefined): { parameter?: Parameter; why: string } {
  const decision = draft.decide(name);
  const why = decision.parameter && goal ? heldBy(goal, draft.meaning) : undefined;
  return why === undefined ? decision : { why };
}

function conditionOf(
  { on }: Conditional,
  all: readonly Conditional[],
  names: readonly string[],
): Condition[] | undefined {
  if (!on) return undefined;
  const at = all.findIndex((one) => one.meaning === 'switch' && keyOf(one) === on.switch);
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
