import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { catalogFromObjectInfo } from '../../../src/core/catalog/object-info.ts';
import type { Diagnostic } from '../../../src/core/validate/diagnostic.ts';
import { validateDocument } from '../../../src/core/validate/validate-document.ts';
import { graph, node } from './examples.ts';

function found(json: Json, catalog = defaultCatalog()): Diagnostic[] {
  return validateDocument(json, 'x.json', catalog).diagnostics;
}
const errors = (json: Json): string[] =>
  found(json)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, node: at, input }) => `${at}.${input} ${code}`);

/** A row of nodes, each fed by the one before it. */
function row(count: number, made: (from: Json, at: number) => JsonObject, first = 10): JsonObject {
  const nodes: JsonObject = {};
  for (let at = 0; at < count; at++) nodes[String(first + at)] = made([at === 0 ? '1' : String(first + at - 1), 0], at);
  return nodes;
}

describe('[VS-8] cycles', () => {
  it('ten thousand nodes in a row are no cycle, and in a ring one', () => {
    const nodes = row(10_000, (image) => node('ImageInvert', { image }));
    const end = node('PreviewImage', { images: ['10009', 0] });
    expect(found(graph({ ...nodes, '3': end, '2': node('PreviewImage', { images: ['1', 0] }) }))).toEqual([]);
    const ring = { ...nodes, '10': node('ImageInvert', { image: ['10009', 0] }) };
    const [cycle, ...more] = found(graph({ ...ring, '3': end, '2': node('PreviewImage', { images: ['1', 0] }) }));
    expect(cycle).toMatchObject({ code: 'CYCLE', node: '10', input: 'image' });
    expect(cycle!.message.length).toBeLessThan(500);
    expect(more).toEqual([]);
  });

  it('each group of nodes that wait for each other once, off the path of outputs too', () => {
    const two = (a: string, b: string): JsonObject => ({
      [a]: node('ImageInvert', { image: [b, 0] }),
      [b]: node('ImageInvert', { image: [a, 0] }),
    });
    expect(errors(graph({ ...two('20', '21'), ...two('30', '31') }))).toEqual(['20.image CYCLE', '30.image CYCLE']);
  });

  it('the path runs in the direction of the data, and data names the links that make it', () => {
    const nodes = {
      '5': node('ImageInvert', { image: ['7', 0] }),
      '6': node('ImageInvert', { image: ['5', 0] }),
      '7': node('ImageInvert', { image: ['6', 0] }),
    };
    const [cycle] = found(graph(nodes));
    expect(cycle!.message).toContain('ImageInvert (5) -> ImageInvert (6) -> ImageInvert (7) -> ImageInvert (5)');
    expect(cycle!.data!.inputs).toEqual([
      { node: '5', input: 'image' },
      { node: '6', input: 'image' },
      { node: '7', input: 'image' },
    ]);
  });
});

const resized = (input: Json): JsonObject =>
  node('ResizeImageMaskNode', {
    input,
    resize_type: 'scale by multiplier',
    'resize_type.multiplier': 2,
    scale_method: 'area',
  });

