import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { codesOf, convert, type Draft, drawn, inputsOf, type Wire } from './page.ts';

const loader: Draft = { id: 1, type: 'Loader', values: ['a'], outputs: ['MODEL'] };
const sampler = (id: number): Draft => ({
  id,
  type: 'Sampler',
  values: [42, 'fixed', 30],
  outputs: ['LATENT', 'IMAGE'],
});
const picture = (id: number): Draft => ({
  id,
  type: 'Picture',
  values: ['cat.png', 'image'],
  outputs: ['IMAGE', 'MASK'],
});
const shift = (id: number, mode = 0): Draft => ({
  id,
  type: 'Shift',
  values: [2],
  mode,
  sockets: [['model', 'MODEL']],
  outputs: ['MODEL'],
});

describe('what is sent', () => {
  test('[CV-1] a node keeps its id, which is text; the class is sent, and the title as a note', () => {
    const { prompt } = convert(drawn([{ ...loader, title: 'Base' }, sampler(2)], [[1, 0, 2, 'model', 'MODEL']]));
    expect(prompt['2']).toEqual({
      class_type: 'Sampler',
      inputs: { seed: 42, steps: 30, model: ['1', 0] },
      _meta: { title: 'Sampler' },
    });
    expect(prompt['1']!._meta).toEqual({ title: 'Base' });
  });

  test('[CV-3] notes are not sent; a reroute passes its input on', () => {
    const document = drawn(
      [
        loader,
        { id: 2, type: 'Reroute', sockets: [['', '*']], outputs: ['MODEL'] },
        sampler(3),
        { id: 4, type: 'Note', values: ['x'] },
      ],
      [
        [1, 0, 2, '', 'MODEL'],
        [2, 0, 3, 'model', 'MODEL'],
      ],
    );
    expect(inputsOf(document)).toEqual({ '1': { name: 'a' }, '3': { seed: 42, steps: 30, model: ['1', 0] } });
  });

  test('[CV-3] a getter gives what the setter of its name takes', () => {
    const document = drawn(
      [
        loader,
        { id: 2, type: 'SetNode', values: ['base'] },
        { id: 3, type: 'GetNode', values: ['base'], outputs: ['MODEL'] },
        sampler(4),
      ],
      [
        [1, 0, 2, 'MODEL', 'MODEL'],
        [3, 0, 4, 'model', 'MODEL'],
      ],
    );
    expect(Object.keys(inputsOf(document))).toEqual(['1', '4']);
    expect(inputsOf(document)['4']!.model).toEqual(['1', 0]);
  });

  test('[CV-3] what a muted node fed is not linked', () => {
    const document = drawn([{ ...loader, mode: 2 }, sampler(2)], [[1, 0, 2, 'model', 'MODEL']]);
    expect(inputsOf(document)).toEqual({ '2': { seed: 42, steps: 30 } });
  });
});

describe('bypassed nodes', () => {
  test('[CV-5] pass on the input of the same slot where the types fit', () => {
    const document = drawn(
      [loader, shift(2, 4), sampler(3)],
      [
        [1, 0, 2, 'model', 'MODEL'],
        [2, 0, 3, 'model', 'MODEL'],
      ],
    );
    expect(inputsOf(document)['3']!.model).toEqual(['1', 0]);
    expect(inputsOf(document)).not.toHaveProperty('2');
  });

  test('[CV-5] else the first input of the very type, and nothing where none fits', () => {
    const blend: Draft = { id: 4, type: 'Blend', mode: 4, outputs: ['IMAGE', 'MASK'] };
    const wires: Wire[] = [
      [1, 0, 4, 'first', 'IMAGE'],
      [2, 0, 4, 'second', 'IMAGE'],
      [3, 1, 4, 'mask', 'MASK'],
    ];
    const saved = (slot: number, type: string, target: string) =>
      inputsOf(
        drawn(
          [picture(1), picture(2), picture(3), blend, { id: 5, type: 'Blend' }],
          [...wires, [4, slot, 5, target, type]],
        ),
      )['5'];
    expect(saved(0, 'IMAGE', 'first')).toEqual({ first: ['1', 0] });
    expect(saved(1, 'MASK', 'mask')).toEqual({ mask: ['3', 1] });
    const sampled = drawn(
      [loader, { ...sampler(2), mode: 4 }, { id: 3, type: 'Blend' }],
      [
        [1, 0, 2, 'model', 'MODEL'],
        [2, 1, 3, 'first', 'IMAGE'],
      ],
    );
    expect(inputsOf(sampled)['3']).toEqual({});
  });
});

