import type { Json, JsonObject } from '../../../src/base/json.ts';
import { catalogFromObjectInfo } from '../../../src/core/catalog/object-info.ts';
import { type NamedNode, positionNames } from '../../../src/core/catalog/widget-names.ts';

/** Definitions made by hand, one for each rule of naming. */
const DEFINITIONS: Readonly<Record<string, JsonObject>> = {
  Sampler: {
    required: { model: ['MODEL'], seed: ['INT', {}], steps: ['INT', {}], sampler: [['euler', 'ddim'], {}] },
    optional: { denoise: ['FLOAT', {}] },
    hidden: { prompt: 'PROMPT' },
  },
  Noise: { required: { noise_seed: ['INT', { control_after_generate: true }] } },
  Plain: { required: { seed: ['INT', { control_after_generate: false }], flag: ['BOOLEAN', {}] } },
  Primitive: { required: { value: ['INT', { control_after_generate: 'fixed' }] } },
  Forced: { required: { text: ['STRING', { forceInput: true }], width: ['INT', {}] } },
  Image: { required: { image: [['a.png'], { image_upload: true }], scale: ['FLOAT', {}] } },
  Listed: { required: { image: ['COMBO', { files: 'input' }] } },
  Sound: { required: { audio: ['COMBO', { audio_upload: true, files: 'input' }] } },
  Crop: { required: { region: ['BOUNDING_BOX', { socketless: true }], image: ['IMAGE'], fill: ['COLOR', {}] } },
  Boxes: { required: { boxes: ['BOUNDING_BOX', {}], width: ['INT', {}], state: ['BOUNDING_BOXES', {}] } },
  Rate: { required: { rate: ['FLOAT,INT', { widgetType: 'FLOAT' }], batch: ['INT', {}] } },
  Scripted: { required: { name: ['STRING', {}], view: ['ODD', { socketless: true }], width: ['INT', {}] } },
  Resize: {
    required: {
      mode: [
        'COMFY_DYNAMICCOMBO_V3',
        {
          options: [
            { key: 'none', inputs: { required: {} } },
            { key: 'by', inputs: { required: { factor: ['FLOAT', {}], mask: ['MASK', {}] } } },
            {
              key: 'to',
              inputs: { required: { width: ['INT', {}], height: ['INT', {}] }, optional: { crop: [['a', 'b']] } },
            },
          ],
        },
      ],
      seed: ['INT', { control_after_generate: true }],
      method: [['area', 'nearest'], {}],
    },
  },
  Text: {
    required: {
      sampling: [
        'COMFY_DYNAMICCOMBO_V3',
        { options: [{ key: 'on', inputs: { required: { seed: ['INT', {}], heat: ['FLOAT', {}] } } }] },
      ],
    },
    optional: { thinking: ['BOOLEAN', {}] },
  },
  Flagged: {
    required: {
      model: [
        'COMFY_DYNAMICCOMBO_V3',
        {
          options: [
            {
              key: 'm',
              inputs: { required: { seed: ['INT', { control_after_generate: true }], mark: ['BOOLEAN', {}] } },
            },
          ],
        },
      ],
    },
  },
};

const json = Object.fromEntries(Object.entries(DEFINITIONS).map(([name, input]) => [name, { input }]));

/** The catalog of those definitions, with the order of nested inputs known. */
export const CATALOG = catalogFromObjectInfo(json, 'test');

/** The same, read from a dump that has lost that order. */
export const UNORDERED = catalogFromObjectInfo(json, 'test', () => []);

/** Names of the positions of a node. */
export function names(class_type: string, values: readonly Json[], more: Partial<NamedNode> = {}, catalog = CATALOG) {
  return positionNames({ class_type, values, socketWidgets: [], ...more }, catalog);
}
