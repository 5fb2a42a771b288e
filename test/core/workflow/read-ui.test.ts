import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { canonicalJson } from '../../../src/base/json-text.ts';
import { graphDigest } from '../../../src/core/workflow/digest.ts';
import { formatWorkflow } from '../../../src/core/workflow/write.ts';
import {
  codeOf,
  input,
  isSettled,
  output,
  pair,
  read,
  rewritten,
  SUBGRAPH,
  uiDocument,
  uiNode,
  withSubgraph,
} from './graphs.ts';

describe('ids', () => {
  it('[ID-1] 1 and "1" are one id, and two nodes under one id are refused', () => {
    const code = codeOf(() => read(uiDocument([uiNode(1, 'A'), uiNode('1', 'B')])));
    expect(code).toBe('WORKFLOW_DUPLICATE_NODE');
    const nodes = [uiNode(1, 'A'), uiNode(1, 'B')];
    expect(codeOf(() => read(withSubgraph({ nodes, links: [] })))).toBe('WORKFLOW_DUPLICATE_NODE');
    expect((rewritten(uiDocument([uiNode('1', 'A')])).nodes as JsonObject[])[0]!.id).toBe('1');
  });

  it('[ID-1] an id is a whole number of any width, or a text; a fraction is refused', () => {
    const ids: Json[] = [0, -3, 1e9, 1e21, 18446744073709551615n, '007', 'a b', 'toString'];
    const workflow = read(uiDocument(ids.map((id) => uiNode(id, 'A'))));
    expect(Object.keys(workflow.nodes).sort()).toEqual(
      ['-3', '0', '007', '1000000000', '1000000000000000000000', '18446744073709551615', 'a b', 'toString'].sort(),
    );
    expect(formatWorkflow(workflow)).toContain('"id": 18446744073709551615,');
    expect(isSettled(workflow)).toBe(true);
    for (const id of [1.5, null, true, [1], {}] as Json[]) {
      expect(codeOf(() => read(uiDocument([uiNode(id, 'A')])))).toBe('WORKFLOW_SHAPE');
    }
  });

  it('[CF-4] nodes and links stand in the order of their ids: numbers by value, then texts', () => {
    const document = rewritten(uiDocument(['b', 10, 9, -1, 'a', 2 ** 60].map((id) => uiNode(id, 'A'))));
    expect((document.nodes as JsonObject[]).map(({ id }) => id)).toEqual([-1, 9, 10, BigInt(2 ** 60), 'a', 'b']);
    const links = [10, 9, 100].map((id, i): Json => [id, 1, 0, i + 2, 0, 'MODEL']);
    const nodes = [uiNode(1, 'A', { outputs: [output('o', [9, 10, 100])] })];
    for (const [i, id] of [10, 9, 100].entries()) nodes.push(uiNode(i + 2, 'B', { inputs: [input('x', id)] }));
    expect((rewritten(uiDocument(nodes, links)).links as Json[][]).map(([id]) => id)).toEqual([9, 10, 100]);
  });

  it('[ID-3] forbidden names are refused wherever they would become keys', () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const documents = [
        uiDocument([uiNode(name, 'A')]),
        uiDocument([uiNode(1, name)]),
        uiDocument([uiNode(1, 'A', { inputs: [input(name)] })]),
        uiDocument([], [[name, 1, 0, 2, 0, 'X']]),
        withSubgraph({ id: name }),
        withSubgraph({ inputs: [{ id: name, name: 'a', type: 'X' }] }),
        withSubgraph({ outputs: [{ name, type: 'X' }] }),
      ];
      for (const document of documents)
        expect(
          codeOf(() => read(document)),
          name,
        ).toBe('WORKFLOW_SHAPE');
    }
  });

  it('[ID-3] names of methods that every object has are names as any other', () => {
    const nodes = [
      uiNode('toString', 'valueOf', { outputs: [output('MODEL', [1])] }),
      uiNode(2, 'hasOwnProperty', { inputs: [input('toString', null), input('valueOf', 1)], widgets_values: [1] }),
    ];
    const document = uiDocument(nodes, [[1, 'toString', 0, 2, 1, 'MODEL']]);
    const workflow = read(document);
    expect(workflow.nodes['2']!.links).toEqual({ valueOf: { from: 'toString', slot: 0 } });
    expect(rewritten(document).links).toEqual(document.links);
  });

  it('[ID-4] a second socket under one name is told apart, and comes back', () => {
    const inputs = [input('image', 1), input('image', 2), input('image~2', 3)];
    const outputs = [output('o', [1, 2, 3])];
    const links = [1, 2, 3].map((id): Json => [id, 1, 0, 2, id - 1, 'MODEL']);
    const document = uiDocument([uiNode(1, 'A', { outputs }), uiNode(2, 'B', { inputs })], links);
    expect(Object.keys(read(document).nodes['2']!.links)).toEqual(['image', 'image~2', 'image~2~2']);
    const written = rewritten(document);
    expect((written.nodes as JsonObject[])[1]!.inputs).toEqual(inputs);
    expect(written.links).toEqual(links);
  });

  it('[ID-5] a link inside a subgraph starts at the id of its input, whatever its place', () => {
    const added = { id: 'in-new', name: 'new', type: 'INT', linkIds: [] };
    const [first] = (withSubgraph().definitions as { subgraphs: JsonObject[] }).subgraphs;
    const links = (first!.links as JsonObject[]).map((link) => ({ ...link }));
    links[0]!.origin_slot = 1;
    const before = read(withSubgraph()).subgraphs[SUBGRAPH]!;
    const after = read(withSubgraph({ inputs: [added, (first!.inputs as Json[])[0]!], links })).subgraphs[SUBGRAPH]!;
    expect(before.nodes['5']!.links).toEqual({ model: { from: '-10', slot: 'in-model' } });
    expect(after.nodes).toEqual(before.nodes);
    expect(after.input_order).toEqual(['in-new', 'in-model']);
  });

  it('[ID-5] a subgraph whose node has the id of its own side is refused', () => {
    for (const id of [-10, -20]) {
      expect(codeOf(() => read(withSubgraph({ nodes: [uiNode(id, 'A')], links: [] })))).toBe('WORKFLOW_SHAPE');
      const nodes = [uiNode(id, 'A', { inputs: [input('x', 1)], outputs: [output('o', [1])] })];
      const document = uiDocument(nodes, [[1, id, 0, id, 0, 'MODEL']]);
      expect(rewritten(document).links).toEqual(document.links);
    }
  });
});

