import type { Json, JsonObject } from '../../../src/base/json.ts';
import type { DiagnosticCode, Severity } from '../../../src/core/validate/diagnostic.ts';
import { definition, drawn } from '../convert/page.ts';

/** A document with one fault and the same one without it. */
export interface Example {
  readonly bad: Json;
  readonly good: Json;
  /** Where the finding must lie: scope, node and input as far as given. */
  readonly at: { readonly scope?: string; readonly node?: string; readonly input?: string };
  readonly severity?: Severity;
}

/** Files that the server of the examples has. */
export const FILES = { input: ['a.png'], checkpoints: ['m.safetensors'], output: [] };

/** One node of a prompt. */
export function node(class_type: string, inputs: JsonObject = {}): JsonObject {
  return { class_type, inputs, _meta: { title: class_type } };
}

const SHARPEN = { sharpen_radius: 1, sigma: 1, alpha: 1 };

/** Picture, inverted, shown: right in every way, with other nodes in place of some or beside them. */
export function graph(nodes: Readonly<Record<string, Json>> = {}): JsonObject {
  return {
    '1': node('LoadImage', { image: 'a.png' }),
    '2': node('ImageInvert', { image: ['1', 0] }),
    '3': node('PreviewImage', { images: ['2', 0] }),
    ...nodes,
  };
}

const blur = (more: JsonObject = {}): JsonObject =>
  graph({ '2': node('ImageBlur', { image: ['1', 0], blur_radius: 1, sigma: 1, ...more }) });
const latent = (more: JsonObject): JsonObject => ({
  '1': node('EmptyLatentImage', { width: 512, height: 512, batch_size: 1, ...more }),
  '2': node('SaveLatent', { samples: ['1', 0], filename_prefix: 'a' }),
});
const resize = (more: JsonObject): JsonObject =>
  graph({
    '2': node('ResizeImageMaskNode', { input: ['1', 0], scale_method: 'area', ...more }),
  });
const batch = (more: JsonObject): JsonObject =>
  graph({ '2': node('BatchImagesNode', { 'images.image0': ['1', 0], ...more }) });

const INNER = '0e7a0b52-1111-4222-8333-444455556666';
const OTHER = '0e7a0b52-1111-4222-8333-777788889999';
const SLOTS = { inputs: [['image', 'IMAGE']] as const, outputs: [['IMAGE', 'IMAGE']] as const };
const inverter = (id = INNER, type = 'ImageInvert'): JsonObject =>
  definition(
    id,
    [{ id: 11, type, outputs: ['IMAGE'] }],
    [
      [-10, 0, 11, 'image', 'IMAGE'],
      [11, 0, -20, '0', 'IMAGE'],
    ],
    SLOTS,
  );
/** Picture, an instance, shown. */
function withInstance(definitions: Json[], type = INNER, more: JsonObject = {}): JsonObject {
  return drawn(
    [
      { id: 1, type: 'LoadImage', values: ['a.png', 'image'], outputs: ['IMAGE', 'MASK'] },
      { id: 2, type, outputs: ['IMAGE'], ...more },
      { id: 3, type: 'PreviewImage' },
    ],
    [
      [1, 0, 2, 'image', 'IMAGE'],
      [2, 0, 3, 'images', 'IMAGE'],
    ],
    { definitions: { subgraphs: definitions } },
  );
}
/** Picture, inverted, shown, as a file of the page. */
function page(mode = 0, from: Json = 1): JsonObject {
  const file = drawn(
    [
      { id: 1, type: 'LoadImage', values: ['a.png', 'image'], outputs: ['IMAGE', 'MASK'], mode },
      { id: 2, type: 'ImageInvert', outputs: ['IMAGE'] },
      { id: 3, type: 'PreviewImage' },
    ],
    [
      [from, 0, 2, 'image', 'IMAGE'],
      [2, 0, 3, 'images', 'IMAGE'],
    ],
  );
  const rows = file.links as Json[][];
  for (const { id, outputs } of file.nodes as { id: Json; outputs: JsonObject[] }[]) {
    for (const [slot, output] of outputs.entries()) {
      output.links = rows.filter((row) => row[1] === id && row[2] === slot).map((row) => row[0]!);
    }
  }
  return file;
}
const extraRow = (row: Json[]): JsonObject => {
  const file = page();
  return { ...file, links: [...(file.links as Json[]), row] };
};
const copies = (named: number): JsonObject =>
  drawn(
    [
      {
        id: 1,
        type: 'EmptyLatentImage',
        values: [512, 512, 1],
        named: { width: named, height: 512, batch_size: 1 },
        outputs: ['LATENT'],
      },
      { id: 2, type: 'SaveLatent', values: ['a'] },
    ],
    [[1, 0, 2, 'samples', 'LATENT']],
  );
