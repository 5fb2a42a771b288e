import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { catalogFromObjectInfo } from '../../../src/core/catalog/object-info.ts';
import { convertToApi } from '../../../src/core/convert/convert.ts';
import { convertToUi } from '../../../src/core/convert/to-ui.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';

const required = (inputs: JsonObject, output: Json[] = ['MODEL'], optional: JsonObject = {}): JsonObject => ({
  input: { required: inputs, optional },
  output,
});

const CATALOG = catalogFromObjectInfo(
  {
    Loader: required({ name: [['a', 'b'], {}] }, ['MODEL', ['x', 'y']]),
    Sampler: required(
      { model: ['MODEL'], seed: ['INT', { control_after_generate: true }], steps: ['INT', { default: 20 }] },
      ['LATENT'],
      { mask: ['MASK'] },
    ),
    Words: required({ text: ['STRING', { dynamicPrompts: true, multiline: true }] }, ['STRING']),
    Show: required({ source: ['*', {}] }, []),
    Curve: required({ curve: ['CURVE', { socketless: true }] }, []),
    Boxes: required({ boxes: ['BOUNDING_BOXES', {}] }, []),
    Picture: required({ image: ['COMBO', { files: 'input', image_upload: true }] }, ['IMAGE', 'MASK']),
    Resize: required({
      mode: [
        'COMFY_DYNAMICCOMBO_V3',
        {
          options: [
            { key: 'by', inputs: { required: { factor: ['FLOAT', { default: 2 }] } } },
            { key: 'like', inputs: { required: { other: ['IMAGE'] } } },
          ],
        },
      ],
    }),
    Batch: required({
      images: [
        'COMFY_AUTOGROW_V3',
        { template: { input: { required: { image: ['IMAGE'] } }, prefix: 'image', min: 1 } },
      ],
    }),
    PrimitiveInt: required({ value: ['INT', { control_after_generate: 'fixed' }] }, ['INT']),
    PrimitiveStringMultiline: required({ value: ['STRING', { multiline: true }] }, ['STRING']),
  },
  'test',
);

/** A prompt of `[class, inputs, title]` by id. */
function prompt(nodes: Readonly<Record<string, readonly [string, JsonObject, string?]>>): JsonObject {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, [class_type, inputs, title]]) => [
      id,
      { class_type, inputs, ...(title === undefined ? {} : { _meta: { title, cnr_id: 'pack', ver: '1.2' } }) },
    ]),
  );
}

interface Ui {
  readonly nodes: Record<string, JsonObject & { inputs: JsonObject[]; outputs: JsonObject[] }>;
  readonly links: Json[][];
  readonly codes: string[];
  readonly document: JsonObject;
  readonly back: Record<string, JsonObject>;
}

function convert(api: JsonObject): Ui {
  const { document, diagnostics } = convertToUi(readWorkflow(api, { catalog: CATALOG, source: 'x' }), CATALOG);
  const nodes = document.nodes as Ui['nodes'][string][];
  const read = readWorkflow(document, { catalog: CATALOG, source: 'ui' });
  const back = convertToApi(read, CATALOG, { now: new Date(0), choose: () => 0 });
  return {
    document,
    nodes: Object.fromEntries(nodes.map((node) => [String(node.id), node])),
    links: document.links as Json[][],
    codes: diagnostics.map(({ code }) => code),
    back: Object.fromEntries(Object.entries(back.prompt).map(([id, { inputs }]) => [id, inputs])),
  };
}

