import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { uiDocument, uiNode } from '../workflow/graphs.ts';
import { convert, inputsOf } from './page.ts';

const socket = (name: string, type: string, widget?: string): JsonObject => ({
  name,
  type,
  link: 99,
  ...(widget === undefined ? {} : { widget: { name: widget } }),
});

/** Two samplers in a row and a primitive that gives both their steps. */
const GROUP: JsonObject = {
  nodes: [
    {
      type: 'Sampler',
      inputs: [socket('model', 'MODEL'), socket('steps', 'INT', 'steps')],
      outputs: [{ name: 'LATENT', type: 'LATENT' }],
      widgets_values: [1, 'fixed', 20],
    },
    {
      type: 'Sampler',
      inputs: [socket('model', 'MODEL'), socket('steps', 'INT', 'steps')],
      outputs: [{ name: 'LATENT', type: 'LATENT' }],
      widgets_values: [2, 'fixed', 20],
    },
    { type: 'PrimitiveNode', title: 'Steps', outputs: [{ name: 'INT', type: 'INT', widget: { name: 'steps' } }] },
    {
      type: 'Shift',
      inputs: [socket('model', 'MODEL')],
      outputs: [{ name: 'MODEL', type: 'MODEL' }],
      widgets_values: [3],
    },
  ],
  links: [
    [null, 0, 0, 0, 7, 'MODEL'],
    [3, 0, 1, 0, 8, 'MODEL'],
    [2, 0, 0, 1, 9, 'INT'],
    [2, 0, 1, 1, 9, 'INT'],
  ],
  external: [],
};

function file(group: JsonObject, more: JsonObject = {}, data: Json = GROUP): JsonObject {
  const nodes = [
    uiNode(1, 'Loader', { outputs: [{ name: 'MODEL', type: 'MODEL', links: [1] }], widgets_values: ['a'] }),
    uiNode(2, 'workflow>Twice', group),
    uiNode(3, 'Reroute', { inputs: [{ name: '', type: '*', link: 2 }], outputs: [] }),
    uiNode(4, 'KSampler', { inputs: [{ name: 'latent', type: '*', link: 3 }], widgets_values: ['ddim'] }),
  ];
  const links = [
    [1, 1, 0, 2, 0, 'MODEL'],
    [2, 2, 0, 3, 0, 'LATENT'],
    [3, 2, 1, 4, 0, 'LATENT'],
  ];
  return uiDocument(nodes, links, { last_node_id: 20, extra: { groupNodes: { Twice: data } }, ...more });
}

const node = (values: Json): JsonObject => ({
  inputs: [
    { name: 'model', type: 'MODEL', link: 1 },
    { name: 'Shift model', type: 'MODEL', link: null },
  ],
  outputs: ['LATENT', 'LATENT'].map((type) => ({ name: type, type, links: [] })),
  widgets_values: values,
});

describe('group nodes', () => {
  test('[CV-25] become instances: next ids for the nodes, then for the instance; links come in and go out', () => {
    const inputs = inputsOf(file(node([11, 'fixed', 12, 'fixed', 30, 'fixed', 5])));
    expect(inputs).toEqual({
      '1': { name: 'a' },
      '4': { sampler_name: 'ddim', latent: ['25:21', 1] },
      '25:21': { model: ['1', 0], seed: 11, steps: 30 },
      '25:22': { model: ['25:24', 0], seed: 12, steps: 30 },
      '25:24': { amount: 5 },
    });
  });

  test('[CV-25] a value that the group node does not have is the default of its class; values go by name where they have one', () => {
    expect(inputsOf(file(node([])))).toMatchObject({ '25:21': { seed: 7 }, '25:24': { amount: 1 } });
    const named = { 'Sampler seed': 8, amount: 6 };
    expect(inputsOf(file({ ...node([]), widgets_values_named: named }))).toMatchObject({
      '25:22': { seed: 8 },
      '25:24': { amount: 6 },
    });
  });

  test('[CV-25] a muted one is not sent; one that cannot be followed is refused', () => {
    expect(Object.keys(inputsOf(file({ ...node([]), mode: 2 })))).toEqual(['1', '4']);
    const odd = { nodes: [{ type: 'Unknown' }], links: [] };
    expect(convert(file(node([]), {}, odd)).diagnostics).toMatchObject([
      { code: 'GROUP_NODE', severity: 'error', node: '2' },
    ]);
    expect(convert(file(node([]), { extra: {} })).diagnostics).toMatchObject([{ code: 'GROUP_NODE', node: '2' }]);
  });
});