const getter = (name: string): JsonObject =>
  drawn(
    [
      { id: 1, type: 'LoadImage', values: ['a.png', 'image'], outputs: ['IMAGE', 'MASK'] },
      { id: 2, type: 'Reroute', outputs: ['*'] },
      { id: 3, type: 'Reroute', outputs: ['*'] },
      { id: 4, type: 'PreviewImage' },
    ],
    [
      [name === 'round' ? 3 : 1, 0, 2, '', '*'],
      [2, 0, 3, '', '*'],
      [3, 0, 4, 'images', 'IMAGE'],
    ],
  );
const group = (name: string): JsonObject =>
  drawn([
    { id: 1, type: name, values: ['a.png', 'image'], outputs: ['IMAGE', 'MASK'] },
    { id: 3, type: 'PreviewImage', mode: 4 },
  ]);

/** A bad and a good document for every finding. */
export const EXAMPLES: Readonly<Record<DiagnosticCode, Example>> = {
  NODE_MALFORMED: { bad: graph({ '9': 'a comment' }), good: graph(), at: { node: '9' } },
  CLASS_MISSING: { bad: graph({ '9': { inputs: {} } }), good: graph(), at: { node: '9' } },
  CLASS_UNKNOWN: {
    bad: graph({ '2': node('ImageInvrt', { image: ['1', 0] }) }),
    good: graph(),
    at: { node: '2' },
  },
  CLASS_REPLACED: {
    bad: graph({ '9': node('T2IAdapterLoader', { t2i_adapter_name: 'a.safetensors' }) }),
    good: graph(),
    at: { node: '9' },
  },
  CLASS_DEPRECATED: {
    bad: graph({
      '2': node('AddTextPrefix', { texts: 'a', prefix: 'b' }),
      '3': node('PreviewAny', { source: ['2', 0] }),
    }),
    good: graph(),
    at: { node: '2' },
  },
  INPUT_MISSING: { bad: graph({ '2': node('ImageInvert') }), good: graph(), at: { node: '2', input: 'image' } },
  INPUT_UNDECLARED: { bad: blur({ blur_radus: 3 }), good: blur(), at: { node: '2', input: 'blur_radus' } },
  LINK_UNDECLARED: { bad: blur({ mask: ['1', 1] }), good: blur(), at: { node: '2', input: 'mask' } },
  LINK_MALFORMED: { bad: blur({ image: [1, 0] }), good: blur(), at: { node: '2', input: 'image' } },
  LINK_DANGLING: { bad: blur({ mask: ['99', 0] }), good: blur(), at: { node: '2', input: 'mask' } },
  SLOT_OUT_OF_RANGE: { bad: blur({ image: ['1', 2] }), good: blur(), at: { node: '2', input: 'image' } },
  TYPE_MISMATCH: { bad: blur({ image: ['1', 1] }), good: blur(), at: { node: '2', input: 'image' } },
  VALUE_ON_LINK_INPUT: { bad: blur({ image: 5 }), good: blur(), at: { node: '2', input: 'image' } },
  VALUE_WRONG_TYPE: { bad: blur({ sigma: 'soft' }), good: blur(), at: { node: '2', input: 'sigma' } },
  VALUE_CAST: { bad: blur({ sigma: '1.5' }), good: blur({ sigma: 1.5 }), at: { node: '2', input: 'sigma' } },
  VALUE_NOT_FINITE: { bad: blur({ sigma: 'nan' }), good: blur(), at: { node: '2', input: 'sigma' } },
  VALUE_TOO_SMALL: { bad: blur({ blur_radius: 0 }), good: blur(), at: { node: '2', input: 'blur_radius' } },
  VALUE_TOO_BIG: {
    bad: blur({ blur_radius: 32 }),
    good: blur({ blur_radius: 31 }),
    at: { node: '2', input: 'blur_radius' },
  },
  VALUE_OFF_STEP: { bad: latent({ width: 515 }), good: latent({ width: 520 }), at: { node: '1', input: 'width' } },
  VALUE_NOT_IN_LIST: {
    bad: graph({
      '2': node('ImageBlend', { image1: ['1', 0], image2: ['1', 0], blend_factor: 0.5, blend_mode: 'Normal' }),
    }),
    good: graph({
      '2': node('ImageBlend', { image1: ['1', 0], image2: ['1', 0], blend_factor: 0.5, blend_mode: 'normal' }),
    }),
    at: { node: '2', input: 'blend_mode' },
  },
  OPTION_UNKNOWN: {
    bad: resize({ resize_type: 'scale by magic', 'resize_type.factor': 2 }),
    good: resize({ resize_type: 'scale by multiplier', 'resize_type.multiplier': 2 }),
    at: { node: '2', input: 'resize_type' },
  },
  FILE_MISSING: {
    bad: graph({ '1': node('LoadImage', { image: 'b.png' }) }),
    good: graph(),
    at: { node: '1', input: 'image' },
  },
  GROWING_GAP: {
    bad: batch({ 'images.image2': ['1', 0] }),
    good: batch({ 'images.image1': ['1', 0] }),
    at: { node: '2', input: 'images.image1' },
  },
  CYCLE: {
    bad: graph({
      '2': node('ImageInvert', { image: ['4', 0] }),
      '4': node('ImageSharpen', { image: ['2', 0], ...SHARPEN }),
    }),
    good: graph({
      '4': node('ImageSharpen', { image: ['2', 0], ...SHARPEN }),
      '3': node('PreviewImage', { images: ['4', 0] }),
    }),
    at: { node: '2', input: 'image' },
  },
  OUTPUT_MISSING: { bad: { '1': node('LoadImage', { image: 'a.png' }) }, good: graph(), at: {} },
  NODE_UNUSED: { bad: graph({ '4': node('ImageInvert', { image: ['2', 0] }) }), good: graph(), at: { node: '4' } },
  LINK_LIES: { bad: extraRow([9, 2, 0, 3, 5, 'IMAGE']), good: page(), at: { node: '3' } },
  VALUES_DISAGREE: { bad: copies(768), good: copies(512), at: { node: '1' } },
  SUBGRAPH_MISSING: { bad: withInstance([], INNER), good: withInstance([inverter()]), at: { node: '2' } },
  SUBGRAPH_RECURSIVE: {
    bad: withInstance([inverter(INNER, OTHER), inverter(OTHER, INNER)]),
    good: withInstance([inverter(INNER, OTHER), inverter(OTHER)]),
    at: { scope: INNER },
  },
  SUBGRAPH_INTERFACE: {
    bad: withInstance([inverter()], INNER, { properties: { proxyWidgets: [['77', 'seed']] } }),
    good: withInstance([inverter()]),
    at: { node: '2' },
  },
  NODE_OFF: { bad: page(2), good: page(), at: { node: '2', input: 'image' } },
  CONVERSION: { bad: group('workflow>lost'), good: page(), at: { node: '1' } },
};

/** Reroutes in a ring, and in a row. */
export const REROUTES = { ring: getter('round'), row: getter('straight') };
/** A link of a file from a node that is not there. */
export const DANGLING_PAGE = page(0, 99);
/** Two instances of one definition with a fault inside. */
export const TWO_INSTANCES = drawn(
  [
    { id: 1, type: 'LoadImage', values: ['a.png', 'image'], outputs: ['IMAGE', 'MASK'] },
    { id: 2, type: INNER, outputs: ['IMAGE'] },
    { id: 4, type: INNER, outputs: ['IMAGE'] },
    { id: 3, type: 'PreviewImage' },
  ],
  [
    [1, 0, 2, 'image', 'IMAGE'],
    [2, 0, 4, 'image', 'IMAGE'],
    [4, 0, 3, 'images', 'IMAGE'],
  ],
  { definitions: { subgraphs: [inverter(INNER, 'ImageInvrt')] } },
);
export const DEFINITION = INNER;
