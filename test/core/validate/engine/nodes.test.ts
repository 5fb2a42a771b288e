import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../../../src/base/json.ts';
import { catalog, judge, judgeText, NEW, node, OLD, told } from './judge.ts';

const spec = (required: object, optional: object = {}, more: object = {}) => ({
  input: { required, optional },
  output: [],
  ...more,
});
/** A class with one output slot of each type, and one output node for each input that is tried. */
const source = (...output: Json[]) => spec({}, {}, { output });
const sink = (type: Json, options: object = {}) => spec({ x: [type, options] }, {}, { output_node: true });

describe('links [VE-8]', () => {
  const classes = catalog({ Two: source('A', 'B'), None: source(), Sink: sink('A') } as { [name: string]: Json });
  const linked = (link: string) => {
    const verdict = judgeText(
      `{"1":{"class_type":"Two","inputs":{}},"0":{"class_type":"None","inputs":{}},"2":{"class_type":"Sink","inputs":{"x":${link}}}}`,
      classes,
    );
    return told(verdict)['2'] ?? [];
  };

  test.each([
    ['["1",0]', []],
    ['["1",-2]', []],
    ['["1",false]', []],
    ['["1",true]', ['return_type_mismatch x']],
    ['["1",-1]', ['return_type_mismatch x']],
    ['["1",2]', ['exception_during_validation x']],
    ['["1",-3]', ['exception_during_validation x']],
    ['["1",99999999999999999999999]', ['exception_during_validation x']],
    ['["1",0.0]', ['exception_during_validation x']],
    ['["1","0"]', ['exception_during_validation x']],
    ['["1",null]', ['exception_during_validation x']],
    ['["0",0]', ['exception_during_validation x']],
    ['["nope",0]', ['exception_during_validation x']],
    ['[1,0]', ['exception_during_validation x']],
    ['[null,0]', ['exception_during_validation x']],
    ['[["1"],0]', ['exception_during_validation x']],
    ['[{"a":1},0]', ['exception_during_validation x']],
    ['["a","b"]', ['exception_during_validation x']],
    ['[]', ['bad_linked_input x']],
    ['["1"]', ['bad_linked_input x']],
    ['["1",0,0]', ['bad_linked_input x']],
    ['5', []],
    ['null', []],
  ])('%s', (link, expected) => {
    expect(linked(link)).toEqual(expected);
  });

  it('the exceptions are those of Python, and name the link that is to blame [VE-17]', () => {
    const raised = (link: string) =>
      judgeText(
        `{"1":${JSON.stringify(node('EmptyImage'))},"2":{"class_type":"PreviewImage","inputs":{"images":${link}}}}`,
      ).node_errors['2']?.errors[0];
    expect(raised('["1",7]')).toMatchObject({
      extra_info: { exception_type: 'IndexError', input_name: 'images', linked_node: ['1', 7] },
    });
    expect(raised('["nope",0]')).toMatchObject({ details: "'nope'", extra_info: { exception_type: 'KeyError' } });
    expect(raised('["1",0.5]')).toMatchObject({ extra_info: { exception_type: 'TypeError' } });
  });

  it('below another node the entry stands on the node that raised, too [VE-17]', () => {
    const verdict = judge({
      '1': node('ImageInvert', { image: ['gone', 0] }),
      '2': node('PreviewImage', { images: ['1', 0] }),
    });
    expect(told(verdict)).toEqual({ '1': ['exception_during_inner_validation image'] });
    expect(verdict.node_errors['1']).toMatchObject({ dependent_outputs: ['2'], class_type: 'ImageInvert' });
  });

  it('undeclared inputs are not looked at, links into nothing among them [VE-7]', () => {
    const prompt = { '1': node('PreviewAny', { source: 1, extra: ['gone', 0], other: ['x'] }) };
    for (const engine of [NEW, OLD]) expect(judge(prompt, engine)).toMatchObject({ status: 200, node_errors: {} });
  });
});

