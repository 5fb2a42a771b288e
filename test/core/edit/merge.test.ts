import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { isClean, merge3 } from '../../../src/core/edit/merge.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { input, output, pair, read, readAgain, uiDocument, uiNode } from '../workflow/graphs.ts';

const INNER = 'a0000000-0000-4000-8000-000000000001';

/** An edited copy of the base document. */
function edited(change: (document: JsonObject) => void, base: JsonObject = pair()): Workflow {
  const document = structuredClone(base);
  change(document);
  return read(document);
}

function nodeOf(document: JsonObject, id: number): JsonObject {
  return (document.nodes as JsonObject[]).find((node) => node.id === id)!;
}

/** Another value in one position of node 2. */
function setWidget(document: JsonObject, position: number, value: Json): void {
  (nodeOf(document, 2).widgets_values as Json[])[position] = value;
}

/** Another place for node 2. */
function move(document: JsonObject, x: number, y: number): void {
  nodeOf(document, 2).pos = [x, y];
}

function addNode(document: JsonObject, node: JsonObject): void {
  (document.nodes as Json[]).push(node);
}

function removeNode(document: JsonObject, id: number): void {
  document.nodes = (document.nodes as JsonObject[]).filter((node) => node.id !== id);
  document.links = (document.links as Json[][]).filter((link) => link[1] !== id && link[3] !== id);
  for (const node of document.nodes as JsonObject[]) {
    for (const socket of (node.inputs ?? []) as JsonObject[]) {
      if (!(document.links as Json[][]).some(([row]) => row === socket.link)) socket.link = null;
    }
    for (const socket of (node.outputs ?? []) as JsonObject[]) socket.links = null;
  }
}

/** A definition whose inputs have these names, with an inner node fed by the last of them. */
function withSubgraph(names: readonly string[]): JsonObject {
  const inputs = names.map((name) => ({ id: `slot-${name}`, name, type: 'INT', linkIds: [] as number[] }));
  const last = inputs.length - 1;
  inputs[last]!.linkIds = [1];
  const inner = uiNode(5, 'Inner', { inputs: [input('value', 1, 'INT')], outputs: [] });
  const links = [{ id: 1, origin_id: -10, origin_slot: last, target_id: 5, target_slot: 0, type: 'INT' }];
  const definition = { id: INNER, name: 'inner', version: 1, inputs, outputs: [], nodes: [inner], links };
  return uiDocument([uiNode(9, INNER, { inputs: [], outputs: [] })], [], { definitions: { subgraphs: [definition] } });
}