describe('primitives', () => {
  const primitive = (value: unknown, type: string, properties: JsonObject = {}): Draft => ({
    id: 9,
    type: 'PrimitiveNode',
    values: [value as never, 'fixed'],
    outputs: [type],
    properties,
  });

  test('[CV-8] give their value to the widgets they are linked to, rounded as the widget does', () => {
    const number = (value: number) =>
      inputsOf(
        drawn(
          [primitive(value, 'FLOAT'), { ...shift(2), sockets: [['amount', 'FLOAT', 'amount']] }],
          [[9, 0, 2, 'amount', 'FLOAT']],
        ),
      )['2'];
    expect(number(0.5)).toEqual({ amount: 0.5 });
    expect(number(0.123)).toEqual({ amount: 0.12 });
    expect(number(1000)).toEqual({ amount: 100 });
  });

  test('[CV-8] that held another type start with what the widget has; their texts take values of other nodes', () => {
    const text = (type: string, properties: JsonObject = {}) =>
      inputsOf(
        drawn(
          [
            primitive('%Words.note%', type, properties),
            { id: 2, type: 'Words', values: ['own', 'n'], sockets: [['text', 'STRING', 'text']] },
          ],
          [[9, 0, 2, 'text', 'STRING']],
        ),
      )['2']!.text;
    expect(text('STRING')).toBe('%Words.note%');
    expect(text('STRING', { 'Run widget replace on values': true })).toBe('n');
    expect(text('INT')).toBe('own');
  });
});

describe('files that do not agree with themselves', () => {
  test('[CV-6] a link from a node that is not there is an error with its place', () => {
    const document = drawn([sampler(2)], [[7, 0, 2, 'model', 'MODEL']]);
    expect(convert(document).diagnostics).toMatchObject([
      { code: 'LINK_DANGLING', severity: 'error', node: '2', class_type: 'Sampler', input: 'model' },
    ]);
  });

  test('[CV-6] a row that no input names is remarked on, and what the nodes say is sent', () => {
    const document = drawn([loader, { ...shift(3) }, sampler(2)], [[1, 0, 2, 'model', 'MODEL']]);
    (document.links as unknown[]).push([8, 3, 0, 2, 0, 'MODEL']);
    expect(inputsOf(document)['2']!.model).toEqual(['1', 0]);
    expect(codesOf(document)).toEqual(['LINK_LOOSE']);
  });

  test('[CV-6] a dead link id on an input is no link', () => {
    const document = drawn([loader, sampler(2)], [[1, 0, 2, 'model', 'MODEL']]);
    (document as { links: unknown[] }).links = [];
    expect(inputsOf(document)['2']).not.toHaveProperty('model');
  });

  test('[CV-23] a link through a thousand reroutes is refused', () => {
    const count = 1100;
    const reroutes = Array.from({ length: count }, (_, i) => ({ id: i + 2, type: 'Reroute', outputs: ['MODEL'] }));
    const wires = reroutes.map(({ id }) => [id - 1, 0, id, '', 'MODEL'] as const);
    const end = count + 2;
    const document = drawn([loader, ...reroutes, sampler(end)], [...wires, [end - 1, 0, end, 'model', 'MODEL']]);
    expect(codesOf(document)).toEqual(['TOO_LARGE']);
  });

  test('[CV-6] a ring of nodes that only pass on is an error', () => {
    const document = drawn(
      [shift(2, 4), shift(3, 4), sampler(4)],
      [
        [3, 0, 2, 'model', 'MODEL'],
        [2, 0, 3, 'model', 'MODEL'],
        [3, 0, 4, 'model', 'MODEL'],
      ],
    );
    expect(convert(document).diagnostics).toMatchObject([{ code: 'LINK_CYCLE', severity: 'error' }]);
  });
});
