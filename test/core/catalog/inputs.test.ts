import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import type { InputDefinition, NodeDefinition } from '../../../src/core/catalog/catalog.ts';
import { checkValue } from '../../../src/core/catalog/check-value.ts';
import { declaredInputs } from '../../../src/core/catalog/declared-inputs.ts';
import { allowedTypes, typesFit } from '../../../src/core/catalog/socket-types.ts';

const input = (type: string, options: JsonObject = {}, name = 'x'): InputDefinition => ({
  name,
  section: 'required',
  type,
  options,
});
const codes = (definition: InputDefinition, value: Json, files?: Record<string, string[]>): string =>
  checkValue(definition, value, files)
    .map(({ code, to }) => (to === undefined ? code : `${code} -> ${JSON.stringify(to)}`))
    .join('; ');

describe('checkValue', () => {
  const steps = input('INT', { min: 1, max: 100, step: 1 });
  const width = input('INT', { min: 16, max: 4096, step: 8 });
  const cfg = input('FLOAT', { min: 0, max: 10, step: 0.1 });

  it.each<[InputDefinition, Json, string]>([
    [steps, 1, ''],
    [steps, 100, ''],
    [steps, 0, 'VALUE_TOO_SMALL -> 1'],
    [steps, 101, 'VALUE_TOO_BIG -> 100'],
    [steps, '12', 'VALUE_CAST -> 12'],
    [steps, ' 1_0 ', 'VALUE_CAST -> 10'],
    [steps, '0', 'VALUE_TOO_SMALL -> 1; VALUE_CAST -> 0'],
    [steps, 3.7, 'VALUE_CAST -> 3'],
    [steps, true, 'VALUE_CAST -> 1'],
    [steps, '1.5', 'VALUE_WRONG_TYPE'],
    [steps, '1e3', 'VALUE_WRONG_TYPE'],
    [steps, '', 'VALUE_WRONG_TYPE'],
    [steps, null, 'VALUE_WRONG_TYPE'],
    [steps, {}, 'VALUE_WRONG_TYPE'],
    [input('INT', { min: 0, max: 18446744073709551615n }), 18446744073709551615n, ''],
    [width, 515, 'VALUE_OFF_STEP -> 512'],
    [width, 520, ''],
    // A least value that is itself off the steps: they count from 0.
    [input('INT', { min: 1, step: 8 }), 64, ''],
    [cfg, 7.3, ''],
    [cfg, 0.25, 'VALUE_OFF_STEP -> 0.3'],
    [cfg, 'nan', 'VALUE_NOT_FINITE'],
    [cfg, '-inf', 'VALUE_NOT_FINITE'],
    [cfg, '1e1', 'VALUE_CAST -> 10'],
    [cfg, 'strong', 'VALUE_WRONG_TYPE'],
    [input('BOOLEAN'), 'false', 'VALUE_CAST -> false'],
    [input('BOOLEAN'), 1, 'VALUE_CAST -> true'],
    [input('BOOLEAN'), true, ''],
    [input('STRING'), 5, 'VALUE_CAST -> "5"'],
    [input('STRING'), null, 'VALUE_WRONG_TYPE'],
    [input('COMBO', { options: ['a', 'b', 1] }), 'A', 'VALUE_NOT_IN_LIST'],
    [input('COMBO', { options: ['a', 'b', 1] }), 1, ''],
    [input('COMBO', { options: ['a', 'b'], multiselect: true }), ['a', 'b'], ''],
    [input('COMBO', { options: ['a', 'b'], multiselect: true }), ['a', 'c'], 'VALUE_NOT_IN_LIST'],
    [input('COMBO', { options: [] }), 'anything', ''],
    [input('IMAGE'), 5, 'VALUE_ON_LINK_INPUT'],
    [input('COLORS'), [], ''],
    [input('*'), 5, ''],
    [input('FLOAT,INT'), 5, ''],
  ])('$0.type: $2', (definition, value, expected) => {
    expect(codes(definition, value)).toBe(expected);
  });

  it('files only where their folder is known, and in the folder that a suffix names', () => {
    const image = input('COMBO', { files: 'input' });
    expect(codes(image, 'b.png')).toBe('');
    expect(codes(image, 'b.png', { loras: [] })).toBe('');
    expect(codes(image, 'b.png', { input: ['a.png'] })).toBe('FILE_MISSING');
    expect(codes(image, 'a.png', { input: ['a.png'] })).toBe('');
    expect(codes(image, 'a.png [output]', { input: ['a.png'], output: [] })).toBe('FILE_MISSING');
    expect(codes(image, 'b.png [output]', { input: [], output: ['b.png'] })).toBe('');
    expect(codes(image, '')).toBe('VALUE_WRONG_TYPE');
  });
});

