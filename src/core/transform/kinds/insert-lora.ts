import { INPUT_SIDE } from '../../workflow/read-links.ts';
import { type NodePlace, nodeAt } from '../../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../workflow/types.ts';
import { addChecked } from '../checked-node.ts';
import { slotOf } from '../checked-wire.ts';
import { fileInput, findInScope, shortList } from '../find.ts';
import { feed, usersOfOutput } from '../insert.ts';
import { usersByNode } from '../scope-wires.ts';
import { outputSlots, sourceType } from '../slots.ts';
import { defineTransform, type OutputPlace, refuse, type Setting } from '../transform.ts';

const NAME = 'insert-lora';

/** A LoRA between a model and all that uses it, after the LoRAs that are there; with the text encoder where the model brings it. [TE-13] */
export const insertLora = defineTransform({
  name: NAME,
  summary: 'Put a LoRA between a model and its users',
  args: {
    file: { type: 'text', required: true, at: 1, description: 'name of the LoRA file' },
    strength: { type: 'number', min: -100, max: 100, description: 'strength for the model; 1 where absent' },
    'strength-clip': { type: 'number', min: -100, max: 100, description: 'strength for the text encoder' },
    model: { type: 'output', description: 'the model, where there are several' },
    clip: { type: 'output', description: 'text encoder to change as well, where it has a loader of its own' },
    subgraph: { type: 'subgraph', description: 'subgraph to look into' },
  },
  plan(workflow, args, setting) {
    const { catalog } = setting;
    const { scope, source } = modelSource(workflow, args.model, args.subgraph, setting);
    const model = endOfLoras(workflow, scope, source, 'MODEL', setting);
    const given = args.clip ? slotOf(workflow, args.clip, 'CLIP', setting) : ownClip(workflow, scope, source, setting);
    if (args.clip && args.clip.scope !== scope)
      throw refuse(NAME, 'model and text encoder stand in different subgraphs', 'Leave clip out.');
    const clip = given && endOfLoras(workflow, scope, given, 'CLIP', setting);
    const users = usersOfOutput(workflow, scope, model);
    if (users.length === 0) {
      const reason = `nothing uses the model of node ${model.from}`;
      throw refuse(NAME, reason, 'Connect it to a sampler first (`connect`).');
    }
    const clipUsers = clip ? usersOfOutput(workflow, scope, clip) : [];
    const strength = args.strength ?? 1;
    const hasClip = clip !== undefined && clipUsers.length > 0;
    const widgets = {
      lora_name: args.file,
      strength_model: strength,
      ...(hasClip ? { strength_clip: args['strength-clip'] ?? strength } : {}),
    };
    const class_type = hasClip ? 'LoraLoader' : 'LoraLoaderModelOnly';
    const links: Record<string, LinkSource> = hasClip ? { model, clip } : { model };
    const at = scope === undefined ? {} : { scope };
    const added = addChecked(workflow, { ...at, class_type, widgets, links }, setting);
    let after = feed(added.workflow, scope, users, { from: added.id, slot: 0 }, catalog);
    if (hasClip) after = feed(after, scope, clipUsers, { from: added.id, slot: 1 }, catalog);
    const notes = [`the LoRA is node ${added.id}, between node ${model.from} and ${nodesOf(users)}`];
    if (!hasClip)
      notes.push('it changes the model only: the text encoder has a loader of its own (--clip <output> takes it in)');
    return { after, notes };
  },
});

/** The model that is named, or the only one that nothing else makes. */
function modelSource(
  workflow: Workflow,
  named: OutputPlace | undefined,
  subgraph: string | undefined,
  setting: Setting,
): { readonly scope: string | undefined; readonly source: LinkSource } {
  if (named) return { scope: named.scope, source: slotOf(workflow, named, 'MODEL', setting) };
  const { catalog } = setting;
  const found = findInScope(workflow, subgraph, {
    transform: NAME,
    what: 'model that is used',
    remedy: 'Add a loader and connect it to a sampler first.',
    find: (place) => originOf(workflow, place, setting),
  });
  const unique = new Map(found.map((one) => [`${one.source.slot} ${one.source.from}`, one]));
  const [first, ...others] = unique.values();
  if (others.length === 0) return first!;
  const names = [...unique.values()].map(({ scope, source }) => {
    const place = { ...(scope === undefined ? {} : { scope }), node: source.from };
    const slot = outputSlots(workflow, place, catalog)?.find((one) => one.slot === source.slot);
    return `${scope === undefined ? '' : `${scope}/`}${source.from}.${slot?.name ?? source.slot}`;
  });
  throw refuse(NAME, `there are ${unique.size} models`, `Name one with --model <output>: ${names.join(', ')}.`);
}

/** The model that a node takes from one that is given none itself: the beginning of a chain. */
function originOf(
  workflow: Workflow,
  place: NodePlace,
  { catalog }: Setting,
): { readonly scope: string | undefined; readonly source: LinkSource } | undefined {
  const { scope } = place;
  const modelOf = (node: string): LinkSource | undefined => {
    const links = Object.values(nodeAt(workflow, { ...place, node })?.links ?? {});
    return links.find((link) => sourceType(workflow, scope, link, catalog) === 'MODEL');
  };
  const source = modelOf(place.node);
  const isFirst = source && (source.from === INPUT_SIDE || modelOf(source.from) === undefined);
  return isFirst ? { scope, source } : undefined;
}

/** The text encoder that the loader of a model gives as well. */
function ownClip(
  workflow: Workflow,
  scope: string | undefined,
  { from }: LinkSource,
  { catalog }: Setting,
): LinkSource | undefined {
  if (from === INPUT_SIDE) return undefined;
  const place = { ...(scope === undefined ? {} : { scope }), node: from };
  const slot = outputSlots(workflow, place, catalog)?.find(({ type }) => type === 'CLIP');
  return slot && { from, slot: slot.slot };
}

/** The last of the LoRAs behind a source: as long as a LoRA is all that uses it. */
function endOfLoras(
  workflow: Workflow,
  scope: string | undefined,
  source: LinkSource,
  type: string,
  { catalog }: Setting,
): LinkSource {
  const uses = usersByNode(workflow, scope);
  const seen = new Set<string>();
  let current = source;
  for (;;) {
    const { from, slot: used } = current;
    const [user, ...others] = (uses.get(from) ?? []).filter((one) => one.source.slot === used);
    if (!user || others.length > 0 || seen.has(user.node)) return current;
    seen.add(user.node);
    const place = { ...(scope === undefined ? {} : { scope }), node: user.node };
    const class_type = nodeAt(workflow, place)?.class_type ?? '';
    const slot = outputSlots(workflow, place, catalog)?.find((one) => one.type === type);
    if (!fileInput(catalog, class_type, ['loras']) || !slot) return current;
    current = { from: user.node, slot: slot.slot };
  }
}

function nodesOf(users: readonly { readonly node: string }[]): string {
  const ids = users.map(({ node }) => node);
  return `${new Set(ids).size === 1 ? 'node' : 'nodes'} ${shortList(ids)}`;
}