describe('merge3', () => {
  const base = read(pair());

  it('[MG-1] joins two values of one node, and leaves one value that both changed open, with the base in place', () => {
    const steps = edited((d) => setWidget(d, 1, 30));
    const seed = edited((d) => setWidget(d, 0, 7));
    expect(merge3(base, steps, seed).workflow.nodes['2']!.widgets).toEqual({ '#0': 7, '#1': 30 });
    const more = edited((d) => setWidget(d, 1, 40));
    const result = merge3(base, steps, more);
    expect(result.decisions.filter(({ conflict }) => conflict)).toEqual([
      {
        id: '/nodes/2/widgets/#1',
        kind: 'set-input',
        path: ['nodes', '2', 'widgets', '#1'],
        base: 20,
        ours: 30,
        theirs: 40,
        action: 'open',
        conflict: true,
      },
    ]);
    expect(result.workflow).toEqual(base);
    expect(merge3(base, steps, more, 'theirs').workflow).toEqual(more);
  });

  it('[MG-3] keeps two different new nodes under one id, with the links of both', () => {
    const add = (type: string) =>
      edited((d) => {
        addNode(d, uiNode(3, type, { inputs: [input('model', 8)], outputs: [] }));
        (d.links as Json[]).push([8, 1, 0, 3, 0, 'MODEL']);
        ((nodeOf(d, 1).outputs as JsonObject[])[0]!.links as Json[]).push(8);
      });
    const result = merge3(base, add('Upscale'), add('Preview'));
    expect(isClean(result)).toBe(true);
    expect(
      Object.values(result.workflow.nodes)
        .map((node) => node.class_type)
        .sort(),
    ).toEqual(['Loader', 'Preview', 'Sampler', 'Upscale']);
    expect(result.reminted).toHaveLength(1);
    // Both had link 8: in the file each link has an id of its own, and every socket names its own.
    const file = writeWorkflow(result.workflow) as JsonObject;
    const ids = (file.links as Json[][]).map(([id]) => id);
    expect(new Set(ids).size).toBe(3);
    expect(readAgain(result.workflow).nodes['4']!.links).toEqual({ model: { from: '1', slot: 0 } });
    // The same node on both sides, picked from one branch to the other, stays one.
    expect(Object.keys(merge3(base, add('Upscale'), add('Upscale')).workflow.nodes)).toEqual(['1', '2', '3']);
  });

  it('[MG-4] removes a node that the other side only moved, and asks where it changed what the node does', () => {
    const removed = edited((d) => removeNode(d, 2));
    const moved = edited((d) => move(d, 500, 500));
    expect(merge3(base, removed, moved).workflow.nodes['2']).toBeUndefined();
    const changed = edited((d) => setWidget(d, 1, 30));
    const { decisions } = merge3(base, removed, changed);
    expect(decisions.filter(({ conflict }) => conflict).map(({ id, action }) => [id, action])).toEqual([
      ['/nodes/2', 'open'],
    ]);
  });

  it('[MG-5] joins slots that both sides added to a subgraph, and the links inside follow their slot', () => {
    const start = read(withSubgraph(['image', 'steps']));
    const ours = read(withSubgraph(['image', 'seed', 'steps']));
    const theirs = read(withSubgraph(['image', 'cfg', 'steps']));
    const { workflow, decisions } = merge3(start, ours, theirs);
    expect(decisions.every(({ conflict }) => !conflict)).toBe(true);
    const merged = workflow.subgraphs[INNER]!;
    expect([...merged.input_order].sort()).toEqual(['slot-cfg', 'slot-image', 'slot-seed', 'slot-steps']);
    expect(merged.nodes['5']!.links.value).toEqual({ from: '-10', slot: 'slot-steps' });
    const [definition] = ((writeWorkflow(workflow) as JsonObject).definitions as { subgraphs: JsonObject[] }).subgraphs;
    const [row] = definition!.links as JsonObject[];
    expect((definition!.inputs as JsonObject[])[row!.origin_slot as number]!.name).toBe('steps');
  });

  it('[MG-6] chooses between two places of one node without asking, the same from both sides', () => {
    const left = edited((d) => move(d, 1, 1));
    const right = edited((d) => move(d, 2, 2));
    const [one, two] = [merge3(base, left, right), merge3(base, right, left)];
    expect(isClean(one)).toBe(true);
    expect(two.workflow).toEqual(one.workflow);
    expect(one.decisions.map(({ action }) => action)).toEqual(['auto']);
  });

  it('[MG-7] names a link whose source the other side removed, and a ring that neither side closed', () => {
    const without = edited((d) => removeNode(d, 1));
    const wired = edited((d) => {
      addNode(d, uiNode(3, 'Preview', { inputs: [input('model', 8)], outputs: [] }));
      (d.links as Json[]).push([8, 1, 0, 3, 0, 'MODEL']);
      ((nodeOf(d, 1).outputs as JsonObject[])[0]!.links as Json[]).push(8);
    });
    const dangling = merge3(base, without, wired);
    expect(dangling.violations).toEqual([
      expect.objectContaining({ code: 'DANGLING_LINK', node: '3', input: 'model' }),
    ]);
    const two = uiDocument([
      uiNode(1, 'A', { inputs: [input('model')], outputs: [output('MODEL')] }),
      uiNode(2, 'B', { inputs: [input('model')], outputs: [output('MODEL')] }),
    ]);
    const wire = (from: number, to: number) =>
      edited((d) => {
        d.links = [[1, from, 0, to, 0, 'MODEL']];
        (nodeOf(d, to).inputs as JsonObject[])[0]!.link = 1;
        (nodeOf(d, from).outputs as JsonObject[])[0]!.links = [1];
      }, two);
    const ring = merge3(read(two), wire(1, 2), wire(2, 1));
    expect(ring.violations.map(({ code, node }) => [code, node])).toEqual([
      ['CYCLE', '1'],
      ['CYCLE', '2'],
    ]);
  });
});