const grown = (template: JsonObject): JsonObject => ({
  template: { input: { required: { image: ['IMAGE', {}] } }, ...template },
});
const CLASS: NodeDefinition = {
  outputs: [],
  flags: [],
  inputs: [
    input('COMFY_AUTOGROW_V3', grown({ prefix: 'image', min: 1, max: 3 }), 'images'),
    input(
      'COMFY_DYNAMICCOMBO_V3',
      {
        options: [
          { key: 'by', inputs: { required: { factor: ['FLOAT', {}] } } },
          { key: 'like', inputs: { required: { refs: ['COMFY_AUTOGROW_V3', grown({ names: ['a', 'b'], min: 0 })] } } },
        ],
      },
      'mode',
    ),
    { ...input('PROMPT', {}, 'prompt'), section: 'hidden' },
  ],
};

describe('declaredInputs', () => {
  const names = (mode?: Json): string[] => [
    ...declaredInputs(CLASS, (name) => (name === 'mode' ? mode : undefined)).byName.keys(),
  ];

  it('slots of growing inputs, and what stands below the key of a dynamic combo', () => {
    expect(names('by')).toEqual(['images.image0', 'images.image1', 'images.image2', 'mode', 'mode.factor']);
    expect(names('like')).toEqual([
      'images.image0',
      'images.image1',
      'images.image2',
      'mode',
      'mode.refs.a',
      'mode.refs.b',
    ]);
    expect(names('other')).toEqual(['images.image0', 'images.image1', 'images.image2', 'mode']);
  });

  it('which are required, and which keys are open', () => {
    const { required, open } = declaredInputs(CLASS, () => undefined);
    expect(required.map(({ name }) => name)).toEqual(['images.image0', 'mode']);
    expect(open.map(({ name }) => name)).toEqual(['mode']);
  });

  it('a definition that states a billion slots has a thousand', () => {
    const huge = { ...CLASS, inputs: [input('COMFY_AUTOGROW_V3', grown({ prefix: 'i', max: 1e9 }), 'images')] };
    expect(declaredInputs(huge, () => undefined).byName.size).toBe(1000);
  });
});

describe('typesFit', () => {
  it.each<[Json, string, boolean]>([
    ['IMAGE', 'IMAGE', true],
    ['IMAGE', 'image', false],
    ['INT', 'FLOAT', false],
    ['*', 'IMAGE', true],
    ['IMAGE', '*', true],
    ['A,B', 'B,C', true],
    ['A, B', 'B', true],
    ['A,B', 'C', false],
    [['x'], 'COMBO', true],
    [['x'], 'STRING', false],
    ['COMFY_MATCHTYPE_V3', 'IMAGE', true],
    [null, 'IMAGE', false],
  ])('%j into %s: %s', (output, into, fits) => {
    expect(typesFit(output, into)).toBe(fits);
  });

  it('what a template lets through', () => {
    const match = (template: JsonObject) => allowedTypes(input('COMFY_MATCHTYPE_V3', { template }));
    expect(match({ allowed_types: 'IMAGE,MASK' })).toBe('IMAGE,MASK');
    expect(match({})).toBe('*');
    expect(allowedTypes(input('IMAGE'))).toBeUndefined();
  });
});
