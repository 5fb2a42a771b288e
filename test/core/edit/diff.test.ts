import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { applyEdits, editsToPatch, invertEdits, patchToEdits } from '../../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { isPresentationEdit, makeEdit, targetOf } from '../../../src/core/edit/edit.ts';
import { graphDigest } from '../../../src/core/workflow/digest.ts';
import { formatWorkflow } from '../../../src/core/workflow/write.ts';
import { apiGraph, apiWith } from '../../porcelain/samples.ts';
import { codeOf, input, output, pair, read, SUBGRAPH, uiDocument, uiNode, withSubgraph } from '../workflow/graphs.ts';

const diff = (a: Json, b: Json) => diffWorkflows(read(a), read(b));
const kinds = (a: Json, b: Json): string[] => diff(a, b).map(({ kind }) => kind);

describe('diff', () => {
  it('[PT-1] names the change of one value, one link, one node, one look', () => {
    expect(diff(apiGraph(), apiWith('3', 'steps', 30))).toEqual([
      { kind: 'set-input', path: ['nodes', '3', 'widgets', 'steps'], from: 20, to: 30 },
    ]);
    expect(diff(apiGraph(), apiWith('3', 'model', ['5', 1]))).toEqual([
      {
        kind: 'connect',
        path: ['nodes', '3', 'links', 'model'],
        from: { from: '4', slot: 0 },
        to: { from: '5', slot: 1 },
      },
    ]);
    const { '9': gone, ...rest } = apiGraph();
    expect(kinds(apiGraph(), rest)).toEqual(['remove-node']);
    expect(kinds(rest, { ...rest, '9': gone! })).toEqual(['add-node']);
    expect(kinds(apiGraph(), { ...apiGraph(), '9': { class_type: 'PreviewImage', inputs: {} } })).toEqual([
      'replace-node',
    ]);
    const [edit] = diff(apiGraph(), { ...apiGraph(), '9': { ...gone!, _meta: { title: 'x' } } });
    expect(isPresentationEdit(edit!)).toBe(true);
    // A value that becomes a link: the value goes, the link comes.
    expect(kinds(apiGraph(), apiWith('3', 'steps', ['5', 0]))).toEqual(['connect', 'set-input']);
  });

  it('[PT-1] names what changes in a UI file', () => {
    const change = (members: JsonObject): string[] => {
      const document = pair();
      Object.assign((document.nodes as JsonObject[])[1]!, members);
      return kinds(pair(), document);
    };
    expect(change({ mode: 4 })).toEqual(['set-mode']);
    expect(change({ pos: [5, 5] })).toEqual(['set-presentation']);
    expect(change({ title: 'x' })).toEqual(['rename-node']);
    expect(change({ properties: { proxyWidgets: [['1', 'a']] } })).toEqual(['set-proxies']);
    expect(kinds(withSubgraph(), withSubgraph({ name: 'Other' }))).toEqual(['rename-subgraph']);
    expect(kinds(uiDocument([]), withSubgraph())).toEqual(expect.arrayContaining(['add-subgraph', 'add-node']));
    expect(kinds(withSubgraph(), withSubgraph({ outputs: [] }))).toContain('set-interface');
    const moved = [{ id: 'in-model', name: 'model', type: 'MODEL', linkIds: [1], pos: [1, 1] }];
    expect(kinds(withSubgraph(), withSubgraph({ inputs: moved }))).toEqual(['set-presentation']);
    const slots = [{ id: 'ui', name: 'model', type: 'MODEL', linkIds: [1] }];
    expect(kinds(withSubgraph(), withSubgraph({ inputs: slots }))).not.toContain('set-presentation');
  });

  it('[PT-2] takes lists, links and widget values as a whole', () => {
    for (const [a, b] of [
      [
        [1, 2, 3],
        [1, 2],
      ],
      [{ x: { y: 1 } }, { x: { y: 2 } }],
      [null, { x: 1 }],
    ] as Json[][]) {
      const [edit, ...more] = diff(apiWith('3', 'steps', a!), apiWith('3', 'steps', b!));
      expect(more).toEqual([]);
      expect(edit).toMatchObject({ path: ['nodes', '3', 'widgets', 'steps'], from: a, to: b });
    }
  });

  it('[PT-1] properties that come with promoted widgets change what runs, and say so', () => {
    const bare = pair();
    delete (bare.nodes as JsonObject[])[1]!.properties;
    const promoted = pair();
    (promoted.nodes as JsonObject[])[1]!.properties = { proxyWidgets: [['1', 'seed']] };
    const [edit] = diff(bare, promoted);
    expect(isPresentationEdit(edit!)).toBe(false);
    expect(graphDigest(read(bare))).not.toBe(graphDigest(read(promoted)));
  });

  it('[PT-1] keys that need escaping, and keys every object has, lead there and back', () => {
    const a = { 'a/b': { class_type: 'A', inputs: { 'x~y': 1, toString: 2 } } };
    const b = { 'a/b': { class_type: 'A', inputs: { 'x~y': 2, valueOf: 3 } }, '~1': { class_type: 'A', inputs: {} } };
    const edits = diff(a, b);
    expect(applyEdits(read(a), edits)).toEqual(read(b));
    expect(applyEdits(read(b), invertEdits(edits))).toEqual(read(a));
    expect(patchToEdits(editsToPatch(edits, read(a)))).toEqual(edits);
  });

  it('[PT-3] a patch tests what it replaces, and refuses what it was not made for', () => {
    const edits = diff(apiGraph(), apiWith('3', 'steps', 30));
    expect(editsToPatch(edits, read(apiGraph()))).toEqual([
      { op: 'test', path: '/nodes/3/widgets/steps', value: 20 },
      { op: 'replace', path: '/nodes/3/widgets/steps', value: 30 },
    ]);
    expect(codeOf(() => applyEdits(read(apiWith('3', 'steps', 25)), edits))).toBe('PATCH_TEST_FAILED');
  });

  it('[PT-3] a change of 20,000 nodes is one patch', () => {
    const grid = (x: number): JsonObject =>
      uiDocument(Array.from({ length: 20_000 }, (_, id) => uiNode(id, 'A', { pos: [x, id] })));
    const [a, b] = [read(grid(0)), read(grid(1))];
    const edits = diffWorkflows(a, b);
    expect(edits).toHaveLength(20_000);
    expect(formatWorkflow(applyEdits(a, edits))).toBe(formatWorkflow(b));
  });

  it('[PT-1] a change at the deepest place a file may have applies', () => {
    const nested = (depth: number, value: Json): Json => (depth === 0 ? value : { a: nested(depth - 1, value) });
    const documents = [
      (value: Json): Json => ({ '1': { class_type: 'A', inputs: { x: nested(60, value) }, _meta: nested(62, value) } }),
      (value: Json): Json => ({ '1': { class_type: 'A', inputs: {}, more: nested(62, value) } }),
      (value: Json): Json => uiDocument([uiNode(1, 'A', { inputs: [{ ...input('x'), sockets: nested(59, value) }] })]),
      (value: Json): Json =>
        uiDocument([uiNode(1, 'A', { outputs: [{ ...output('x'), carried: nested(59, value) }] })]),
      (value: Json): Json => withSubgraph({ extra: nested(59, value) }),
    ];
    for (const document of documents) {
      const [a, b] = [1, 2].map((value) => read(parseJson(JSON.stringify(document(value)))));
      expect(formatWorkflow(applyEdits(a!, diffWorkflows(a!, b!)))).toBe(formatWorkflow(b!));
    }
  });
});

it('tells scope, node and input of an edit', () => {
  expect(targetOf(makeEdit(['nodes', '3', 'widgets', 'steps'], 1, 2))).toEqual({ node: '3', input: 'steps' });
  expect(targetOf(makeEdit(['subgraphs', SUBGRAPH, 'nodes', '3', 'links', 'x'], 1, 2))).toEqual({
    scope: SUBGRAPH,
    node: '3',
    input: 'x',
  });
  expect(targetOf(makeEdit(['subgraphs', SUBGRAPH, 'inputs', 'nodes'], 1, 2))).toEqual({ scope: SUBGRAPH });
  expect(targetOf(makeEdit(['ui', 'groups', '1'], 1, 2))).toEqual({});
});
