import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { convert, type Draft, definition, drawn, inputsOf, type Wire } from './page.ts';

const INNER = 'aaaaaaaa-0000-4000-8000-000000000001';
const OUTER = 'aaaaaaaa-0000-4000-8000-000000000002';
const loader: Draft = { id: 1, type: 'Loader', values: ['a'], outputs: ['MODEL'] };
const sampler = (id: number): Draft => ({
  id,
  type: 'Sampler',
  values: [42, 'fixed', 30],
  outputs: ['LATENT', 'IMAGE'],
});

/** A definition with a Shift whose amount and model come from outside. */
const inner = (drafts: readonly Draft[] = [], wires: readonly Wire[] = []) =>
  definition(
    INNER,
    [
      {
        id: 10,
        type: 'Shift',
        values: [2],
        sockets: [
          ['model', 'MODEL'],
          ['amount', 'FLOAT', 'amount'],
        ],
        outputs: ['MODEL'],
      },
      ...drafts,
    ],
    [[-10, 0, 10, 'model', 'MODEL'], [-10, 1, 10, 'amount', 'FLOAT'], [10, 0, -20, '0', 'MODEL'], ...wires],
    {
      inputs: [
        ['model', 'MODEL'],
        ['amount', 'FLOAT'],
      ],
      outputs: [['MODEL', 'MODEL']],
    },
  );

const instance = (id: number, more: Partial<Draft> = {}): Draft => ({
  id,
  type: INNER,
  sockets: [
    ['model', 'MODEL'],
    ['amount', 'FLOAT', 'amount'],
  ],
  outputs: ['MODEL'],
  ...more,
});

const file = (drafts: readonly Draft[], wires: readonly Wire[], subgraphs: Json[] = [inner()], more: JsonObject = {}) =>
  drawn(drafts, wires, { definitions: { subgraphs }, ...more });

const CHAIN: Wire[] = [
  [1, 0, 2, 'model', 'MODEL'],
  [2, 0, 3, 'model', 'MODEL'],
];

describe('instances', () => {
  test('[CV-1] [CV-7] stand for their nodes, under `instance:inner`; links cross the border', () => {
    expect(inputsOf(file([loader, instance(2), sampler(3)], CHAIN))).toEqual({
      '1': { name: 'a' },
      '3': { seed: 42, steps: 30, model: ['2:10', 0] },
      '2:10': { model: ['1', 0], amount: 2 },
    });
  });

  test('[CV-7] an outer link goes before the value of the widget', () => {
    const number: Draft = { id: 4, type: 'Custom', named: {}, outputs: ['FLOAT'] };
    const document = file([loader, instance(2, { values: [5] }), number], [CHAIN[0]!, [4, 0, 2, 'amount', 'FLOAT']]);
    expect(inputsOf(document)['2:10']).toEqual({ model: ['1', 0], amount: ['4', 0] });
  });

  test('[CV-20] [CV-21] have values of their own for the widgets that their inputs show, by name or position', () => {
    const document = file(
      [instance(2, { values: [5] }), instance(3, { values: [5], named: { amount: 6 } }), instance(4)],
      [],
    );
    expect(inputsOf(document)).toEqual({ '2:10': { amount: 5 }, '3:10': { amount: 6 }, '4:10': { amount: 2 } });
  });

  test('[CV-21] a value that a migration could not place stands under node -1', () => {
    const entry = { originalEntry: ['-1', 'amount'], reason: 'missingSourceNode', hostValue: 8 };
    const properties = { proxyWidgetErrorQuarantine: [entry] };
    expect(inputsOf(file([instance(2, { values: [5], properties })], []))).toEqual({ '2:10': { amount: 8 } });
  });

  test('[CV-4] that are muted or bypassed in the root are not expanded', () => {
    expect(inputsOf(file([loader, instance(2, { mode: 2 }), sampler(3)], CHAIN))['3']).toEqual({ seed: 42, steps: 30 });
    expect(inputsOf(file([loader, instance(2, { mode: 4 }), sampler(3)], CHAIN))).toEqual({
      '1': { name: 'a' },
      '3': { seed: 42, steps: 30, model: ['1', 0] },
    });
  });
});

describe('nested instances', () => {
  const outer = (more: Partial<Draft> = {}) =>
    definition(
      OUTER,
      [instance(20, more)],
      [
        [-10, 0, 20, 'model', 'MODEL'],
        [-10, 1, 20, 'amount', 'FLOAT'],
        [20, 0, -20, '0', 'MODEL'],
      ],
      {
        inputs: [
          ['model', 'MODEL'],
          ['strength', 'FLOAT'],
        ],
        outputs: [['MODEL', 'MODEL']],
      },
    );
  const nested = (host: Partial<Draft>, more: Partial<Draft> = {}) =>
    file([loader, { ...instance(2), type: OUTER, ...host }, sampler(3)], CHAIN, [outer(more), inner()]);

  test('[CV-1] [CV-10] [CV-20] show the widget of the innermost node, whatever the order of the definitions', () => {
    const document = nested({
      values: [7],
      sockets: [
        ['model', 'MODEL'],
        ['strength', 'FLOAT', 'strength'],
      ],
    });
    expect(inputsOf(document)).toMatchObject({
      '3': { model: ['2:20:10', 0] },
      '2:20:10': { model: ['1', 0], amount: 7 },
    });
  });

  test('[CV-21] start with the value of the instance inside', () => {
    expect(inputsOf(nested({}, { values: [9] }))['2:20:10']).toEqual({ model: ['1', 0], amount: 9 });
  });

  test('[CV-4] are expanded whatever their mode', () => {
    expect(inputsOf(nested({}, { mode: 4 }))).toMatchObject({ '2:20:10': { amount: 2 }, '3': { model: ['1', 0] } });
  });
});