describe('what is refused', () => {
  it('[CF-3] names the place that has not the shape ComfyUI gives it', () => {
    const rows: [JsonObject, string][] = [
      [uiDocument([null]), '/nodes/0'],
      [uiDocument([{ id: 1 }]), '/nodes/0'],
      [uiDocument([uiNode(1, 'A', { mode: 'x' })]), '/nodes/0'],
      [uiDocument([uiNode(1, 'A', { inputs: [3] })]), '/nodes/0/inputs/0'],
      [uiDocument([uiNode(1, 'A', { inputs: [{ type: 'X' }] })]), '/nodes/0/inputs/0'],
      [uiDocument([uiNode(1, 'A', { outputs: [null] })]), '/nodes/0/outputs/0'],
      [uiDocument([], [5]), '/links/0'],
      [uiDocument([], [[1, 2]]), '/links/0'],
      [uiDocument([], [{ id: 1 }]), '/links/0'],
      [uiDocument([], [[null, 1, 0, 2, 0, 'X']]), '/links/0'],
      [uiDocument([], [], { definitions: [] }), '/definitions'],
      [uiDocument([], [], { definitions: { subgraphs: {} } }), '/definitions/subgraphs'],
      [uiDocument([], [], { definitions: { subgraphs: [7] } }), '/definitions/subgraphs/0'],
      [withSubgraph({ nodes: null }), '/definitions/subgraphs/0'],
      [withSubgraph({ inputs: {} }), '/definitions/subgraphs/0/inputs'],
      [withSubgraph({ outputs: [1] }), '/definitions/subgraphs/0/outputs/0'],
      [withSubgraph({ id: undefined as never }), '/definitions/subgraphs/0'],
    ];
    for (const [document, path] of rows) {
      expect(() => read(document), path).toThrow(
        expect.objectContaining({ code: 'WORKFLOW_SHAPE', data: expect.objectContaining({ path, source: 'x.json' }) }),
      );
    }
  });

  it('[CF-3] a document without nodes is no workflow', () => {
    for (const json of [
      null,
      3,
      'x',
      [],
      {},
      { nodes: null, links: [] },
      { nodes: {}, links: [] },
      { a: 1 },
    ] as Json[]) {
      expect(codeOf(() => read(json))).toBe('NOT_A_WORKFLOW');
    }
  });

  it('[ID-1] a subgraph definition that stands twice is refused', () => {
    const document = withSubgraph();
    const { subgraphs } = document.definitions as { subgraphs: Json[] };
    subgraphs.push(subgraphs[0]!);
    expect(codeOf(() => read(document))).toBe('WORKFLOW_SHAPE');
  });
});

