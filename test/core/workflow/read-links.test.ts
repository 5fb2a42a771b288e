import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { formatWorkflow } from '../../../src/core/workflow/write.ts';
import { input, output, pair, read, rewritten, SUBGRAPH, uiDocument, uiNode, withSubgraph } from './graphs.ts';

describe('link tables', () => {
  it('[CF-9] rows that no input names, and ids that name no row, come back', () => {
    const document = pair();
    const links = [
      [3, 99, 0, 2, 0, 'MODEL'],
      [5, 1, 0, 98, 4, 'MODEL'],
      [7, 1, 0, 2, 0, 'MODEL'],
      [8, 1, 0, 2, 1, 'MODEL'],
      [9, 'x', 'y', 2, 'z', 'MODEL'],
    ];
    document.links = links;
    const nodes = document.nodes as JsonObject[];
    nodes[0]!.outputs = [output('MODEL', [40, 7]), output('CLIP', [41])];
    nodes[1]!.inputs = [input('model', 7), input('dead', 50)];
    const written = rewritten(document);
    expect(written.links).toEqual(links);
    expect((written.nodes as JsonObject[])[0]!.outputs).toEqual([output('MODEL', [7, 40]), output('CLIP', [41])]);
    expect((written.nodes as JsonObject[])[1]!.inputs).toEqual(nodes[1]!.inputs);
    expect(read(document).nodes['2']!.links).toEqual({ model: { from: '1', slot: 0 } });
  });

  it('[CF-9] of two links into one input the one that the input names counts', () => {
    const document = pair();
    document.links = [
      [6, 9, 3, 2, 0, 'MODEL'],
      [7, 1, 0, 2, 0, 'MODEL'],
    ];
    expect(read(document).nodes['2']!.links).toEqual({ model: { from: '1', slot: 0 } });
    expect(rewritten(document).links).toEqual(document.links);
    const other = pair();
    other.links = [...document.links].reverse();
    expect(formatWorkflow(read(other))).toBe(formatWorkflow(read(document)));
  });

  it('[CF-9] a link from a node that is not there is kept', () => {
    const document = uiDocument([uiNode(2, 'A', { inputs: [input('model', 7)] })], [[7, 1, 0, 2, 0, 'MODEL']]);
    expect(read(document).nodes['2']!.links).toEqual({ model: { from: '1', slot: 0 } });
    expect(rewritten(document).links).toEqual(document.links);
  });

  it('[CF-9] links that share an id are each kept, under ids of their own', () => {
    const nodes = [
      uiNode(1, 'A', { outputs: [output('o', [7])] }),
      uiNode(2, 'B', { inputs: [input('x', 7)] }),
      uiNode(3, 'B', { inputs: [input('x', 7)] }),
    ];
    const links: Json[] = [
      [7, 1, 0, 2, 0, 'MODEL'],
      [7, 1, 0, 3, 0, 'MODEL'],
    ];
    const written = rewritten(uiDocument(nodes, links));
    expect((written.links as Json[][]).map((row) => row.slice(1))).toEqual(
      links.map((row) => (row as Json[]).slice(1)),
    );
    expect(new Set((written.links as Json[][]).map(([id]) => id)).size).toBe(2);
    const other = uiDocument([...nodes].reverse(), [...links].reverse());
    expect(formatWorkflow(read(other))).toBe(formatWorkflow(read(uiDocument(nodes, links))));
  });

  it('[CF-9] an output of a subgraph that several links feed follows the first its slot lists', () => {
    const links: JsonObject[] = [1, 2, 3].map((id) => ({
      id,
      origin_id: id + 10,
      origin_slot: 0,
      target_id: -20,
      target_slot: 0,
      type: 'X',
    }));
    const outputs = [{ id: 'o', name: 'o', type: 'X', linkIds: [3, 1] }];
    const document = withSubgraph({ nodes: [], inputs: [], outputs, links });
    expect(read(document).subgraphs[SUBGRAPH]!.outputs.o!.link).toEqual({ from: '13', slot: 0 });
    const [definition] = (rewritten(document).definitions as { subgraphs: JsonObject[] }).subgraphs;
    expect(definition).toMatchObject({ outputs, links });
  });

  it('[CF-3] links as objects at the root, links as rows in a subgraph, reroutes and floating links', () => {
    const object = pair();
    object.links = [{ id: 7, origin_id: 1, origin_slot: 0, target_id: 2, target_slot: 0, type: 'MODEL', parentId: 4 }];
    object.version = 1;
    object.state = { lastNodeId: 2, lastLinkId: 7, lastGroupId: 0, lastRerouteId: 4 };
    object.reroutes = [{ id: 4, pos: [1, 2], linkIds: [7] }];
    object.floatingLinks = [{ id: 1, origin_id: -1, origin_slot: -1, target_id: 2, target_slot: 0, type: '*' }];
    const { last_node_id: _n, last_link_id: _l, ...expected } = object;
    expect(rewritten(object)).toEqual(expected);
    const links = [
      [1, -10, 0, 5, 0, 'MODEL'],
      [2, 5, 0, -20, 0, 'MODEL'],
    ];
    const [definition] = (rewritten(withSubgraph({ links })).definitions as { subgraphs: JsonObject[] }).subgraphs;
    expect(definition!.links).toEqual(links);
  });

  it('[CF-3] a row longer than six members keeps what it has', () => {
    const document = pair();
    document.links = [[7, 1, 0, 2, 0, 'MODEL', 'more', { x: 1 }]];
    expect(rewritten(document).links).toEqual(document.links);
  });
});
