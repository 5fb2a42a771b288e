import type { Catalog } from '../../catalog/catalog.ts';
import { own } from '../../workflow/names.ts';
import { type NodePlace, nodeAt } from '../../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../workflow/types.ts';
import { checkClass } from '../check-class.ts';
import { addChecked } from '../checked-node.ts';
import { slotOf } from '../checked-wire.ts';
import { findInScope, gives, shortList, takes } from '../find.ts';
import { feed } from '../insert.ts';
import { openNotes } from '../left-open.ts';
import { readOutput } from '../read-args.ts';
import { downstreamOf, usersByNode } from '../scope-wires.ts';
import { defineTransform, refuse, type Setting } from '../transform.ts';

const NAME = 'insert-controlnet';
const APPLY = 'ControlNetApplyAdvanced';

/** A ControlNet before the samplers, on both prompts, with its loader, its picture and at will a preprocessor. [TE-14] */
export const insertControlnet = defineTransform({
  name: NAME,
  summary: 'Put a ControlNet on both prompts of a sampler',
  args: {
    file: { type: 'text', required: true, at: 1, description: 'name of the ControlNet file' },
    image: {
      type: 'text',
      required: true,
      at: 2,
      description: 'an output that gives the picture, or the name of a file',
    },
    strength: { type: 'number', min: 0, max: 10, description: 'strength; 1 where absent' },
    start: { type: 'number', min: 0, max: 1, description: 'where it begins, as a share of the steps' },
    end: { type: 'number', min: 0, max: 1, description: 'where it ends, as a share of the steps' },
    preprocessor: { type: 'text', description: 'class that makes the hint of the picture (Canny)' },
    vae: { type: 'output', description: 'VAE, for models whose ControlNets need one' },
    node: { type: 'node', description: 'the sampler, where there are several' },
    subgraph: { type: 'subgraph', description: 'subgraph to look into' },
  },
  plan(workflow, args, setting) {
    const { catalog } = setting;
    if ((args.start ?? 0) > (args.end ?? 1)) throw refuse(NAME, 'it ends before it begins', 'Give start <= end.');
    const samplers = samplersOf(workflow, args.node, args.subgraph, catalog);
    const { scope } = samplers[0]!.place;
    const at = scope === undefined ? {} : { scope };
    const { positive, negative } = samplers[0]!;
    const picture = pictureOf(workflow, args.image, scope, setting);
    let after = workflow;
    const made: NodePlace[] = [];
    const add = (
      class_type: string,
      widgets: Record<string, string | number>,
      links: Record<string, LinkSource>,
    ): LinkSource => {
      const before = samplers.map(({ place }) => place.node);
      const added = addChecked(after, { ...at, class_type, widgets, links, before }, setting);
      after = added.workflow;
      made.push({ ...at, node: added.id });
      return { from: added.id, slot: 0 };
    };
    let image = 'file' in picture ? add('LoadImage', { image: picture.file }, {}) : picture.link;
    if (args.preprocessor !== undefined) {
      const class_type = checkPreprocessor(workflow, args.preprocessor, setting);
      const input = catalog.node(class_type)!.inputs.find(({ type }) => type === 'IMAGE')!.name;
      image = add(class_type, {}, { [input]: image });
    }
    const control_net = add('ControlNetLoader', { control_net_name: args.file }, {});
    const widgets = { strength: args.strength ?? 1, start_percent: args.start ?? 0, end_percent: args.end ?? 1 };
    const vae = args.vae && slotOf(workflow, args.vae, 'VAE', setting);
    const apply = add(APPLY, widgets, { positive, negative, control_net, image, ...(vae ? { vae } : {}) });
    if ('link' in picture && downstreamOf(usersByNode(workflow, scope), samplers[0]!.place.node).has(picture.link.from))
      throw refuse(NAME, 'the picture is made of what the sampler gives', 'Take a picture that is there before it.');
    for (const [slot, input] of ['positive', 'negative'].entries()) {
      const users = samplers.map(({ place }) => ({ node: place.node, input }));
      after = feed(after, scope, users, { from: apply.from, slot }, catalog);
    }
    const ids = shortList(samplers.map(({ place }) => place.node));
    const notes = [`the ControlNet is node ${apply.from}, before ${samplers.length === 1 ? 'node' : 'nodes'} ${ids}`];
    return { after, notes: [...notes, ...openNotes(workflow, after, made, catalog)] };
  },
});

interface Sampler {
  readonly place: NodePlace;
  readonly positive: LinkSource;
  readonly negative: LinkSource;
}

/** The nodes that take both prompts last: samplers and guiders. All that share one pair, or the one that is named. */
function samplersOf(
  workflow: Workflow,
  node: NodePlace | undefined,
  subgraph: string | undefined,
  catalog: Catalog,
): Sampler[] {
  const find = (place: NodePlace): Sampler | undefined => {
    const { links, class_type } = nodeAt(workflow, place)!;
    const [positive, negative] = [own(links, 'positive'), own(links, 'negative')];
    // What gives conditionings again is on the way to the one that samples.
    const isLast = !gives(catalog, class_type, 'CONDITIONING') && catalog.node(class_type) !== undefined;
    return positive && negative && isLast ? { place, positive, negative } : undefined;
  };
  if (node) {
    const found = find(node);
    if (!found) {
      const reason = `node ${node.node} does not take a positive and a negative prompt`;
      throw refuse(NAME, reason, 'Name a sampler or a guider whose inputs positive and negative are linked.');
    }
    return [found];
  }
  const remedy =
    'Connect positive and negative of a sampler first; where a guider takes one prompt only, use CFGGuider.';
  const what = 'sampler with a positive and a negative prompt';
  const found = findInScope(workflow, subgraph, { transform: NAME, what, remedy, find });
  const pair = ({ positive, negative }: Sampler): string => JSON.stringify([positive, negative]);
  const pairs = new Set(found.map(pair));
  if (pairs.size === 1) return found;
  const ids = found.map(({ place }) => place.node).join(', ');
  throw refuse(NAME, `there are ${found.length} samplers with different prompts`, `Name one with --node <id>: ${ids}.`);
}

/** The picture: an output where the text names one, else a file. */
function pictureOf(
  workflow: Workflow,
  text: string,
  scope: string | undefined,
  setting: Setting,
): { readonly file: string } | { readonly link: LinkSource } {
  const isFile = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i.test(text);
  if (isFile) return { file: text };
  const output = readOutput(text, { workflow, ...setting });
  if (output.scope !== scope)
    throw refuse(NAME, 'the picture stands in another subgraph', 'Name one of the same subgraph.');
  return { link: slotOf(workflow, output, 'IMAGE', setting) };
}

function checkPreprocessor(workflow: Workflow, name: string, setting: Setting): string {
  const class_type = checkClass(workflow, name, NAME, setting);
  if (!takes(setting.catalog, class_type, 'IMAGE') || !gives(setting.catalog, class_type, 'IMAGE'))
    throw refuse(
      NAME,
      `${name} makes no picture of a picture`,
      'Name a class with an IMAGE input and output, such as Canny.',
    );
  return class_type;
}
