import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { describeEdit, showValue } from '../../../src/core/edit/describe.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { summarizeEdits } from '../../../src/core/edit/tell.ts';
import { apiGraph, apiWith, uiGraph } from '../../porcelain/samples.ts';
import { input, pair, read, SUBGRAPH, uiDocument, uiNode, withSubgraph } from '../workflow/graphs.ts';

function lines(before: Json, after: Json): string[] {
  const [a, b] = [read(before), read(after)];
  return diffWorkflows(a, b).map((edit) => describeEdit(edit, a, b));
}

function subject(before: Json, after: Json): string {
  const [a, b] = [read(before), read(after)];
  return summarizeEdits(diffWorkflows(a, b), a, b);
}

describe('one edit in one line', () => {
  it('[PT-1] values, with class, title and id of the node', () => {
    expect(lines(apiGraph(), apiWith('3', 'steps', 30))).toEqual(['KSampler "portrait" (3): steps 20 -> 30']);
    expect(lines(apiGraph(), apiWith('6', 'text', 'a dog'))).toEqual(['CLIPTextEncode (6): text "a cat" -> "a dog"']);
    expect(lines(apiGraph(), apiWith('6', 'more', 1))).toEqual(['CLIPTextEncode (6): more set to 1']);
    expect(lines(apiWith('6', 'more', [1, 'x']), apiGraph())).toEqual([
      'CLIPTextEncode (6): more removed (was [1,"x"])',
    ]);
    expect(lines(apiGraph(), apiWith('3', 'seed', 18446744073709551615n))).toEqual([
      'KSampler "portrait" (3): seed 42 -> 18446744073709551615',
    ]);
  });

  it('[PT-1] links, with what they come from', () => {
    expect(lines(apiGraph(), apiWith('3', 'model', ['5', 1]))).toEqual([
      'KSampler "portrait" (3): model: CheckpointLoaderSimple (4).0 -> EmptyLatentImage (5).1',
    ]);
    expect(lines(apiGraph(), apiWith('9', 'mask', ['99', 1]))).toEqual(['SaveImage (9): mask: nothing -> (99).1']);
    const cut = pair();
    cut.links = [];
    (cut.nodes as JsonObject[])[1]!.inputs = [input('model')];
    expect(lines(pair(), cut)[0]).toBe('Sampler (2): model: Loader (1).MODEL -> nothing');
  });

  it('[PT-1] nodes that come, go and are replaced', () => {
    const { '9': save, ...rest } = apiGraph();
    expect(lines(rest, apiGraph())).toEqual(['+ SaveImage (9)']);
    expect(lines(apiGraph(), rest)).toEqual(['- SaveImage (9)']);
    const other = { ...rest, '9': { ...save!, class_type: 'PreviewImage' } };
    expect(lines(apiGraph(), other)).toEqual(['SaveImage (9): replaced by PreviewImage (9)']);
  });

  it('[PT-1] mode, title, looks', () => {
    const change = (members: JsonObject): string[] => {
      const document = pair();
      Object.assign((document.nodes as JsonObject[])[1]!, members);
      return lines(pair(), document);
    };
    expect(change({ mode: 4 })).toEqual(['Sampler (2): active -> bypassed']);
    expect(change({ mode: 2 })).toEqual(['Sampler (2): active -> muted']);
    expect(change({ mode: 9 })).toEqual(['Sampler (2): active -> mode 9']);
    expect(change({ pos: [7, 8] })).toEqual(['Sampler (2): pos [0,0] -> [7,8]']);
    expect(change({ title: 'fine' })).toEqual(
      ['Sampler "fine" (2): title set to "fine"'].map((line) => line.replace(' "fine" (', ' (')),
    );
    expect(change({ properties: { proxyWidgets: [['1', 'a']] } })).toEqual(['Sampler (2): promoted widgets changed']);
    expect(lines(pair(), { ...pair(), config: { x: 1 } })).toEqual(['config.x set to 1']);
  });

  it('[PT-1] what happens inside a subgraph, by its name', () => {
    const change = (members: JsonObject): string[] => lines(withSubgraph(), withSubgraph(members));
    const [definition] = (withSubgraph().definitions as { subgraphs: JsonObject[] }).subgraphs;
    const node = { ...(definition!.nodes as JsonObject[])[0]!, widgets_values: [4] };
    expect(change({ nodes: [node] })).toEqual(['Shift > Inner (5): #0 3 -> 4']);
    expect(change({ name: 'Other' })).toEqual(['Shift > name "Shift" -> "Other"']);
    const slot = (name: string, id = 'in-model'): JsonObject => ({ id, name, type: 'MODEL', linkIds: [1] });
    expect(change({ inputs: [slot('m')] })).toEqual(['Shift > input model: name "model" -> "m"']);
    expect(change({ inputs: [slot('model'), { ...slot('new', 'x'), linkIds: [] }] })).toEqual([
      'Shift > order of inputs changed',
      'Shift > + input new',
    ]);
    expect(lines(uiDocument([]), withSubgraph())).toEqual(expect.arrayContaining(['+ subgraph Shift', '+ Shift (3)']));
    expect(lines(withSubgraph(), uiDocument([]))).toEqual(expect.arrayContaining(['- subgraph Shift', '- Shift (3)']));
  });

  it('[ID-3] classes and ids that every object has are named as any other', () => {
    const a = { toString: { class_type: 'valueOf', inputs: {} }, '2': { class_type: 'A', inputs: {} } };
    const b = { ...a, '2': { class_type: 'A', inputs: { x: ['toString', 0], y: ['hasOwnProperty', 0] } } };
    expect(lines(a, b)).toEqual([
      'A (2): x: nothing -> valueOf (toString).0',
      'A (2): y: nothing -> (hasOwnProperty).0',
    ]);
    const moved = (x: number): JsonObject => uiDocument([uiNode('ui', 'A', { pos: [x, 0] })]);
    expect(lines(moved(0), moved(1))).toEqual(['A (ui): pos [0,0] -> [1,0]']);
  });

  it('[PT-1] long texts are cut, and stay on one line', () => {
    const [line] = lines(apiGraph(), apiWith('6', 'text', `a\nb${'x'.repeat(500)}`));
    expect(line!.length).toBeLessThan(140);
    expect(line).not.toContain('\n');
    expect(showValue('x'.repeat(61))).toHaveLength(62);
    expect(showValue(undefined)).toBe('nothing');
  });

  it('[PT-1] a cut never halves a letter of two units', () => {
    for (let n = 50; n < 64; n++) {
      expect(showValue(`${'x'.repeat(n)}${'😀'.repeat(10)}`)).not.toMatch(/\p{Surrogate}/u);
    }
  });
});

