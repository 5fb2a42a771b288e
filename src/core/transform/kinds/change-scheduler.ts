import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { effectiveValue, type InputPlace, placeKey } from '../../workflow/effective.ts';
import { type NodePlace, nodeAt } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import { refusal } from '../checks.ts';
import { placesIn, shortList } from '../find.ts';
import { checkPut, putValue } from '../put-value.ts';
import { inputSlots } from '../slots.ts';
import { defineTransform, refuse, type Setting } from '../transform.ts';
import { whereItLives } from '../where-it-lives.ts';
import { manyInto } from '../writing.ts';

const NAME = 'change-scheduler';
/** What classes call the two choices. */
const SAMPLER = ['sampler_name', 'sampler'];
const SCHEDULER = ['scheduler', 'scheduler_name'];

/** Sampler, scheduler or both, wherever a node chooses one and has it in its list, or at one node. [TE-16] */
export const changeScheduler = defineTransform({
  name: NAME,
  summary: 'Sample with another sampler or scheduler',
  args: {
    sampler: { type: 'text', description: 'name of the sampler' },
    scheduler: { type: 'text', description: 'name of the scheduler' },
    node: { type: 'node', description: 'only this node' },
  },
  plan(workflow, { sampler, scheduler, node }, setting) {
    if (sampler === undefined && scheduler === undefined)
      throw refuse(NAME, 'neither a sampler nor a scheduler is named', 'Give --sampler <name> or --scheduler <name>.');
    const scopes = [undefined, ...Object.keys(workflow.subgraphs)];
    const places = node ? [node] : scopes.flatMap((scope) => placesIn(workflow, scope));
    const first =
      sampler === undefined ? { after: workflow, notes: [] } : choose(workflow, places, SAMPLER, sampler, setting);
    if (scheduler === undefined) return first;
    const second = choose(first.after, places, SCHEDULER, scheduler, setting);
    return { after: second.after, notes: [...first.notes, ...second.notes] };
  },
});

interface Choice {
  readonly place: InputPlace;
  readonly declared: DeclaredInput;
}

function choose(
  workflow: Workflow,
  places: readonly NodePlace[],
  names: readonly string[],
  value: string,
  setting: Setting,
) {
  const choices = places.flatMap((place) => choicesAt(workflow, place, names, setting));
  if (choices.length === 0) {
    const who = places.length === 1 ? `node ${places[0]!.node} lets nobody choose` : 'no node lets anybody choose';
    throw refuse(NAME, `${who} a ${names[0]}`, 'Name a node such as KSampler, KSamplerSelect or BasicScheduler.');
  }
  const legal = choices.filter(({ declared }) => refusal(declared, value) === undefined);
  if (legal.length === 0) {
    const [{ place, declared }] = choices as [Choice];
    checkPut(declared, value, `${place.node}.${place.input}`);
  }
  const { workflow: copy, writing } = manyInto(workflow);
  let after = copy;
  const done = new Set<string>();
  for (const { place } of legal) {
    for (const home of homesOf(after, place)) {
      if (done.has(placeKey(home))) continue;
      done.add(placeKey(home));
      after = putValue(after, home, { json: value }, setting, { writing }).after;
    }
  }
  const ids = (list: readonly Choice[]): string => shortList(list.map(({ place }) => place.node));
  const others = choices.filter(({ declared }) => refusal(declared, value) !== undefined);
  const notes = [`${names[0]} is ${value} at node ${ids(legal)}`];
  if (others.length > 0) notes.push(`node ${ids(others)} has no ${value} in its list and stays as it is`);
  return { after, notes };
}

/** The inputs of a node that choose one of a list under one of these names. */
function choicesAt(workflow: Workflow, place: NodePlace, names: readonly string[], { catalog }: Setting): Choice[] {
  if (!catalog.node(nodeAt(workflow, place)!.class_type)) return [];
  return inputSlots(workflow, place, catalog).flatMap(({ name, declared }) => {
    const isChoice = declared?.type === 'COMBO' && Array.isArray(declared.options.options);
    return isChoice && names.includes(name) ? [{ place: { ...place, input: name }, declared }] : [];
  });
}

/** The widgets that an input takes its value from: of an instance that differs from another one, both. */
function homesOf(workflow: Workflow, place: InputPlace): InputPlace[] {
  if (!nodeAt(workflow, place)!.links[place.input]) return [place];
  const found = effectiveValue(workflow, place);
  if (found.kind === 'several') return found.values.flatMap((one) => (one.kind === 'value' ? [one.place] : []));
  return [whereItLives(workflow, place, `${place.node}.${place.input}`)];
}
