import type { Json, JsonObject } from '../../../src/base/json.ts';
import { catalogFromObjectInfo } from '../../../src/core/catalog/object-info.ts';
import { type Conversion, convertToApi } from '../../../src/core/convert/convert.ts';
import { withoutGroupNodes } from '../../../src/core/convert/group-nodes.ts';
import { fileOrder } from '../../../src/core/convert/renumber.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { uiDocument, uiNode } from '../workflow/graphs.ts';

const required = (inputs: JsonObject, output: Json[] = ['MODEL']): JsonObject => ({
  input: { required: inputs },
  output,
});

/** Definitions made by hand, one for each rule of conversion. */
const CLASSES: JsonObject = {
  Loader: required({ name: [['a', 'b'], {}] }),
  Shift: required({ model: ['MODEL'], amount: ['FLOAT', { default: 1, step: 0.01, max: 100 }] }),
  Sampler: required(
    { model: ['MODEL'], seed: ['INT', { default: 7, control_after_generate: true }], steps: ['INT', { default: 20 }] },
    ['LATENT', 'IMAGE'],
  ),
  Blend: required({ first: ['IMAGE'], second: ['IMAGE'], mask: ['MASK'] }, ['IMAGE', 'MASK']),
  Picture: required({ image: ['COMBO', { files: 'input', image_upload: true }] }, ['IMAGE', 'MASK']),
  Boxes: required({ points: ['BOUNDING_BOXES', {}], curve: ['CURVE', {}] }, []),
  Words: required({ text: ['STRING', { dynamicPrompts: true }], note: ['STRING', {}] }, ['STRING']),
  Forced: required({ mask: ['STRING', { forceInput: true }], width: ['INT', {}], height: ['INT', {}] }, []),
  Batch: required(
    {
      images: [
        'COMFY_AUTOGROW_V3',
        { template: { input: { required: { image: ['IMAGE'] } }, prefix: 'image', min: 1 } },
      ],
    },
    ['IMAGE'],
  ),
  Resize: required(
    {
      image: ['IMAGE'],
      mode: [
        'COMFY_DYNAMICCOMBO_V3',
        {
          options: [
            { key: 'by', inputs: { required: { factor: ['FLOAT', { default: 2 }] } } },
            { key: 'to', inputs: { required: { width: ['INT', {}], height: ['INT', {}] } } },
            { key: 'like', inputs: { required: { other: ['IMAGE'] } } },
          ],
        },
      ],
      method: [['area', 'nearest'], {}],
    },
    ['IMAGE'],
  ),
  SaveImage: required({ images: ['IMAGE'], filename_prefix: ['STRING', { default: 'ComfyUI' }] }, []),
  KSampler: required({ model: ['MODEL'], sampler_name: [['euler', 'ddim'], {}] }, ['LATENT']),
  CustomCombo: required({ choice: ['COMBO', { options: [] }] }, ['STRING', 'INT']),
  Preview3DAdvanced: required({ viewport_state: ['LOAD_3D', {}], width: ['INT', {}], height: ['INT', {}] }, []),
  Load3D: required({ model_file: ['COMBO', { options: ['none'] }], image: ['LOAD_3D', {}] }, ['IMAGE']),
  RecordAudio: required({ audio: ['AUDIO_RECORD', {}] }, ['AUDIO']),
};

export const CATALOG = catalogFromObjectInfo(CLASSES, 'test');
const NOW = new Date(2026, 2, 5, 9, 8, 7);

/** Converts a UI document with those definitions. */
export function convert(file: JsonObject, catalog = CATALOG): Conversion {
  const document = withoutGroupNodes(file, catalog);
  const workflow = readWorkflow(document, { catalog, source: 'x.json' });
  return convertToApi(workflow, catalog, { order: fileOrder(document), now: NOW, choose: (count) => count - 1 });
}

/** What each node of the prompt gets, by prompt id. */
export function inputsOf(document: JsonObject): Record<string, JsonObject> {
  const { prompt } = convert(document);
  return Object.fromEntries(Object.entries(prompt).map(([id, { inputs }]) => [id, inputs]));
}

/** Codes of what was remarked on. */
export function codesOf(document: JsonObject): string[] {
  return convert(document).diagnostics.map(({ code }) => code);
}

/** One link as a test writes it: from node and slot, to node and the name of its input. */
export type Wire = readonly [from: Json, slot: number, to: Json, input: string, type?: string];

/** A node as a test writes it. */
export interface Draft {
  readonly id: Json;
  readonly type: string;
  readonly values?: Json;
  readonly named?: JsonObject;
  readonly mode?: number;
  readonly title?: string;
  readonly properties?: JsonObject;
  /** Names of sockets beside those that are linked, with their widget where they have one. */
  readonly sockets?: readonly (readonly [name: string, type: string, widget?: string])[];
  readonly outputs?: readonly string[];
}

/** Nodes and links of one scope, as a file has them; `rows` are objects inside a subgraph. */
export function scope(
  drafts: readonly Draft[],
  wires: readonly Wire[],
  objects = false,
): { nodes: Json[]; links: Json[] } {
  const links: Json[] = [];
  const nodes = drafts.map((draft) => {
    const sockets = [...(draft.sockets ?? [])];
    for (const [, , to, name, type] of wires) {
      if (to === draft.id && !sockets.some(([one]) => one === name)) sockets.push([name, type ?? '*']);
    }
    const inputs = sockets.map(([name, type, widget]) => ({
      name,
      type,
      link: null as Json,
      ...(widget === undefined ? {} : { widget: { name: widget } }),
    }));
    const { values, named, mode, title, properties, outputs } = draft;
    return {
      inputs,
      id: draft.id,
      json: uiNode(draft.id, draft.type, {
        inputs,
        outputs: (outputs ?? []).map((type) => ({ name: type, type, links: null })),
        ...(values === undefined ? {} : { widgets_values: values }),
        ...(named === undefined ? {} : { widgets_values_named: named }),
        ...(mode === undefined ? {} : { mode }),
        ...(title === undefined ? {} : { title }),
        properties: properties ?? {},
      }),
    };
  });
  for (const [at, [from, slot, to, name, type]] of wires.entries()) {
    const id = at + 1;
    const target = nodes.find((node) => node.id === to);
    const index = target ? target.inputs.findIndex((one) => one.name === name) : Number(name);
    if (target) target.inputs[index]!.link = id;
    const row = [id, from, slot, to, index, type ?? '*'];
    const object = { id, origin_id: from, origin_slot: slot, target_id: to, target_slot: index, type: type ?? '*' };
    links.push(objects ? object : row);
  }
  return { nodes: nodes.map(({ json }) => json), links };
}

/** A UI document of these nodes and links. */
export function drawn(drafts: readonly Draft[], wires: readonly Wire[] = [], more: JsonObject = {}): JsonObject {
  const { nodes, links } = scope(drafts, wires);
  return uiDocument(nodes, links, more);
}

/** A subgraph definition; `-10` and `-20` are its own sides, and a wire to `-20` names the slot by its number. */
export function definition(
  id: string,
  drafts: readonly Draft[],
  wires: readonly Wire[],
  slots: {
    readonly inputs?: readonly (readonly [string, string])[];
    readonly outputs?: readonly (readonly [string, string])[];
  },
): JsonObject {
  const slot = ([name, type]: readonly [string, string]) => ({ id: `${id}-${name}`, name, type, linkIds: [] });
  return {
    id,
    name: id,
    inputs: (slots.inputs ?? []).map(slot),
    outputs: (slots.outputs ?? []).map(slot),
    ...scope(drafts, wires, true),
  };
}