describe('[VS-5] nodes that match types', () => {
  it('give what they are given, through a chain of any length', () => {
    const chain = (from: Json): JsonObject => ({
      ...row(5_000, (input, at) => resized(at === 0 ? from : input)),
      '3': node('PreviewImage', { images: ['5009', 0] }),
      '2': node('PreviewImage', { images: ['1', 0] }),
    });
    expect(errors(graph(chain(['1', 0])))).toEqual([]);
    expect(errors(graph(chain(['1', 1])))).toEqual(['3.images TYPE_MISMATCH']);
  });

  it('take only what their template allows', () => {
    const nodes = { '1': node('EmptyLatentImage', { width: 64, height: 64, batch_size: 1 }), '2': resized(['1', 0]) };
    const [fault] = found(graph(nodes));
    expect(fault).toMatchObject({ code: 'TYPE_MISMATCH', node: '2', input: 'input', data: { takes: 'IMAGE,MASK' } });
  });

  it('want one type for all inputs of a template', () => {
    const either = (on_true: Json): JsonObject =>
      graph({
        '2': node('ComfySwitchNode', { switch: true, on_false: ['1', 0], on_true }),
        '3': node('PreviewAny', { source: ['2', 0] }),
      });
    expect(errors(either(['1', 0]))).toEqual([]);
    expect(errors(either(['1', 1]))).toEqual(['2.on_true TYPE_MISMATCH']);
  });

  it('in a ring say nothing about types, and the ring is told', () => {
    const nodes = { '2': resized(['4', 0]), '4': resized(['2', 0]) };
    expect(errors(graph(nodes))).toEqual(['2.input CYCLE']);
  });
});

describe('[VS-6] values', () => {
  it('of a primitive are judged by the input that reads them, and named where they live', () => {
    const steps = (value: number): JsonObject =>
      graph({
        '8': node('PrimitiveInt', { value }),
        '2': node('ImageBlur', { image: ['1', 0], blur_radius: ['8', 0], sigma: 1 }),
      });
    expect(found(steps(5))).toEqual([]);
    expect(found(steps(99))).toMatchObject([
      {
        code: 'VALUE_TOO_BIG',
        node: '8',
        class_type: 'PrimitiveInt',
        input: 'value',
        data: { value: 99, to: 31, reader: { node: '2', input: 'blur_radius' } },
      },
    ]);
  });

  it('in a wrapper are those inside it', () => {
    const sigma = (value: Json): JsonObject =>
      graph({ '2': node('ImageBlur', { image: ['1', 0], blur_radius: 1, sigma: { __value__: value } }) });
    expect(found(sigma(2))).toEqual([]);
    expect(errors(sigma('soft'))).toEqual(['2.sigma VALUE_WRONG_TYPE']);
    expect(errors(sigma([2, 3]))).toEqual(['2.sigma VALUE_WRONG_TYPE']);
  });

  it('of hidden inputs, and of widgets that the page adds, are no business of the class', () => {
    const nodes = {
      '2': node('PreviewImage', { images: ['1', 0], prompt: {}, extra_pnginfo: {} }),
      '4': node('CustomCombo', { choice: 'a', index: 0, option1: 'a', option2: '' }),
      '5': node('PreviewAny', { source: ['4', 0] }),
    };
    expect(found(graph({ ...nodes, '3': node('PreviewImage', { images: ['1', 0] }) }))).toEqual([]);
  });
});

describe('[VS-5] lists that stand for links', () => {
  const blur = (image: Json): JsonObject => graph({ '2': node('ImageBlur', { image, blur_radius: 1, sigma: 1 }) });

  it.each<[Json[], Json]>([
    [
      [1, 0],
      ['1', 0],
    ],
    [
      ['1', '0'],
      ['1', 0],
    ],
    [['1'], ['1', 0]],
    [
      ['1', 0, 1],
      ['1', 0],
    ],
    [['1', -1], null],
    [['1', null], null],
    [['1', true], null],
    [['1', 0.5], null],
    [[], null],
    [[null, 0], null],
  ])('%j is no link, and may mean %j', (list, meant) => {
    const [fault] = found(blur(list)).filter(({ severity }) => severity === 'error');
    expect(fault).toMatchObject({ code: 'LINK_MALFORMED', node: '2', input: 'image' });
    expect(fault!.data!.to ?? null).toEqual(meant);
    // Whoever wrote it meant a link: the node it comes from is not called unused.
    if (meant !== null) expect(found(blur(list)).map(({ code }) => code)).toEqual(['LINK_MALFORMED']);
  });

  it('a list from a node that is not there dangles', () => {
    expect(errors(blur(['99', -1]))).toEqual(['2.image LINK_DANGLING']);
  });

  it('an output written with a fraction is none to the server', () => {
    const json = blur(['1', 0]);
    const { diagnostics } = validateDocument(json, 'x', defaultCatalog(), {
      fractions: ['/2/inputs/image/1', '/2/inputs/sigma'],
    });
    expect(diagnostics).toMatchObject([{ code: 'LINK_MALFORMED', node: '2', input: 'image', data: { to: ['1', 0] } }]);
  });
});

