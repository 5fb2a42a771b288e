import type { JsonObject } from '../../../base/json.ts';
import { own } from '../../workflow/names.ts';
import { type NodePlace, nodeAt, withNode } from '../../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../workflow/types.ts';
import { addChecked } from '../checked-node.ts';
import { findInScope } from '../find.ts';
import { feed, usersOfOutput } from '../insert.ts';
import { addNode } from '../nodes.ts';
import { sourceType } from '../slots.ts';
import { defineTransform, refuse, type Setting } from '../transform.ts';
import { connect, setInput } from '../wiring.ts';

const NAME = 'insert-upscale';
const KINDS = ['model', 'image', 'latent', 'hires'];

/** A larger picture: by a model, by scaling the picture or the latent, or by a second pass over a scaled latent. [TE-15] */
export const insertUpscale = defineTransform({
  name: NAME,
  summary: 'Scale the result up before it is saved',
  args: {
    kind: { type: 'text', required: true, at: 1, options: KINDS, description: KINDS.join(', ') },
    file: { type: 'text', description: 'name of the upscale model (model)' },
    by: {
      type: 'number',
      min: 0.01,
      max: 8,
      description: 'factor (image, latent, hires); 2, for hires 1.5 where absent',
    },
    method: { type: 'text', description: 'how to scale; the first of the class where absent' },
    denoise: { type: 'number', min: 0, max: 1, description: 'of the second pass (hires); 0.5 where absent' },
    steps: { type: 'number', min: 1, max: 10000, description: 'of the second pass (hires); as the first where absent' },
    node: { type: 'node', description: 'the node that saves (model, image) or samples (latent, hires)' },
    subgraph: { type: 'subgraph', description: 'subgraph to look into' },
  },
  plan(workflow, args, setting) {
    if (args.kind === 'model' && args.file === undefined)
      throw refuse(NAME, 'no upscale model is named', 'Give --file <name>, or use kind image, latent or hires.');
    const isPicture = args.kind === 'model' || args.kind === 'image';
    const place = args.node ?? { scope: args.subgraph };
    return isPicture ? scalePicture(workflow, place, args, setting) : scaleLatent(workflow, place, args, setting);
  },
});

interface Options {
  readonly kind: string;
  readonly file?: string;
  readonly by?: number;
  readonly method?: string;
  readonly denoise?: number;
  readonly steps?: number;
}

interface Where {
  readonly scope?: string | undefined;
  readonly node?: string;
}

/** Between what makes the picture and all that saves it. */
function scalePicture(workflow: Workflow, where: Where, { kind, file, by = 2, method }: Options, setting: Setting) {
  const { catalog } = setting;
  const picture = findOne(workflow, where, setting, {
    type: 'IMAGE',
    what: 'node that saves a picture',
    isUser: (class_type) => catalog.node(class_type)?.flags.includes('output_node') === true,
  });
  const { scope, source, users } = picture;
  const at = scope === undefined ? {} : { scope };
  const before = users.map(({ node }) => node);
  let after = workflow;
  const add = (class_type: string, widgets: JsonObject, links: Record<string, LinkSource>): LinkSource => {
    const added = addChecked(after, { ...at, class_type, widgets, links, before }, setting);
    after = added.workflow;
    return { from: added.id, slot: 0 };
  };
  let scaled: LinkSource;
  if (kind === 'model') {
    const upscale_model = add('UpscaleModelLoader', { model_name: file! }, {});
    scaled = add('ImageUpscaleWithModel', {}, { upscale_model, image: source });
  } else if (catalog.node('ResizeImageMaskNode')) {
    const widgets = {
      resize_type: 'scale by multiplier',
      'resize_type.multiplier': by,
      ...(method === undefined ? {} : { scale_method: method }),
    };
    scaled = add('ResizeImageMaskNode', widgets, { input: source });
  } else {
    const widgets = { scale_by: by, ...(method === undefined ? {} : { upscale_method: method }) };
    scaled = add('ImageScaleBy', widgets, { image: source });
  }
  after = feed(after, scope, users, scaled, catalog);
  return { after, notes: [`node ${scaled.from} scales what node ${source.from} gives`] };
}

