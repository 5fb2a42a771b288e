import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { applyEdits, editsToPatch, invertEdits, patchToEdits } from '../../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { isPresentationEdit, makeEdit } from '../../../src/core/edit/edit.ts';
import { matchWorkflows } from '../../../src/core/edit/match.ts';
import { applyPatch, invertPatch } from '../../../src/core/edit/patch.ts';
import { renumber, renumberEdit } from '../../../src/core/edit/renumber.ts';
import { summarizeEdits, tellEdits } from '../../../src/core/edit/tell.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { triple, workflow } from '../../laws/arbitrary.ts';
import { apiGraph, apiWith } from '../../porcelain/samples.ts';
import { codeOf, input, output, pair, read, SUBGRAPH, uiDocument, uiNode, withSubgraph } from '../workflow/graphs.ts';
import { mirrored, plainMatching } from './pairs.ts';
import { chain, renamed } from './renumbered.ts';

const pairsOf = (a: Json, b: Json): Record<string, string> =>
  Object.fromEntries(matchWorkflows(read(a), read(b)).scopes[0]!.nodes);

function told(a: Json, b: Json): string[] {
  const [x, y] = [read(a), read(b)];
  return tellEdits(diffWorkflows(x, y), x, y)
    .filter(({ presentation }) => !presentation)
    .map(({ text }) => text);
}

const encode = (text: string): JsonObject => ({ class_type: 'CLIPTextEncode', inputs: { text, clip: ['4', 1] } });