describe('the subject of a commit', () => {
  it('[PT-1] one change in full, of more the first and how many; looks by the number of nodes', () => {
    expect(subject(apiGraph(), apiGraph())).toBe('no change');
    expect(subject(apiGraph(), apiWith('3', 'steps', 30))).toBe('KSampler "portrait" (3): steps 20 -> 30');
    const two = apiWith('3', 'steps', 30);
    (two['3']!.inputs as JsonObject).cfg = 5;
    expect(subject(apiGraph(), two)).toBe('KSampler "portrait" (3): cfg 8 -> 5 and 1 more edit');
    (two['3']!.inputs as JsonObject).seed = 5;
    expect(subject(apiGraph(), two)).toMatch(/ and 2 more edits$/);
    const moved = uiGraph();
    for (const node of moved.nodes.slice(0, 2)) node.pos = [9, 9];
    expect(subject(uiGraph() as never, moved as never)).toBe('layout of 2 nodes');
    moved.nodes[1]!.pos = [400, 0];
    expect(subject(uiGraph() as never, moved as never)).toBe('layout of 1 node');
    expect(subject(pair(), { ...pair(), groups: [{ title: 'g' }] })).toBe('layout');
    expect(SUBGRAPH).toBe(uiGraph().nodes[2]!.type);
  });
});
