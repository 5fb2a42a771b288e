import type { JsonObject } from '../../../base/json.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { type NodePlace, nodeAt } from '../../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../workflow/types.ts';
import { addChecked } from '../checked-node.ts';
import { fileInput, findInScope, theOne } from '../find.ts';
import { feed } from '../insert.ts';
import { removeNode } from '../nodes.ts';
import { type User, usersOf } from '../scope-wires.ts';
import { outputSlots } from '../slots.ts';
import { defineTransform, type Planned, refuse, type Setting } from '../transform.ts';

const NAME = 'convert-loader';
/** The three things that a checkpoint holds, as types of outputs, and the folders of the files that hold one each. */
const PARTS = { MODEL: ['diffusion_models', 'unet'], CLIP: ['text_encoders', 'clip'], VAE: ['vae'] } as const;
type Part = keyof typeof PARTS;
/** Loaders of text encoders by how many files they take. */
const CLIP_LOADERS = ['CLIPLoader', 'DualCLIPLoader', 'TripleCLIPLoader', 'QuadrupleCLIPLoader'];

/** One checkpoint in the place of loaders for model, text encoder and VAE, or those in its place. [TE-17] */
export const convertLoader = defineTransform({
  name: NAME,
  summary: 'Load a checkpoint as parts, or parts as a checkpoint',
  args: {
    to: { type: 'text', required: true, at: 1, options: ['parts', 'checkpoint'], description: 'parts or checkpoint' },
    checkpoint: { type: 'text', description: 'name of the checkpoint (to checkpoint)' },
    model: { type: 'text', description: 'name of the diffusion model (to parts)' },
    clip: { type: 'texts', description: 'names of the text encoders, one to four (to parts)' },
    type: { type: 'text', description: 'what the text encoders are for (to parts): sdxl, flux ...' },
    vae: { type: 'text', description: 'name of the VAE (to parts)' },
    node: { type: 'node', description: 'the checkpoint loader, where there are several' },
    subgraph: { type: 'subgraph', description: 'subgraph to look into' },
  },
  plan(workflow, args, setting) {
    return args.to === 'parts' ? toParts(workflow, args, setting) : toCheckpoint(workflow, args, setting);
  },
});

interface Files {
  readonly checkpoint?: string;
  readonly model?: string;
  readonly clip?: readonly string[];
  readonly type?: string;
  readonly vae?: string;
  readonly node?: NodePlace;
  readonly subgraph?: string;
}

function toParts(workflow: Workflow, args: Files, setting: Setting): Planned {
  const { catalog } = setting;
  const loaders = findInScope(workflow, args.node?.scope ?? args.subgraph, {
    transform: NAME,
    what: 'checkpoint loader',
    remedy: 'This is for files with a loader of checkpoints (CheckpointLoaderSimple).',
    find: (place) => (fileInput(catalog, nodeAt(workflow, place)!.class_type, ['checkpoints']) ? place : undefined),
  });
  if (args.node && !loaders.some(({ node }) => node === args.node!.node))
    throw refuse(
      NAME,
      `node ${args.node.node} loads no checkpoint`,
      `Loaders are: ${loaders.map(({ node }) => node).join(', ')}.`,
    );
  const place = args.node ?? theOne(workflow, loaders, NAME, 'checkpoint loaders');
  const at = place.scope === undefined ? {} : { scope: place.scope };
  const users = usersByPart(workflow, place, catalog);
  const missing = (Object.keys(users) as Part[]).flatMap((part) => {
    if (part === 'MODEL') return args.model === undefined ? ['--model <file>'] : [];
    if (part === 'VAE') return args.vae === undefined ? ['--vae <file>'] : [];
    return args.clip === undefined ? ['--clip <files>'] : [];
  });
  if (missing.length > 0) throw refuse(NAME, 'what takes its place is not named', `Give ${missing.join(' ')}.`);
  let after = workflow;
  const notes: string[] = [];
  for (const part of Object.keys(users) as Part[]) {
    const { class_type, widgets } = loaderOf(part, args);
    const added = addChecked(after, { ...at, class_type, widgets, before: [place.node] }, setting);
    after = feed(added.workflow, place.scope, users[part]!, { from: added.id, slot: 0 }, catalog);
    notes.push(`${part} comes from node ${added.id} (${class_type})`);
  }
  return { after: removeNode(after, place, catalog, { rewire: false }), notes };
}

