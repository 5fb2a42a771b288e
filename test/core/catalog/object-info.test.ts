import { describe, expect, it } from 'vitest';
import type { CwfError } from '../../../src/base/errors.ts';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { catalogFromObjectInfo, type NestedOrder } from '../../../src/core/catalog/object-info.ts';

const read = (json: Json, nested?: NestedOrder) => catalogFromObjectInfo(json, '9.9', nested);

const SAMPLER = {
  input: {
    required: { steps: ['INT', { default: 20, max: 10000, tooltip: 'how many' }], seed: ['INT', {}] },
    optional: { name: [['euler', 'ddim'], { default: 'ddim' }] },
    hidden: { prompt: 'PROMPT' },
  },
  input_order: { required: ['seed', 'steps'], optional: ['name'] },
  output: ['LATENT', 'INT'],
  output_name: ['latent'],
  output_is_list: [false, true],
  output_node: true,
  description: 'words',
};

describe('catalogFromObjectInfo', () => {
  it('reads V1: sections, the order of inputs, lists of options, outputs and flags, without words', () => {
    expect(read({ Sampler: SAMPLER }).node('Sampler')).toEqual({
      inputs: [
        { name: 'seed', section: 'required', type: 'INT', options: {} },
        { name: 'steps', section: 'required', type: 'INT', options: { default: 20, max: 10000 } },
        {
          name: 'name',
          section: 'optional',
          type: 'COMBO',
          options: { options: ['euler', 'ddim'], default: 'ddim' },
          listed: true,
        },
        { name: 'prompt', section: 'hidden', type: 'PROMPT', options: {} },
      ],
      outputs: [
        { name: 'latent', type: 'LATENT', isList: false },
        { name: 'INT', type: 'INT', isList: true },
      ],
      flags: ['output_node'],
    });
  });

  it('reads V3: dynamic combos with the order of the widgets below each option, nested ones too', () => {
    const inner = {
      key: 'b',
      inputs: { required: { y: ['INT', {}], x: ['FLOAT', {}], mask: ['MASK', {}] } },
    };
    const mode = ['COMFY_DYNAMICCOMBO_V3', { options: [inner] }];
    const json = {
      N: {
        input: {
          required: { m: ['COMFY_DYNAMICCOMBO_V3', { options: [{ key: 'a', inputs: { required: { mode } } }] }] },
        },
      },
    };
    const order = (nested?: NestedOrder) => {
      const options = read(json, nested).node('N')?.inputs[0]?.options as JsonObject;
      const below = (options.options as JsonObject[])[0] as { inputs: { required: { mode: [string, JsonObject] } } };
      return (below.inputs.required.mode[1].options as JsonObject[])[0]?.order;
    };
    expect(order()).toEqual(['y', 'x']);
    const asked: string[] = [];
    const nested: NestedOrder = (...place) => {
      asked.push(place.join(' '));
      return [['x'], ['mask', 'x', 'other', 'y']];
    };
    // The first that knows all of them; what takes links only has no place.
    expect(order(nested)).toEqual(['x', 'y']);
    expect(asked).toEqual(['N m.mode b', 'N m a']);
    expect(order(() => [])).toBeUndefined();
    expect(JSON.stringify(json)).not.toContain('order');
  });

  it('has one hash for one set of facts, whatever the order of keys and the words', () => {
    const turned = Object.fromEntries(Object.entries({ ...SAMPLER, description: 'other' }).reverse());
    expect(read({ A: {}, Sampler: turned }).hash).toBe(read({ Sampler: SAMPLER, A: {} }).hash);
    expect(read({ Sampler: SAMPLER }).hash).not.toBe(read({ Sampler: { ...SAMPLER, output: ['LATENT'] } }).hash);
  });

  it('keeps an integer that a double cannot hold', () => {
    const json = parseJson('{"N":{"input":{"required":{"seed":["INT",{"max":18446744073709551615}]}}}}');
    expect(read(json).node('N')?.inputs[0]?.options.max).toBe(18446744073709551615n);
  });
});

describe('[C3-83] a hostile object_info', () => {
  it('with names of the prototype touches none and yields no class of that name', () => {
    const json = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{},"N":{"input":{"required":{"__proto__":["INT",{"__proto__":{"polluted":1}}],"a":["INT",{"__proto__":{"polluted":1}}]}}}}',
    );
    const catalog = read(json);
    expect(({} as JsonObject).polluted).toBeUndefined();
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(catalog.node(name)).toBeUndefined();
    expect(catalog.node('N')?.inputs.map(({ name }) => name)).toEqual(['a']);
    expect(catalog.node('N')?.inputs[0]?.options.polluted).toBeUndefined();
  });

  it('with over 100,000 classes is refused, and just under it is read', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, {}]));
    expect(() => read(many(100_001))).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID' }));
    expect(read(many(1000)).node('c999')).toEqual({ inputs: [], outputs: [], flags: [] });
  });

  it.each<[string, Json]>([
    ['a list', []],
    ['a class that is a text', { A: 'x' }],
    ['an input without a type', { A: { input: { required: { a: [5] } } } }],
  ])('%s is refused with what is wrong', (_what, json) => {
    let error: unknown;
    try {
      read(json);
    } catch (caught) {
      error = caught;
    }
    expect((error as CwfError).code).toBe('CATALOG_INVALID');
  });

  it.each<[string, Json]>([
    ['input is a list', { A: { input: [] } }],
    ['a section is null', { A: { input: { required: null }, input_order: 7 } }],
    [
      'order names what is not there',
      { A: { input: { required: {} }, input_order: { required: ['a', 5, 'toString'] } } },
    ],
    [
      'options of a dynamic combo are odd',
      {
        A: { input: { required: { m: ['COMFY_DYNAMICCOMBO_V3', { options: [null, 5, { key: 'k', inputs: [] }] }] } } },
      },
    ],
  ])('%s: read as far as it goes', (_what, json) => {
    expect(read(json).node('A')).toBeDefined();
  });
});
