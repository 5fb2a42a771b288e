import type { Catalog } from '../../../core/catalog/catalog.ts';
import { placeKey } from '../../../core/workflow/effective.ts';
import { type Draft, draftOf, heldValues, type ValueHeld } from './draft.ts';
import { expertsOf, splitDrafts, tieOf } from './experts.ts';
import { LiveGraph } from './live.ts';
import { ModelFinder } from './model-of.ts';
import { sizeDrafts } from './size.ts';
import { type PresetSwitch, presetSwitches, turned } from './switches.ts';
import type { FoundModel } from './tunable.ts';

/** A draft with the state of a switch in which it counts; without one it counts in both. */
export interface Conditional extends Draft {
  readonly on?: { readonly switch: string; readonly value: boolean };
}

/** One value of one state of the workflow, before equal ones are tied. */
interface Single extends Conditional {
  readonly tie?: string;
  readonly value?: ValueHeld;
  readonly state: State;
}

interface State {
  readonly graph: LiveGraph;
  readonly models: ModelFinder;
}

/**
 * All values of a workflow, in both states of each switch that chooses between settings: what both states have counts
 * always, the rest only in its own. What one state searches and the other holds is searched in that one. [SP-10]
 */
export function draftsOf(
  graph: LiveGraph,
  catalog: Catalog,
): { readonly drafts: readonly Conditional[]; readonly models: readonly FoundModel[] } {
  const state = { graph, models: new ModelFinder(graph) };
  const switches = presetSwitches(graph);
  const all = singlesIn(state);
  const found = new Map(state.models.all().map((model) => [JSON.stringify(model), model]));
  for (const one of switches) {
    const other = new LiveGraph(turned(one, graph), catalog);
    const otherState = { graph: other, models: new ModelFinder(other) };
    for (const model of otherState.models.all()) found.set(JSON.stringify(model), model);
    mergeState(all, singlesIn(otherState), one);
  }
  const drafts = [...switches.map(switchDraft), ...tiedDrafts(all)];
  drafts.sort((a, b) => ORDER.indexOf(a.meaning) - ORDER.indexOf(b.meaning));
  return { drafts, models: [...found.values()] };
}

/** The name by which conditions know a switch. */
export function switchKey(draft: Pick<Draft, 'targets'>): string {
  return draft.targets.map(({ place }) => placeKey(place)).join();
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
  'other',
  'seed',
];

function singlesIn(state: State): Single[] {
  const { graph, models } = state;
  const experts = expertsOf(graph);
  const plain = heldValues(graph).flatMap((value) => {
    const draft = draftOf([value], graph, models);
    return draft ? [{ ...draft, tie: tieOf(value, experts, graph, models), value, state }] : [];
  });
  const made = [...sizeDrafts(graph, models), ...splitDrafts(experts, graph, models)];
  return [...plain, ...made.map((draft) => ({ ...draft, state }))];
}

function mergeState(all: Single[], others: readonly Single[], one: PresetSwitch): void {
  const { value } = one;
  const key = switchKey(switchDraft(one));
  const inOther = new Map(others.map((single) => [switchKey(single), single]));
  for (const [at, single] of all.entries()) {
    const other = inOther.get(switchKey(single));
    inOther.delete(switchKey(single));
    if (single.on) continue;
    const isHere = single.decide('').parameter !== undefined;
    const isThere = other?.decide('').parameter !== undefined;
    if (other && isHere === isThere) continue;
    all[at] =
      isHere || !other ? { ...single, on: { switch: key, value } } : { ...other, on: { switch: key, value: !value } };
  }
  for (const single of inOther.values()) all.push({ ...single, on: { switch: key, value: !value } });
}

/** Equal values that belong together as one draft, in the place of the first. */
function tiedDrafts(all: readonly Single[]): Conditional[] {
  const groups = new Map<string, Single[]>();
  for (const single of all) {
    const key = single.tie === undefined ? switchKey(single) : single.tie;
    const whole = JSON.stringify([key, single.on ?? null]);
    groups.set(whole, [...(groups.get(whole) ?? []), single]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const { on, state } = first!;
    const values = group.flatMap(({ value }) => value ?? []);
    const draft = values.length > 1 ? draftOf(values, state.graph, state.models) : undefined;
    return draft ? { ...draft, ...(on ? { on } : {}) } : first!;
  });
}

function switchDraft({ places, value, readers, title }: PresetSwitch): Draft {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return {
    word: slug.slice(0, 32) || 'switch',
    meaning: 'switch',
    current: value,
    targets: places.map((place) => ({ place, write: { as: 'value' }, held: value })),
    readers,
    decide: (name) => ({
      parameter: { name, kind: 'categorical', choices: [false, true] },
      why: 'chooses between two settings of the sampling',
    }),
  };
}