describe('nodes', () => {
  test('[CV-60] values stand by position and by name, a control on fixed, an upload with its button', () => {
    const { nodes, codes } = convert(
      prompt({
        1: ['Loader', { name: 'b' }],
        2: ['Sampler', { model: ['1', 0], seed: 18446744073709551615n, steps: 30 }],
        3: ['Picture', { image: 'cat.png' }],
      }),
    );
    expect(codes).toEqual([]);
    expect(nodes[2]).toMatchObject({
      widgets_values: [18446744073709551615n, 'fixed', 30],
      widgets_values_named: { seed: 18446744073709551615n, control_after_generate: 'fixed', steps: 30 },
    });
    expect(nodes[3]!.widgets_values).toEqual(['cat.png', 'image']);
  });

  test('[CV-60] what the page wraps and what it would take for a choice is undone', () => {
    const text = 'a {cat|dog}, \\(sitting\\) | alone}';
    const curve = { points: [[0, 0], [1, 1]] }; // biome-ignore format: a pair of points
    const { nodes, back, codes } = convert(
      prompt({
        1: ['Words', { text }],
        2: ['Curve', { curve: { __type__: 'CURVE', __value__: curve } }],
        3: ['Boxes', { boxes: { __value__: [{ x: 1 }] } }],
      }),
    );
    expect(codes).toEqual([]);
    expect(nodes[1]!.widgets_values).toEqual(['a \\{cat|dog}, \\(sitting\\) | alone}']);
    expect(back[1]).toEqual({ text });
    expect(nodes[2]!.widgets_values).toEqual([curve]);
    expect(nodes[3]!.widgets_values).toEqual([[{ x: 1 }]]);
  });

  test('[CV-60] dynamic combos and growing inputs have what their values and links call for', () => {
    const { nodes, back, codes } = convert(
      prompt({
        1: ['Picture', { image: 'cat.png' }],
        2: ['Resize', { mode: 'by', 'mode.factor': 3 }],
        3: ['Resize', { mode: 'like', 'mode.other': ['1', 0] }],
        4: ['Batch', { 'images.image0': ['1', 0], 'images.image1': ['1', 0] }],
      }),
    );
    expect(codes).toEqual([]);
    expect(nodes[2]!.widgets_values).toEqual(['by', 3]);
    expect(nodes[4]!.inputs.map(({ name }) => name)).toEqual(['images.image0', 'images.image1', 'images.image2']);
    expect(back[3]).toEqual({ mode: 'like', 'mode.other': ['1', 0] });
  });

  test('[CV-61] integers are integers in the file, other ids stay texts; nodes stand in their order', () => {
    const ids = ['10', '9', '12:3', '007', 'a', '-1', '1e3'];
    const { document, links, back } = convert(
      prompt({
        ...Object.fromEntries(ids.map((id) => [id, ['Loader', { name: 'a' }] as const])),
        x: ['Sampler', { model: ['12:3', 0], seed: 1, steps: 2 }],
      }),
    );
    const written = (document.nodes as JsonObject[]).map(({ id }) => id);
    expect(written).toEqual([-1, 9, 10, '007', '12:3', '1e3', 'a', 'x']);
    expect(document.last_node_id).toBe(10);
    expect(links).toEqual([[1, '12:3', 0, 'x', 0, 'MODEL']]);
    expect(Object.keys(back).sort()).toEqual([...ids, 'x'].sort());
  });

  test('[CV-62] a link to a widget is a converted input; what may be left out has its shape', () => {
    const { nodes, links } = convert(
      prompt({
        1: ['Loader', { name: 'a' }],
        2: ['Sampler', { model: ['1', 0], seed: ['3', 0], steps: 5 }],
        3: ['PrimitiveInt', { value: 4 }],
      }),
    );
    expect(nodes[2]!.inputs).toEqual([
      { name: 'model', type: 'MODEL', link: 1 },
      { name: 'mask', type: 'MASK', shape: 7, link: null },
      { name: 'seed', type: 'INT', widget: { name: 'seed' }, link: 2 },
      { name: 'steps', type: 'INT', widget: { name: 'steps' }, link: null },
    ]);
    expect(links).toEqual([
      [1, 1, 0, 2, 0, 'MODEL'],
      [2, 3, 0, 2, 2, 'INT'],
    ]);
    expect(nodes[1]!.outputs.map(({ links: ids }) => ids)).toEqual([[1], null]);
  });

  test('[CV-63] outputs are those of the definition, unknown ones have the type of what they feed', () => {
    const { nodes, links } = convert(
      prompt({
        1: ['Loader', { name: 'a' }],
        2: ['Strange', {}],
        3: ['Sampler', { model: ['2', 1], seed: 1, steps: 1 }],
      }),
    );
    expect(nodes[1]!.outputs.map(({ type }) => type)).toEqual(['MODEL', 'COMBO']);
    expect(nodes[2]!.outputs).toEqual([
      { name: 'output_0', type: '*', links: null },
      { name: 'output_1', type: 'MODEL', links: [1] },
    ]);
    expect(links[0]).toEqual([1, 2, 1, 3, 0, 'MODEL']);
  });

  test('[CV-64] an unknown class keeps its inputs, and so does what a known one does not have', () => {
    const strange = { size: 3, words: { __value__: ['a'] }, model: ['1', 0], odd: { a: 1 } };
    const { nodes, back, codes } = convert(prompt({ 1: ['Loader', { name: 'a', extra: 5 }], 2: ['Strange', strange] }));
    expect(codes.sort()).toEqual(['CLASS_UNKNOWN', 'INPUT_UNKNOWN']);
    expect(nodes[2]).toMatchObject({
      inputs: [{ name: 'model', type: 'MODEL', link: 1 }],
      widgets_values_named: { size: 3, words: ['a'], odd: { a: 1 } },
    });
    expect(back[2]).toEqual(strange);
    expect(nodes[1]!.widgets_values_named).toEqual({ name: 'a', extra: 5 });
  });

  test('[CV-68] title and pack come from _meta; what is no node is left out', () => {
    const { nodes, document } = convert({
      ...prompt({ 1: ['Loader', { name: 'a' }, 'My loader'], 2: ['Loader', { name: 'a' }] }),
      comment: 'not a node',
    });
    expect(nodes[1]).toMatchObject({ title: 'My loader', properties: { cnr_id: 'pack', ver: '1.2' } });
    expect(nodes[2]).not.toHaveProperty('title');
    expect(Object.keys(nodes)).toHaveLength(2);
    expect(document).toMatchObject({ version: 0.4, groups: [], last_node_id: 2, last_link_id: 0 });
  });
});