describe('[VS-3] unknown classes', () => {
  it('are told once, and everything around them is judged all the same', () => {
    const nodes = {
      '2': node('Unheard', { image: ['1', 0], gone: ['99', 0] }),
      '3': node('PreviewImage', { images: ['2', 7] }),
      '4': node('ImageBlur', { image: ['2', 1], blur_radius: 0, sigma: 1 }),
      '5': node('PreviewImage', { images: ['4', 0] }),
    };
    expect(errors(graph(nodes))).toEqual([
      '2.undefined CLASS_UNKNOWN',
      '2.gone LINK_DANGLING',
      '4.blur_radius VALUE_TOO_SMALL',
    ]);
  });

  it('a class that the server replaces needs its _meta', () => {
    const old = { class_type: 'T2IAdapterLoader', inputs: { t2i_adapter_name: 'a' } };
    expect(found(graph({ '9': old }))).toMatchObject([{ code: 'CLASS_REPLACED', severity: 'error' }]);
    expect(found(graph({ '9': { ...old, _meta: {} } }))).toMatchObject([
      { code: 'CLASS_REPLACED', severity: 'warning' },
    ]);
  });
});

describe('[VS-9] results', () => {
  it('nodes that lead nowhere are told once for those that belong together', () => {
    const nodes = {
      '20': node('LoadImage', { image: 'b.png' }),
      '21': node('ImageInvert', { image: ['20', 0] }),
      '22': node('ImageInvert', { image: ['20', 0] }),
      '30': node('LoadImage', { image: 'c.png' }),
    };
    expect(found(graph(nodes))).toMatchObject([
      { code: 'NODE_UNUSED', node: '20', data: { nodes: [{ node: '20' }, { node: '21' }, { node: '22' }] } },
      { code: 'NODE_UNUSED', node: '30' },
    ]);
  });

  it('a fault that the server never gets to is a warning; its class is looked at all the same', () => {
    const nodes = { '20': node('ImageInvert'), '21': node('Unheard') };
    expect(found(graph({ '20': nodes['20'] }))).toMatchObject([
      { code: 'NODE_UNUSED', severity: 'warning' },
      { code: 'INPUT_MISSING', severity: 'warning', data: { unused: true } },
    ]);
    expect(found(graph({ '21': nodes['21'] }))).toMatchObject([{ code: 'CLASS_UNKNOWN', severity: 'error' }]);
  });
});

describe('definitions of another server', () => {
  const CLASSES: JsonObject = {
    Source: { input: {}, output: ['A,B', ['x', 'y'], '*'] },
    Sink: {
      input: { required: { one: ['B,C', {}] }, optional: { pick: [['x', 'y'], {}], any: ['*', {}], other: ['D', {}] } },
      output: [],
      output_node: true,
    },
  };
  const catalog = catalogFromObjectInfo(CLASSES, 'own');
  const sink = (inputs: JsonObject): JsonObject => ({ '1': node('Source'), '2': node('Sink', inputs) });

  it('[VS-5] lists of types need one in common, a list of options fits a combo, `*` fits anything', () => {
    expect(found(sink({ one: ['1', 0], pick: ['1', 1], any: ['1', 0], other: ['1', 2] }), catalog)).toEqual([]);
    expect(
      found(sink({ one: ['1', 1], other: ['1', 0] }), catalog).map(({ input, code }) => `${input} ${code}`),
    ).toEqual(['one TYPE_MISMATCH', 'other TYPE_MISMATCH']);
  });
});