describe('what makes no difference', () => {
  it('[CF-5] counters follow from the document, the revision is 0, the view is left out', () => {
    const document = pair();
    Object.assign(document, { revision: 9, last_node_id: 500, last_link_id: 600, extra: { ds: { scale: 2 }, x: 1 } });
    expect(rewritten(document)).toMatchObject({ revision: 0, last_node_id: 2, last_link_id: 7, extra: { x: 1 } });
    expect(rewritten(pair())).not.toHaveProperty('revision');
    const state = { lastNodeId: 90, lastLinkId: 91, lastGroupId: 92, lastRerouteId: 3 };
    const groups = [{ id: 4, title: 'g' }];
    const [definition] = (rewritten(withSubgraph({ state, groups })).definitions as { subgraphs: JsonObject[] })
      .subgraphs;
    expect(definition!.state).toEqual({ lastNodeId: 5, lastLinkId: 2, lastGroupId: 4, lastRerouteId: 3 });
  });

  it('[CF-4] groups stand by their id where each has its own, else by place', () => {
    const named = [2, 10, 1].map((id) => ({ id, title: String(id) }));
    expect(rewritten(uiDocument([], [], { groups: named })).groups).toEqual([named[2], named[0], named[1]]);
    for (const groups of [
      [{ title: 'b' }, { title: 'a' }],
      [{ id: 1 }, { id: 1 }],
      [null, { id: 1 }],
      null,
      {},
    ] as Json[]) {
      expect(rewritten(uiDocument([], [], { groups })).groups).toEqual(groups);
    }
  });
});

describe('widget values', () => {
  const node = (members: JsonObject): JsonObject => uiDocument([uiNode(1, 'Unknown', members)]);
  const again = (members: JsonObject): JsonObject => (rewritten(node(members)).nodes as JsonObject[])[0]!;

  it('[CF-7] a list, an object, null, nothing and anything else come back', () => {
    const forms: Json[] = [[1, 'a', null, [1, 2], { x: 1 }], [], { b: 1, a: [2] }, {}, null, 'odd', 7];
    for (const widgets_values of forms) expect(again({ widgets_values }).widgets_values).toEqual(widgets_values);
    expect(again({})).not.toHaveProperty('widgets_values');
  });

  it('[CF-7] the named copy speaks first; a position that disagrees is kept apart', () => {
    const members = {
      widgets_values: [42, 'fixed', 20],
      widgets_values_named: { seed: 42, steps: 25 },
      inputs: [{ ...input('seed', null, 'INT'), widget: { name: 'seed' } }],
    };
    const workflow = read(node(members));
    expect(workflow.nodes['1']!.widgets).toMatchObject({ seed: 42, steps: 25 });
    expect(again(members)).toMatchObject({
      widgets_values: [42, 'fixed', 20],
      widgets_values_named: { seed: 42, steps: 25 },
    });
    for (const named of [{}, { a: 1 }, null, [], 'x'] as Json[]) {
      const odd = { widgets_values: [1, 2], widgets_values_named: named };
      expect(again(odd)).toMatchObject(odd);
      expect(again({ widgets_values_named: named })).toMatchObject({ widgets_values_named: named });
      const object = { widgets_values: { a: 2, z: 1, b: 3 }, widgets_values_named: named };
      expect(again(object)).toMatchObject(object);
    }
  });

  it('[CF-7] the order of keys of an object form makes no difference', () => {
    const a = read(node({ widgets_values: { z: 1, b: 3 }, widgets_values_named: { q: 1 } }));
    const b = read(node({ widgets_values: { b: 3, z: 1 }, widgets_values_named: { q: 1 } }));
    expect(canonicalJson(a as never)).toBe(canonicalJson(b as never));
  });

  it('[CF-7] [CF-8] a position without a name goes by its number', () => {
    expect(read(node({ widgets_values: [5, 'a'] })).nodes['1']!.widgets).toEqual({ '#0': 5, '#1': 'a' });
  });

  it('[CF-6] a seed of 2^64-1 keeps every digit', () => {
    const members = { widgets_values: [18446744073709551615n, 2n ** 70n] };
    expect(again(members)).toMatchObject(members);
    expect(formatWorkflow(read(node(members)))).toContain('\n    18446744073709551615,\n');
  });
});