/** Behind the sampler; with a second pass a copy of the sampler behind that. */
function scaleLatent(
  workflow: Workflow,
  where: Where,
  { kind, by, method, denoise, steps }: Options,
  setting: Setting,
) {
  const { catalog } = setting;
  const isHires = kind === 'hires';
  const sampled = findOne(workflow, where, setting, {
    type: 'LATENT',
    what: 'sampler whose latent is decoded',
    isUser: (class_type) => catalog.node(class_type)?.outputs.some(({ type }) => type === 'IMAGE') === true,
    isSource: isHires ? (class_type) => isSampler(class_type, setting) : undefined,
  });
  const { scope, source, users } = sampled;
  const at = scope === undefined ? {} : { scope };
  const widgets = {
    scale_by: by ?? (isHires ? 1.5 : 2),
    ...(method === undefined ? {} : { upscale_method: method }),
  };
  const before = users.map(({ node }) => node);
  const links = { samples: source };
  const added = addChecked(workflow, { ...at, class_type: 'LatentUpscaleBy', widgets, links, before }, setting);
  let last: LinkSource = { from: added.id, slot: 0 };
  let after = added.workflow;
  const notes = [`node ${added.id} scales the latent of node ${source.from}`];
  if (isHires) {
    const second = secondPass(after, { ...at, node: source.from }, last, { denoise: denoise ?? 0.5, steps }, setting);
    after = second.workflow;
    last = { from: second.id, slot: source.slot };
    notes.push(`node ${second.id} samples it a second time`);
  } else notes.push('a latent that is scaled and not sampled again looks blurred: kind hires does both');
  return { after: feed(after, scope, users, last, catalog), notes };
}

/** A copy of a sampler that goes on from a latent. */
function secondPass(
  workflow: Workflow,
  place: NodePlace,
  latent: LinkSource,
  { denoise, steps }: { readonly denoise: number; readonly steps: number | undefined },
  setting: Setting,
) {
  const { catalog } = setting;
  const node = nodeAt(workflow, place)!;
  const at = place.scope === undefined ? {} : { scope: place.scope };
  const added = addNode(workflow, { ...at, class_type: node.class_type, after: [latent.from] }, catalog);
  const to = { ...at, node: added.id };
  const made = nodeAt(added.workflow, to)!;
  const known = Object.entries(node.widgets).filter(([name]) => own(made.widgets, name) !== undefined);
  let after = withNode(added.workflow, to, { ...made, widgets: { ...made.widgets, ...Object.fromEntries(known) } });
  for (const [input, link] of Object.entries(node.links)) after = connect(after, { ...to, input, ...link }, catalog);
  after = connect(after, { ...to, input: latentInput(node.class_type, setting)!, ...latent }, catalog);
  after = setInput(after, { ...to, input: 'denoise' }, denoise, catalog);
  if (steps !== undefined) after = setInput(after, { ...to, input: 'steps' }, Math.round(steps), catalog);
  return { workflow: after, id: added.id };
}

/** A class that makes a latent of a latent in steps, of which a second pass may do the last ones. */
function isSampler(class_type: string, setting: Setting): boolean {
  const inputs = setting.catalog.node(class_type)?.inputs ?? [];
  return (
    latentInput(class_type, setting) !== undefined &&
    ['denoise', 'steps'].every((name) => inputs.some((one) => one.name === name))
  );
}

function latentInput(class_type: string, { catalog }: Setting): string | undefined {
  return catalog.node(class_type)?.inputs.find(({ type }) => type === 'LATENT')?.name;
}

interface Wanted {
  readonly type: string;
  readonly what: string;
  readonly isUser: (class_type: string) => boolean;
  readonly isSource?: ((class_type: string) => boolean) | undefined;
}

/** The one output of a type that nodes of a kind use, and these users. A named node is one of them, or the source. */
function findOne(
  workflow: Workflow,
  { scope, node }: Where,
  { catalog }: Setting,
  { type, what, isUser, isSource }: Wanted,
) {
  const find = (place: NodePlace): { scope: string | undefined; source: LinkSource; user: string } | undefined => {
    const file = nodeAt(workflow, place)!;
    if (!isUser(file.class_type)) return undefined;
    const source = Object.values(file.links).find((link) => sourceType(workflow, place.scope, link, catalog) === type);
    const from = source && nodeAt(workflow, { ...place, node: source.from });
    if (!source || (isSource && !(from && isSource(from.class_type)))) return undefined;
    return { scope: place.scope, source, user: place.node };
  };
  const remedy =
    isSource === undefined
      ? 'Connect the result to one first.'
      : 'A second pass needs a sampler with steps and denoise (KSampler); kind latent does without.';
  const found = findInScope(workflow, scope, { transform: NAME, what, remedy, find });
  const named = node === undefined ? found : found.filter(({ user, source }) => user === node || source.from === node);
  const unique = new Map(named.map((one) => [`${one.source.slot} ${one.source.from}`, one]));
  const [first, ...others] = unique.values();
  if (!first) {
    const ids = [...new Set(found.map(({ user }) => user))].join(', ');
    throw refuse(NAME, `node ${node} is no ${what}`, `There are: ${ids}.`);
  }
  if (others.length > 0) {
    const ids = [...new Set(found.map(({ user }) => user))].join(', ');
    throw refuse(NAME, `there is more than one ${what}`, `Name one with --node <id>: ${ids}.`);
  }
  const isMeant = (id: string): boolean => isUser(nodeAt(workflow, { scope: first.scope, node: id })?.class_type ?? '');
  const users = usersOfOutput(workflow, first.scope, first.source).filter((user) => isMeant(user.node));
  return { ...first, users };
}
