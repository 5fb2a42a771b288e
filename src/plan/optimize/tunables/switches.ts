import { setInput } from '../../../core/transform/wiring.ts';
import { holderInput, type InputPlace, placeKey } from '../../../core/workflow/effective.ts';
import { nodeAt } from '../../../core/workflow/scopes.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Reader } from './draft.ts';
import type { LiveGraph, LiveNode } from './live.ts';
import { meaningOf } from './meanings.ts';

const SWITCH = 'ComfySwitchNode';
/** Numbers and names that two settings of one model differ in. */
const PRESET = new Set(['steps', 'cfg', 'guidance', 'sampler', 'scheduler', 'denoise', 'shift', 'lora']);

/** A boolean that chooses between two settings of the sampling: a fast and a full one, say. */
export interface PresetSwitch {
  /** More than one where copies of one graph each have their own: they are turned together. */
  readonly places: readonly InputPlace[];
  readonly value: boolean;
  readonly readers: readonly Reader[];
  /** What the file calls it. */
  readonly title: string;
}

/**
 * The booleans that choose nothing but models and settings of samplers, at least one of these a number. One that also
 * chooses pictures or prompts changes what is made, and is nobody's to vary. [SP-10]
 */
export function presetSwitches(graph: LiveGraph): PresetSwitch[] {
  const found = new Map<string, { place: InputPlace; value: boolean; nodes: LiveNode[] }>();
  for (const node of graph.nodes) {
    if (node.classType !== SWITCH) continue;
    const [held, ...more] = graph.placesOf(node, 'switch');
    if (!held || more.length > 0 || typeof held.value !== 'boolean') continue;
    const key = placeKey(held.place);
    const there = found.get(key);
    if (there) there.nodes.push(node);
    else found.set(key, { place: held.place, value: held.value, nodes: [node] });
  }
  const alike = new Map<string, PresetSwitch>();
  for (const { place, value, nodes } of found.values()) {
    const kinds = nodes.map((node) => chosenKind(graph, node));
    if (!kinds.includes('setting') || kinds.includes('other')) continue;
    const readers = nodes.map((node) => ({ node, input: node.declared!.byName.get('switch')! }));
    const title = titleOf(place, graph.workflow);
    const key = `${title} ${value}`;
    const there = alike.get(key);
    const places = [...(there?.places ?? []), place];
    alike.set(key, { places, value, readers: [...(there?.readers ?? []), ...readers], title });
  }
  return [...alike.values()];
}

/** The workflow with a switch turned. */
export function turned({ places, value }: PresetSwitch, { workflow, catalog }: LiveGraph): Workflow {
  return places.reduce((current, place) => setInput(current, place, !value, catalog), workflow);
}

/** What a switch chooses: a setting, a model, or something else. */
function chosenKind(graph: LiveGraph, node: LiveNode): 'setting' | 'model' | 'other' {
  const users = usersBehind(graph, node);
  if (users.length === 0) return 'other';
  const kinds = users.map(({ node: user, input }) => {
    const declared = user.declared?.byName.get(input);
    if (!declared) return 'other';
    if (declared.type === 'MODEL') return 'model';
    const known = meaningOf(user, declared);
    const isStep = ['start_at_step', 'end_at_step'].includes(declared.name);
    return isStep || (known && PRESET.has(known.meaning)) ? 'setting' : 'other';
  });
  return kinds.includes('other') ? 'other' : kinds.includes('setting') ? 'setting' : 'model';
}

/** The inputs that get what a switch hands on, through further switches and holders. */
function usersBehind(graph: LiveGraph, node: LiveNode): { readonly node: LiveNode; readonly input: string }[] {
  const seen = new Set([node]);
  const out: { node: LiveNode; input: string }[] = [];
  for (const one of seen) {
    for (const user of graph.usersOf(one)) {
      const passes = user.node.classType === SWITCH || holderInput(user.node.classType) !== undefined;
      if (passes && user.input !== 'switch') seen.add(user.node);
      else out.push(user);
    }
  }
  return out;
}

/** The title of the node that holds the value, or the name of the widget that an instance shows. */
function titleOf(place: InputPlace, workflow: Workflow): string {
  const title = nodeAt(workflow, place)?.ui.title;
  const isOwnName = !['value', 'switch', '#0'].includes(place.input);
  return isOwnName ? place.input : typeof title === 'string' && title !== '' ? title : 'switch';
}