function loaderOf(part: Part, { model, clip = [], type, vae }: Files): { class_type: string; widgets: JsonObject } {
  if (part === 'MODEL') return { class_type: 'UNETLoader', widgets: { unet_name: model! } };
  if (part === 'VAE') return { class_type: 'VAELoader', widgets: { vae_name: vae! } };
  const class_type = CLIP_LOADERS[clip.length - 1];
  if (class_type === undefined)
    throw refuse(
      NAME,
      `${clip.length} text encoders have no loader`,
      `One to ${CLIP_LOADERS.length} files can be loaded together.`,
    );
  const names =
    clip.length === 1
      ? { clip_name: clip[0]! }
      : Object.fromEntries(clip.map((name, at) => [`clip_name${at + 1}`, name]));
  const isTyped = clip.length < 3;
  if (isTyped && type === undefined) {
    const remedy = 'Give --type <what they are for>, as the loader lists it: stable_diffusion, sdxl, flux ...';
    throw refuse(NAME, 'what the text encoders are for is not said', remedy);
  }
  return { class_type, widgets: { ...names, ...(isTyped ? { type: type! } : {}) } };
}

/** The users of a loader by what they take of it. */
function usersByPart(workflow: Workflow, place: NodePlace, catalog: Catalog): Partial<Record<Part, User[]>> {
  const slots = outputSlots(workflow, place, catalog) ?? [];
  const out: Partial<Record<Part, User[]>> = {};
  for (const user of usersOf(workflow, place)) {
    const type = slots.find(({ slot }) => slot === user.source.slot)?.type ?? '';
    if (!Object.hasOwn(PARTS, type))
      throw refuse(
        NAME,
        `node ${user.node} takes a ${type || 'slot'} of the checkpoint, which no other file holds`,
        `Disconnect ${user.node}.${user.input} first.`,
      );
    const list = out[type as Part] ?? [];
    list.push(user);
    out[type as Part] = list;
  }
  return out;
}

function toCheckpoint(workflow: Workflow, args: Files, setting: Setting): Planned {
  const { catalog } = setting;
  if (args.checkpoint === undefined) throw refuse(NAME, 'no checkpoint is named', 'Give --checkpoint <file>.');
  const kinds = Object.keys(PARTS) as Part[];
  const partOf = (place: NodePlace): Part | undefined => {
    const { class_type, links } = nodeAt(workflow, place)!;
    const outputs = catalog.node(class_type)?.outputs ?? [];
    const [only] = outputs;
    const part = kinds.find((one) => one === only?.type);
    const isLoader = outputs.length === 1 && part && fileInput(catalog, class_type, PARTS[part]);
    return isLoader && Object.keys(links).length === 0 ? part : undefined;
  };
  const found = findInScope(workflow, args.subgraph, {
    transform: NAME,
    what: 'loader of a model, a text encoder or a VAE',
    remedy: 'This is for loaders such as UNETLoader, CLIPLoader and VAELoader that nothing is linked to.',
    find: (place) => {
      const part = partOf(place);
      return part ? { place, part } : undefined;
    },
  });
  for (const part of kinds) {
    const several = found.filter((one) => one.part === part);
    if (several.length > 1) {
      const ids = several.map(({ place }) => place.node).join(', ');
      const remedy = 'One checkpoint holds one of each: remove the loaders that are not needed first.';
      throw refuse(NAME, `there are ${several.length} loaders of a ${part}: ${ids}`, remedy);
    }
  }
  if (!found.some(({ part }) => part === 'MODEL'))
    throw refuse(
      NAME,
      'no loader of a diffusion model is there',
      'A checkpoint takes the place of a model and what belongs to it.',
    );
  const { scope } = found[0]!.place;
  const at = scope === undefined ? {} : { scope };
  const widgets = { ckpt_name: args.checkpoint };
  const before = found.map(({ place }) => place.node);
  const added = addChecked(workflow, { ...at, class_type: 'CheckpointLoaderSimple', widgets, before }, setting);
  const slots = outputSlots(added.workflow, { ...at, node: added.id }, catalog)!;
  let after = added.workflow;
  for (const { place, part } of found) {
    const source: LinkSource = { from: added.id, slot: slots.find(({ type }) => type === part)!.slot };
    after = feed(after, scope, usersOf(after, place), source, catalog);
    after = removeNode(after, place, catalog, { rewire: false });
  }
  const parts = found.map(({ part }) => part).join(', ');
  return { after, notes: [`${parts} come from node ${added.id} (CheckpointLoaderSimple)`] };
}