describe('matching of nodes', () => {
  it('[MA-1] [PT-6] finds a flat graph again under other ids, and tells one change in it', () => {
    const copy = renamed(apiGraph(), (id) => String(Number(id) + 100));
    const edits = diffWorkflows(read(apiGraph()), read(copy));
    expect(edits.map(({ kind }) => kind)).toEqual(['renumber']);
    expect(applyEdits(read(apiGraph()), edits)).toEqual(read(copy));
    const changed = renamed(apiWith('3', 'steps', 30), (id) => String(Number(id) + 100));
    expect(told(apiGraph(), changed)).toEqual(['KSampler "portrait" (3 -> 103): steps 20 -> 30']);
    const relinked = renamed(apiWith('3', 'model', ['5', 1]), (id) => String(Number(id) + 100));
    expect(told(apiGraph(), relinked)).toEqual([
      'KSampler "portrait" (3 -> 103): model: CheckpointLoaderSimple (4).0 -> EmptyLatentImage (105).1',
    ]);
  });

  it('[MA-1] an equal id and class does not win where all else is different and a better counterpart exists', () => {
    const a = { ...apiGraph(), '6': encode('a cat'), '7': encode('blurry') };
    const b = renamed(a, (id) => (id === '6' ? '7' : id === '7' ? '6' : id));
    expect(pairsOf(a, b)).toMatchObject({ '6': '7', '7': '6', '3': '3' });
    expect(told(a, b)).toEqual([]);
    // The id goes to a node of the same class that has nothing else in common.
    const rest = renamed(apiGraph(), (id) => (id === '3' ? '50' : id));
    const other = { ...rest, '3': { class_type: 'KSampler', inputs: { steps: 7, cfg: 1.5 } } };
    expect(pairsOf(apiGraph(), other)).toMatchObject({ '3': '50' });
  });

  it('[MA-1] an edited node stays itself beside a copy of what it was', () => {
    const b = { ...apiWith('6', 'text', 'a dog'), '30': { ...apiGraph()['6']! } };
    expect(pairsOf(apiGraph(), b)).toMatchObject({ '6': '6' });
    expect(told(apiGraph(), b)).toEqual(['+ CLIPTextEncode (30)', 'CLIPTextEncode (6): text "a cat" -> "a dog"']);
  });

  it('[MA-1] follows equal branches along their links', () => {
    const branch = (n: number, text: string): Record<string, JsonObject> => ({
      [`${n}1`]: { class_type: 'Load', inputs: { file: 'x.png' } },
      [`${n}2`]: { class_type: 'Scale', inputs: { image: [`${n}1`, 0] } },
      [`${n}3`]: { class_type: 'Save', inputs: { image: [`${n}2`, 0], name: text } },
    });
    const a = { ...branch(1, 'one'), ...branch(2, 'two') };
    const b = renamed(a, (id) => ({ '11': '21', '21': '11', '12': '22', '22': '12', '13': '23', '23': '13' })[id]!);
    expect(told(a, b)).toEqual([]);
    expect(
      told(
        a,
        renamed(a, (id) => ({ '11': '21', '21': '11' })[id] ?? id),
      ),
    ).toEqual([]);
    // A link that changed branches is a change, even where the ends look alike.
    expect(told(a, { ...a, '13': { class_type: 'Save', inputs: { image: ['22', 0], name: 'one' } } })).toHaveLength(1);
  });

  it('[PT-6] a node that took the id of another one is told by its own new id', () => {
    const { '3': sampler, ...rest } = apiGraph();
    const b: Record<string, JsonObject> = { ...renamed({ ...rest, '3': sampler! }, (id) => (id === '3' ? '12' : id)) };
    b['3'] = { class_type: 'LoadImage', inputs: { image: 'x.png' } };
    const [x, y] = [read(apiGraph()), read(b)];
    const edits = diffWorkflows(x, y);
    expect(applyEdits(x, edits)).toEqual(y);
    expect(applyEdits(y, invertEdits(edits))).toEqual(x);
    expect(told(apiGraph(), b)).toEqual(['+ LoadImage (3)']);
  });

  it('[PT-6] a link to nowhere stays one, whatever takes its id', () => {
    const a = { '1': { class_type: 'A', inputs: { x: 1 } }, '2': { class_type: 'B', inputs: { in: ['1', 0] } } };
    const b = {
      '7': { class_type: 'A', inputs: { x: 1 } },
      '2': { class_type: 'B', inputs: { in: ['7', 0], more: ['1', 0] } },
    };
    const edits = diffWorkflows(read(a), read(b));
    expect(applyEdits(read(a), edits)).toEqual(read(b));
    expect(applyEdits(read(b), invertEdits(edits))).toEqual(read(a));
  });

  it('[MA-1] is the same from both sides, for any two documents', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(workflow, workflow),
          triple.map(([a, b]) => [a, b] as const),
        ),
        ([a, b]) => {
          expect(plainMatching(matchWorkflows(b, a))).toEqual(plainMatching(mirrored(matchWorkflows(a, b))));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('[PT-6] a renumbered copy of any document is no graph change, and its patch leads there and back', () => {
    const shift = (w: Workflow, by: number): Workflow => {
      const ids = Object.keys(w.nodes);
      return renumber(
        w,
        renumberEdit(
          ['nodes'],
          ids.map((id, i) => [id, ids[(i + by) % ids.length]!] as const),
        ),
      );
    };
    fc.assert(
      fc.property(workflow, fc.nat(6), (a, by) => {
        const b = shift(a, by);
        const edits = diffWorkflows(a, b);
        expect(edits.filter((edit) => !isPresentationEdit(edit))).toEqual([]);
        const patch = editsToPatch(edits, a);
        expect(applyPatch(a, patch)).toEqual(b);
        expect(applyPatch(b, invertPatch(patch))).toEqual(a);
        expect(patchToEdits(patch)).toEqual(edits);
        expect(invertEdits(invertEdits(edits))).toEqual(edits);
      }),
      { numRuns: 300 },
    );
  });
});

it('[PT-6] [CF-5] the order of keys in a file shows neither in a matching nor in a patch', () => {
  const turned = <T>(value: T): T => {
    if (Array.isArray(value)) return value.map(turned) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, turned(member)]),
    ) as T;
  };
  fc.assert(
    fc.property(
      fc.oneof(
        fc.tuple(workflow, workflow),
        triple.map(([a, b]) => [a, b] as const),
      ),
      ([a, b]) => {
        const [x, y] = [turned(a), turned(b)];
        expect(plainMatching(matchWorkflows(x, y))).toEqual(plainMatching(matchWorkflows(a, b)));
        const patch = editsToPatch(diffWorkflows(a, b), a);
        expect(editsToPatch(diffWorkflows(x, y), x)).toEqual(patch);
      },
    ),
    { numRuns: 300 },
  );
});