describe('values', () => {
  test('[CV-65] a value that no widget holds as it is stands in a subgraph, and is sent from there', () => {
    const nodes = {
      '5': ['Show', { source: 7 }],
      '12:3': ['Show', { source: 'text' }],
      '7': ['Words', { text: 'one // two' }],
      '8': ['Curve', { curve: { points: [] } }],
    } as const;
    const { document, back, codes, nodes: written } = convert(prompt(nodes as never));
    expect(codes).toEqual(['VALUE_HELD', 'VALUE_HELD', 'VALUE_HELD', 'VALUE_HELD']);
    expect(back).toEqual(Object.fromEntries(Object.entries(nodes).map(([id, [, inputs]]) => [id, inputs])));
    const [definition] = (document.definitions as { subgraphs: JsonObject[] }).subgraphs;
    const instance = written[13]!;
    expect([instance.type, instance.title]).toEqual([definition!.id, 'Values']);
    expect(instance.widgets_values).toEqual([7, 'one // two', { points: [] }, 'text']);
    expect(instance.inputs.map(({ name }) => name)).toEqual(['source', 'text', 'curve', 'source_1']);
    // Ids inside are apart from those of the root, so that nothing is renumbered.
    const inner = (definition!.nodes as JsonObject[]).map(({ id }) => id as number);
    expect(Math.min(...inner)).toBe(14);
    expect(convert(prompt(nodes as never)).document).toEqual(document);
  });

  test('[CV-65] [CV-67] a list or an object for an input without a widget is refused', () => {
    expect(convert(prompt({ 1: ['Show', { source: [] }] })).codes).toEqual(['VALUE_LOST']);
    expect(convert(prompt({ 1: ['Show', { source: { a: 1 } }] })).codes).toEqual(['VALUE_LOST']);
  });

  test('[CV-67] what the page would send otherwise is remarked on', () => {
    const { codes } = convert(
      prompt({
        1: ['Loader', {}],
        2: ['Boxes', { boxes: [1, 2, 3] }],
        3: ['Note', { text: 'x' }],
        4: ['Sampler', { model: ['99', 0], seed: 1, steps: 1 }],
      }),
    );
    expect(codes).toEqual(
      ['CLASS_UNKNOWN', 'LINK_DANGLING', 'CLASS_OF_PAGE', 'VALUE_ADDED', 'VALUE_CHANGED'].sort(byKind),
    );
  });
});

/** Errors come first. */
function byKind(a: string, b: string): number {
  const order = ['LINK_DANGLING', 'CLASS_OF_PAGE', 'CLASS_UNKNOWN', 'VALUE_ADDED', 'VALUE_CHANGED'];
  return order.indexOf(a) - order.indexOf(b);
}

test('[CV-66] sizes are those that the page gives new nodes', () => {
  const catalog = defaultCatalog();
  // As saved in the official templates, by pages that set them.
  const sizes = {
    KSampler: [315, 262],
    CheckpointLoaderSimple: [315, 98],
    CLIPTextEncode: [400, 200],
    VAEDecode: [210, 46],
    EmptyLatentImage: [315, 106],
    LoraLoader: [315, 126],
    ControlNetApplyAdvanced: [315, 186],
    DualCLIPLoader: [315, 130],
    ModelSamplingSD3: [315, 58],
  };
  const nodes = Object.fromEntries(Object.keys(sizes).map((name) => [name, [name, {}] as const]));
  const { document } = convertToUi(readWorkflow(prompt(nodes), { catalog, source: 'x' }), catalog);
  const found = (document.nodes as JsonObject[]).map(({ type, size }) => [type, size]);
  expect(Object.fromEntries(found)).toEqual(sizes);
});