describe('types [VE-9]', () => {
  const fits = (received: Json, wanted: Json, engine: string) => {
    const classes = catalog({ From: source(received), To: sink(wanted) } as { [name: string]: Json }, engine);
    return judge({ '1': node('From'), '2': node('To', { x: ['1', 0] }) }, classes).status === 200;
  };

  test.each<[Json, Json, boolean, boolean]>([
    ['IMAGE', 'IMAGE', true, true],
    ['IMAGE', 'MASK', false, false],
    ['FLOAT', 'INT', false, false],
    ['*', 'INT', true, true],
    ['INT', '*', true, true],
    ['A,B', 'B, C', true, true],
    ['A,B', 'C,D', false, false],
    ['A,*', 'C', true, true],
    ['COMFY_MATCHTYPE_V3', 'IMAGE', true, false],
    ['IMAGE', 'COMFY_MATCHTYPE_V3', true, false],
    [['a', 'b'], 'COMBO', true, false],
    [['a', 'b'], ['a', 'b'], true, true],
    [['a', 'b'], ['a'], false, false],
    ['COMBO', ['a', 'b'], false, false],
    ['COMBO', 'COMBO', true, true],
    ['STRING', ['a'], false, false],
  ])('%j into %j', (received, wanted, newer, older) => {
    expect([fits(received, wanted, '0.33.0'), fits(received, wanted, '0.3.64')]).toEqual([newer, older]);
  });
});

describe('the walk [VE-7]', () => {
  const chain = {
    '1': node('ImageInvert'),
    '2': node('ImageInvert', { image: ['1', 0] }),
    '3': node('PreviewImage', { images: ['2', 0] }),
    '4': node('PreviewImage', { images: ['1', 0] }),
    '5': node('ImageInvert', { image: 'orphan' }),
  };

  it('tells a fault once, on its node, with the outputs it blocks; what is above has no entry, orphans neither', () => {
    const verdict = judge(chain);
    expect(told(verdict)).toEqual({ '1': ['required_input_missing image'] });
    expect([...(verdict.node_errors['1']?.dependent_outputs ?? [])].sort()).toEqual(['3', '4']);
  });

  it('tells every fault of a node, the first of each input', () => {
    const inputs = { width: 0, height: 'x', batch_size: ['1', 0, 0] };
    const verdict = judge({ '1': node('EmptyImage', inputs), '2': node('PreviewImage', { images: ['1', 0] }) });
    expect(told(verdict)['1']?.sort()).toEqual([
      'bad_linked_input batch_size',
      'invalid_input_type height',
      'required_input_missing color',
      'value_smaller_than_min width',
    ]);
  });
});

describe('cycles [VE-10]', () => {
  it('every node of it is told, with all its nodes', () => {
    const verdict = judge({
      '1': node('ImageInvert', { image: ['2', 0] }),
      '2': node('ImageInvert', { image: ['1', 0] }),
      '3': node('PreviewImage', { images: ['2', 0] }),
    });
    expect(told(verdict)).toEqual({ '1': ['dependency_cycle'], '2': ['dependency_cycle'] });
    expect(verdict.node_errors['1']?.errors[0]).toMatchObject({
      details: '2 (ImageInvert) -> 1 (ImageInvert) -> 2 (ImageInvert)',
      extra_info: { node_id: '1', cycle_nodes: ['2', '1'] },
    });
  });

  it('a node linked to itself is one; its own faults are told with it', () => {
    const inputs = { image: ['1', 0], upscale_method: 'area', width: -1, height: 1, crop: 'disabled' };
    const prompt = { '1': node('ImageScale', inputs), '2': node('PreviewImage', { images: ['1', 0] }) };
    expect(told(judge(prompt))['1']).toEqual(['dependency_cycle', 'value_smaller_than_min width']);
  });

  it('before 0.33.0 Python ran out of stack: the nodes are not valid, and nothing is told', () => {
    const prompt = { '1': node('ImageInvert', { image: ['1', 0] }), '2': node('PreviewImage', { images: ['1', 0] }) };
    expect(judge(prompt, OLD)).toMatchObject({ error: { type: 'prompt_outputs_failed_validation' }, node_errors: {} });
  });

  it('nodes that come in the place of some that left the stack are not of the cycle', () => {
    const verdict = judge({
      '1': node('ImageBlend', { image1: ['2', 0], image2: ['3', 0], blend_factor: 0, blend_mode: 'normal' }),
      '2': node('ImageInvert', { image: ['1', 0] }),
      '3': node('ImageInvert', { image: ['4', 0] }),
      '4': node('EmptyImage', { width: 1, height: 1, batch_size: 1, color: 0 }),
      '5': node('PreviewImage', { images: ['1', 0] }),
    });
    expect(told(verdict)).toEqual({ '1': ['dependency_cycle'], '2': ['dependency_cycle'] });
  });
});