describe('new ids', () => {
  it('[PT-6] go to everything that names the node, in the form the file has it in', () => {
    const document = withSubgraph({
      links: [
        { id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: 'MODEL' },
        { id: 2, origin_id: 5, origin_slot: 0, target_id: -20, target_slot: 0, type: 'MODEL' },
        { id: 9, origin_id: 5, origin_slot: 0, target_id: 77, target_slot: 3, type: 'MODEL' },
      ],
    });
    (document.nodes as JsonObject[])[0]!.properties = {
      proxyWidgets: [
        ['5', 'shift'],
        ['-1', 'x'],
      ],
    };
    const path = ['subgraphs', SUBGRAPH, 'nodes'];
    const after = renumber(read(document), renumberEdit(path, [['5', '50']]));
    const inner = after.subgraphs[SUBGRAPH]!;
    expect(Object.keys(inner.nodes)).toEqual(['50']);
    expect(inner.outputs['out-model']!.link).toEqual({ from: '50', slot: 0 });
    expect(inner.ui.loose_links).toMatchObject({ '9': { origin_id: 50, target_id: 77 } });
    expect(after.nodes['3']!.ui.properties).toEqual({
      proxyWidgets: [
        ['50', 'shift'],
        ['-1', 'x'],
      ],
    });
    expect(codeOf(() => renumber(read(pair()), renumberEdit(['nodes'], [['1', '2']])))).toBe('PATCH_INVALID');
    expect(codeOf(() => renumber(read(pair()), renumberEdit(['nodes'], [['8', '9']])))).toBe('PATCH_NOT_FOUND');
  });

  it('[PT-6, MA-2] of slots and definitions change no link and no instance', () => {
    const id = '99999999-2222-4333-8444-555555555555';
    const slots = {
      id,
      inputs: [{ id: 'in-2', name: 'model', type: 'MODEL', linkIds: [1] }],
      outputs: [{ id: 'out-2', name: 'MODEL', type: 'MODEL', linkIds: [2] }],
    };
    const copy = withSubgraph(slots);
    (copy.nodes as JsonObject[])[0]!.type = id;
    const [a, b] = [read(withSubgraph()), read(copy)];
    const edits = diffWorkflows(a, b);
    expect(edits.map(({ kind, path }) => [kind, path.at(-1)])).toEqual(
      [
        ['renumber', 'nodes'],
        ['renumber', 'inputs'],
        ['renumber', 'outputs'],
        ['renumber', 'subgraphs'],
      ].slice(1),
    );
    expect(applyEdits(a, edits)).toEqual(b);
    expect(summarizeEdits(edits, a, b)).toBe('3 new ids');
  });
});