describe('widgets that older files list in properties.proxyWidgets', () => {
  const plain = definition(
    INNER,
    [
      {
        id: 10,
        type: 'Words',
        values: ['t', 'n'],
        sockets: [
          ['text', 'STRING', 'text'],
          ['note', 'STRING', 'note'],
        ],
      },
    ],
    [[-10, 0, 10, 'note', 'STRING']],
    { inputs: [['label', 'STRING']] },
  );
  const host = (id: number, proxyWidgets: Json, values: Json): Draft => ({
    id,
    type: INNER,
    values,
    sockets: [['label', 'STRING', 'label']],
    properties: { proxyWidgets },
  });

  test('[CV-22] give their values in the order of that list, to inputs that show them or to new ones', () => {
    const document = file(
      [
        host(
          2,
          [
            ['10', 'text'],
            ['10', 'note'],
          ],
          ['T', 'N'],
        ),
      ],
      [],
      [plain],
    );
    expect(inputsOf(document)['2:10']).toEqual({ text: 'T', note: 'N' });
  });

  test('[CV-22] a new input is one of every instance, each with its own value', () => {
    const first = host(2, [['10', 'text']], ['T']);
    const second = host(
      3,
      [
        ['10', 'text'],
        ['-1', 'label'],
      ],
      ['U', 'L'],
    );
    expect(inputsOf(file([first, second], [], [plain]))).toEqual({
      '2:10': { text: 'T', note: 'T' },
      '3:10': { text: 'U', note: 'L' },
    });
  });

  test('[CV-22] a primitive inside gives way to an input that feeds all it fed', () => {
    const definitionWith = definition(
      INNER,
      [
        {
          id: 10,
          type: 'Words',
          values: ['t', 'n'],
          sockets: [
            ['text', 'STRING', 'text'],
            ['note', 'STRING', 'note'],
          ],
        },
        { id: 11, type: 'PrimitiveNode', values: ['own', 'fixed'], outputs: ['STRING'] },
      ],
      [
        [11, 0, 10, 'text', 'STRING'],
        [11, 0, 10, 'note', 'STRING'],
      ],
      {},
    );
    const shown = file([{ ...host(2, [['11', 'value']], ['H']), sockets: [] }], [], [definitionWith]);
    expect(inputsOf(shown)['2:10']).toEqual({ text: 'H', note: 'H' });
    const hidden = file([{ id: 2, type: INNER }], [], [definitionWith]);
    expect(inputsOf(hidden)['2:10']).toEqual({ text: 'own', note: 'own' });
  });

  test('[CV-22] a list of another form says nothing', () => {
    expect(inputsOf(file([host(2, [['10', 'text'], 'odd'], ['T'])], [], [plain]))['2:10']).toEqual({
      text: 't',
      note: 'T',
    });
  });
});

describe('ids', () => {
  test('[CV-2] a node inside under an id that is taken gets the next one after the last of the file', () => {
    const document = file(
      [{ ...loader, id: 10 }, instance(2), instance(4)],
      [[10, 0, 2, 'model', 'MODEL']],
      [inner()],
      {
        last_node_id: 30,
      },
    );
    expect(inputsOf(document)).toEqual({
      '10': { name: 'a' },
      '2:31': { model: ['10', 0], amount: 2 },
      '4:31': { amount: 2 },
    });
  });

  test('[CV-2] the first definition of the file keeps its ids; links inside and shown widgets follow', () => {
    const twin = { ...inner(), id: OUTER };
    const proxies = { proxyWidgets: [['10', 'amount']] };
    const document = file(
      [instance(2), { ...instance(3), type: OUTER, values: [6], properties: proxies }, sampler(4)],
      [[3, 0, 4, 'model', 'MODEL']],
      [inner(), twin],
      { last_node_id: 4 },
    );
    expect(inputsOf(document)).toMatchObject({
      '2:10': { amount: 2 },
      '3:11': { amount: 6 },
      '4': { model: ['3:11', 0] },
    });
  });
});

describe('definitions that are not as they should be', () => {
  test('[CV-23] an instance without its definition, and one inside itself, are errors', () => {
    const missing = convert(drawn([instance(2)]));
    expect(missing.diagnostics).toMatchObject([{ code: 'DEFINITION_MISSING', severity: 'error', node: '2' }]);
    const round = definition(OUTER, [{ ...instance(20), type: OUTER }], [], {});
    const cycle = convert(file([{ id: 2, type: OUTER }], [], [round]));
    expect(cycle.diagnostics.map(({ code }) => code)).toContain('DEFINITION_CYCLE');
  });

  test('[CV-23] instances that stand for more than any server runs are refused at once', () => {
    const id = (level: number) => `aaaaaaaa-0000-4000-8000-0000000000${String(level).padStart(2, '0')}`;
    const levels = Array.from({ length: 40 }, (_, level) => {
      const two = [1, 2].map((at) => ({ id: 100 * (level + 1) + at, type: id(level + 1) }));
      return definition(id(level), level === 39 ? [loader] : two, [], {});
    });
    const { diagnostics } = convert(file([{ id: 2, type: id(0) }], [], levels));
    expect(diagnostics.map(({ code }) => code)).toContain('TOO_LARGE');
  });

  test('[CV-6] of two links into one output the older one counts', () => {
    const two = inner([{ id: 11, type: 'Shift', values: [3], outputs: ['MODEL'] }], [[11, 0, -20, '0', 'MODEL']]);
    expect(inputsOf(file([instance(2), sampler(3)], [[2, 0, 3, 'model', 'MODEL']], [two]))['3']!.model).toEqual([
      '2:10',
      0,
    ]);
  });
});