describe('values', () => {
  const value = (type: Json, options: object, text: string, engine = '0.33.0') => {
    const classes = catalog({ Sink: sink(type, options) } as { [name: string]: Json }, engine);
    const verdict = judgeText(`{"1":{"class_type":"Sink","inputs":{"x":${text}}}}`, classes);
    return verdict.node_errors['1']?.errors.map((one) => one.type)[0] ?? 'fine';
  };

  test.each([
    ['INT', '"12"', 'fine'],
    ['INT', '3.7', 'fine'],
    ['INT', 'true', 'fine'],
    ['INT', '"1.5"', 'invalid_input_type'],
    ['INT', 'null', 'invalid_input_type'],
    ['INT', '{"a":1}', 'invalid_input_type'],
    ['INT', '{"__value__":"7"}', 'fine'],
    ['INT', '{"__value__":null}', 'invalid_input_type'],
    ['INT', '{"__value__":[1,2]}', 'invalid_input_type'],
    ['FLOAT', '"1e3"', 'fine'],
    ['FLOAT', '""', 'invalid_input_type'],
    ['BOOLEAN', '"false"', 'fine'],
    ['STRING', 'null', 'fine'],
    ['STRING', '["1",0]', 'exception_during_validation'],
    ['IMAGE', '5', 'fine'],
  ])('a %s takes %s: %s [VE-11]', (type, text, expected) => {
    expect(value(type, {}, text)).toBe(expected);
  });

  test.each([
    ['INT', '1', 'fine'],
    ['INT', '0', 'value_smaller_than_min'],
    ['INT', '"10"', 'fine'],
    ['INT', '11', 'value_bigger_than_max'],
    ['INT', '10.9', 'fine'],
    ['FLOAT', '0.999', 'value_smaller_than_min'],
    ['FLOAT', '"nan"', 'fine'],
    ['FLOAT', 'NaN', 'fine'],
    ['FLOAT', '"inf"', 'value_bigger_than_max'],
    ['FLOAT', '10.000001', 'value_bigger_than_max'],
    ['FLOAT,INT', '"5"', 'exception_during_validation'],
    ['FLOAT,INT', 'null', 'exception_during_validation'],
    ['FLOAT,INT', 'true', 'fine'],
  ])('a %s from 1 to 10 and %s: %s [VE-12]', (type, text, expected) => {
    expect(value(type, { min: 1, max: 10, step: 3 }, text)).toBe(expected);
  });

  it('limits are exact beyond 2^53 [VE-12]', () => {
    const seed = { max: 18446744073709551615n };
    const classes = catalog({ Sink: sink('INT', seed) } as unknown as { [name: string]: Json });
    const of = (text: string) => judgeText(`{"1":{"class_type":"Sink","inputs":{"x":${text}}}}`, classes).status;
    expect([of('18446744073709551615'), of('18446744073709551616')]).toEqual([200, 400]);
  });

  test.each([
    ['"b"', 'fine'],
    ['"B"', 'value_not_in_list'],
    ['1', 'fine'],
    ['1.0', 'fine'],
    ['true', 'fine'],
    ['"1"', 'value_not_in_list'],
    ['null', 'value_not_in_list'],
    ['{"__value__":"b"}', 'fine'],
    ['{"__value__":["b"]}', 'value_not_in_list'],
  ])('options are compared to the letter, numbers by value: %s is %s [VE-13]', (text, expected) => {
    expect(value(['a', 'b', 1], {}, text)).toBe(expected);
    expect(value('COMBO', { options: ['a', 'b', 1] }, text)).toBe(expected);
  });

  it('before 0.33.0 only lists were looked up [VE-3, VE-13]', () => {
    expect(value('COMBO', { options: ['a'] }, '"x"', '0.3.64')).toBe('fine');
    expect(value(['a'], {}, '"x"', '0.3.64')).toBe('value_not_in_list');
  });

  it('of several choices each is looked up; a combo without options has none [VE-13]', () => {
    const several = { options: ['a', 'b'], multiselect: true };
    expect(value('COMBO', several, '{"__value__":["a","b"]}')).toBe('fine');
    expect(value('COMBO', several, '{"__value__":["a","x"]}')).toBe('value_not_in_list');
    expect(value('COMBO', {}, '"a"')).toBe('value_not_in_list');
  });
});