describe('wrapping nodes into a subgraph', () => {
  it('[MA-3] is told as that, and what changed in them at its place', () => {
    expect(told(chain(false), chain(true))).toEqual(['wrapped 2 nodes into subgraph Refine (5)']);
    expect(told(chain(true), chain(false))).toEqual(['unwrapped 2 nodes from subgraph Refine (5)']);
    expect(told(chain(false), chain(true, 30))).toEqual([
      'wrapped 2 nodes into subgraph Refine (5)',
      'Refine > First (2): #0 20 -> 30',
    ]);
    expect(told(chain(true), chain(false, 30))).toEqual([
      'unwrapped 2 nodes from subgraph Refine (5)',
      'First (2): #0 20 -> 30',
    ]);
  });

  it('[MA-3] [PT-1] as data: which nodes, where to; its edits apply and invert as any others', () => {
    const [a, b] = [read(chain(false)), read(chain(true, 30))];
    const edits = diffWorkflows(a, b);
    expect(applyEdits(a, edits)).toEqual(b);
    expect(applyEdits(b, invertEdits(edits))).toEqual(a);
    const [{ wrap } = {}] = tellEdits(edits, a, b);
    expect(wrap).toMatchObject({
      kind: 'wrap',
      kept: false,
      subgraph: SUBGRAPH,
      name: 'Refine',
      instance: { node: '5' },
      nodes: [
        { before: { node: '2' }, after: { scope: SUBGRAPH, node: '2' } },
        { before: { node: '3' }, after: { scope: SUBGRAPH, node: '3' } },
      ],
    });
    expect(wrap!.edits.size).toBe(edits.filter((edit) => !isPresentationEdit(edit)).length);
    expect(wrap!.changes.filter((edit) => !isPresentationEdit(edit))).toEqual([
      makeEdit(['subgraphs', SUBGRAPH, 'nodes', '2', 'widgets', '#0'], 20, 30),
    ]);
  });

  it('[MA-3] nodes that went into a subgraph that stays, or out of it, are told as moved', () => {
    const [less, more] = [chain(true), chain(true)];
    const [definition] = (less.definitions as JsonObject).subgraphs as JsonObject[];
    const second = (definition!.nodes as JsonObject[]).pop()!;
    const ends = { outputs: [output('MODEL', [3])], inputs: [input('model', 9)] };
    (less.nodes as Json[]).push({ ...second, ...ends });
    (less.nodes as JsonObject[])[1]!.outputs = [output('MODEL', [9])];
    less.links = [
      [1, 1, 0, 5, 0, 'MODEL'],
      [9, 5, 0, 3, 0, 'MODEL'],
      [3, 3, 0, 4, 0, 'MODEL'],
    ];
    (definition!.nodes as JsonObject[])[0]!.outputs = [output('MODEL', [5])];
    const [first] = definition!.links as JsonObject[];
    definition!.links = [first!, { ...first!, id: 5, origin_id: 2, target_id: -20 }];
    expect(told(less, more)).toEqual(['moved 1 node into subgraph Refine (5)']);
    expect(told(more, less)).toEqual(['moved 1 node out of subgraph Refine (5)']);
    const [a, b] = [read(less), read(more)];
    expect(applyEdits(a, diffWorkflows(a, b))).toEqual(b);
    expect(matchWorkflows(a, b).moved).toEqual([{ a: { node: '3' }, b: { scope: SUBGRAPH, node: '3' } }]);
  });

  it('[MA-3] a subgraph of new nodes is an added subgraph', () => {
    expect(told(uiDocument([]), chain(true))).toContain('+ subgraph Refine');
  });
});

it('[PT-1] a change deep inside nested subgraphs names the way to it', () => {
  const [outer, inner] = ['aaaaaaaa-2222-4333-8444-555555555555', 'bbbbbbbb-2222-4333-8444-555555555555'];
  const nested = (steps: number): JsonObject => {
    const definition = (id: string, name: string, node: JsonObject): JsonObject => {
      return { id, name, inputs: [], outputs: [], nodes: [node], links: [], groups: [] };
    };
    return uiDocument([uiNode(1, outer)], [], {
      definitions: {
        subgraphs: [
          definition(outer, 'Outer', uiNode(7, inner)),
          definition(inner, 'Inner', uiNode(9, 'Sampler', { widgets_values: [steps] })),
        ],
      },
    });
  };
  const [a, b] = [read(nested(20)), read(nested(30))];
  const [one] = tellEdits(diffWorkflows(a, b), a, b);
  expect(one!.text).toBe('Outer > Inner > Sampler (9): #0 20 -> 30');
  expect(one!.way).toEqual([
    { subgraph: outer, name: 'Outer', instance: '1' },
    { subgraph: inner, name: 'Inner', instance: '7' },
  ]);
});