describe('odd and unknown members', () => {
  it('[CF-1] [CF-3] anything a node, socket, slot, group or document says comes back', () => {
    const odd: Json[] = [null, 'x', 5, {}, [1]];
    for (const value of odd) {
      if (!Array.isArray(value))
        expect(rewritten(uiDocument([uiNode(1, 'A', { inputs: value, outputs: value })])).nodes).toEqual([
          uiNode(1, 'A', { inputs: value, outputs: value }),
        ]);
      for (const key of ['extra', 'config', 'floatingLinks', 'reroutes', 'mine', 'id', 'models']) {
        expect(rewritten(uiDocument([], [], { [key]: value }))[key]).toEqual(value);
      }
      const node = uiNode(1, 'A', { properties: value, title: value, flags: value, mine: value });
      expect(rewritten(uiDocument([node])).nodes).toEqual([node]);
      const inputs = [{ ...input('a'), label: value, widget: value, shape: value }];
      expect((rewritten(uiDocument([uiNode(1, 'A', { inputs })])).nodes as JsonObject[])[0]!.inputs).toEqual(inputs);
    }
  });

  it('[CF-12] a member that shares its name with one of our own comes back', () => {
    const node = uiNode(1, 'A', {
      sockets: 1,
      named: 'x',
      carried: { a: 1 },
      outputs: [{ ...output('o'), no_links: 5, carried: 2 }],
    });
    expect(rewritten(uiDocument([node])).nodes).toEqual([node]);
    const more = { link_form: 3, loose_links: [1], odd_groups: 4, carried: null };
    expect(rewritten(uiDocument([], [], more))).toMatchObject(more);
  });

  it('[CF-1] sockets without a link member, with and without null, are told apart', () => {
    const inputs = [{ name: 'a', type: 'X' }, input('b')];
    const outputs: JsonObject[] = [{ name: 'o', type: 'X' }, output('p'), output('q', [])];
    const [node] = rewritten(uiDocument([uiNode(1, 'A', { inputs, outputs })])).nodes as JsonObject[];
    expect(node).toMatchObject({ inputs, outputs });
    expect(Object.keys((node!.inputs as JsonObject[])[0]!)).not.toContain('link');
    const { mode: _mode, ...bare } = uiNode(1, 'A');
    expect((rewritten(uiDocument([bare])).nodes as JsonObject[])[0]).toEqual(bare);
  });
});

it('[CF-11] looks, titles and sockets leave the graph digest alone; mode, values, links and interfaces do not', () => {
  const digest = (change: (node: JsonObject, document: JsonObject) => void): string => {
    const document = pair();
    change((document.nodes as JsonObject[])[1]!, document);
    return graphDigest(read(document));
  };
  const same = digest(() => {});
  for (const key of ['pos', 'size', 'title', 'color', 'bgcolor', 'flags', 'order', 'properties', 'mine']) {
    expect(
      digest((node) => Object.assign(node, { [key]: key === 'properties' ? { a: 1 } : 'x' })),
      key,
    ).toBe(same);
  }
  expect(digest((_, document) => Object.assign(document, { groups: [{ title: 'g' }], extra: { a: 1 } }))).toBe(same);
  const changes: ((node: JsonObject, document: JsonObject) => void)[] = [
    (node) => Object.assign(node, { mode: 4 }),
    (node) => Object.assign(node, { type: 'Other' }),
    (node) => Object.assign(node, { widgets_values: [42, 21] }),
    (node) => Object.assign(node, { properties: { proxyWidgets: [['1', 'seed']] } }),
    (_, document) => Object.assign(document, { links: [[7, 1, 1, 2, 0, 'MODEL']] }),
  ];
  const digests = changes.map(digest);
  expect(new Set([same, ...digests]).size).toBe(changes.length + 1);
  const inner = (name: string): string =>
    graphDigest(read(withSubgraph({ inputs: [{ id: 'in-model', name, type: 'MODEL', linkIds: [1] }] })));
  expect(inner('a')).not.toBe(inner('b'));
});

it('[CF-4] a document of 100,000 nodes and as many links is read and written within seconds', () => {
  const count = 100_000;
  const nodes: Json[] = [];
  const links: Json[] = [];
  for (let id = 1; id <= count; id++) {
    nodes.push(
      uiNode(id, 'A', { inputs: [input('x', id > 1 ? id : null)], outputs: [output('o', id < count ? [id + 1] : [])] }),
    );
    if (id > 1) links.push([id, id - 1, 0, id, 0, 'MODEL']);
  }
  const started = process.cpuUsage();
  const workflow = read(uiDocument(nodes, links));
  const text = formatWorkflow(workflow);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  expect(text.length).toBeGreaterThan(count * 100);
  expect(codeOf(() => read(uiDocument([...nodes, uiNode(0, 'A')])))).toBe('JSON_SIZE');
});