describe('inputs that depend on others [VE-14]', () => {
  const combo = {
    options: [
      { key: 'one', inputs: { required: { n: ['INT', { min: 1 }] }, optional: { m: ['INT', {}] } } },
      {
        key: 'two',
        inputs: {
          required: {
            sub: ['COMFY_DYNAMICCOMBO_V3', { options: [{ key: 'x', inputs: { required: { t: ['A', {}] } } }] }],
          },
        },
      },
    ],
  };
  const grown = (min: number, template: object) => ({
    template: { input: { required: { v: ['INT', { min: 1 }] } }, min, ...template },
  });
  const classes = {
    Combo: sink('COMFY_DYNAMICCOMBO_V3', combo),
    Prefix: sink('COMFY_AUTOGROW_V3', grown(2, { prefix: 'v', max: 4 })),
    Names: sink('COMFY_AUTOGROW_V3', grown(1, { names: ['a', 'b'] })),
    Optional: sink('COMFY_AUTOGROW_V3', {
      template: { input: { required: {}, optional: { v: ['INT', {}] } }, min: 2, prefix: 'v', max: 3 },
    }),
  } as unknown as { [name: string]: Json };
  const check = (classType: string, inputs: Json, engine = '0.33.0') =>
    (told(judge({ '1': node(classType, inputs) }, catalog(classes, engine)))['1'] ?? []).sort();

  test.each<[string, Json, string[]]>([
    ['Combo', { x: 'one', 'x.n': 1 }, []],
    ['Combo', { x: 'one', 'x.n': 0, 'x.m': 'q' }, ['invalid_input_type x.m', 'value_smaller_than_min x.n']],
    ['Combo', { x: 'one' }, ['required_input_missing x.n']],
    ['Combo', { x: 'two' }, []],
    ['Combo', { x: 'two', 'x.sub': 'x' }, ['required_input_missing x.sub.t']],
    ['Combo', { x: 'no such option', 'x.n': 0 }, []],
    ['Combo', { x: { __value__: 'one' } }, []],
    ['Combo', {}, []],
    ['Prefix', { 'x.v0': 1, 'x.v1': 1 }, []],
    ['Prefix', {}, ['required_input_missing x.v0', 'required_input_missing x.v1']],
    ['Prefix', { 'x.v0': 1, 'x.v1': 1, 'x.v3': 0, 'x.v4': 0 }, ['value_smaller_than_min x.v3']],
    ['Names', { 'x.b': 1 }, ['required_input_missing x.a']],
    ['Optional', {}, []],
  ])('%s with %j', (classType, inputs, expected) => {
    expect(check(classType, inputs)).toEqual(expected);
  });

  it('before 0.33.0 there were none', () => {
    expect(check('Combo', {}, '0.3.64')).toEqual(['required_input_missing x']);
  });
});
