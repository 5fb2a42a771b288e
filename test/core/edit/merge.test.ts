import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { isClean, type MergeResult, merge3 } from '../../../src/core/edit/merge.ts';
import { formatWorkflow, writeWorkflow } from '../../../src/core/workflow/write.ts';
import { apiGraph, apiWith } from '../../porcelain/samples.ts';
import {
  input,
  isSettled,
  output,
  pair,
  read,
  readAgain,
  SUBGRAPH,
  uiDocument,
  uiNode,
  withSubgraph,
} from '../workflow/graphs.ts';
import { chain } from './renumbered.ts';

/** Merges both ways round and expects the same from each; gives the first. */
function merge(base: Json, ours: Json, theirs: Json): MergeResult {
  const [b, o, t] = [read(base), read(ours), read(theirs)];
  const [one, two] = [merge3(b, o, t), merge3(b, t, o)];
  expect(two.workflow).toEqual(one.workflow);
  expect(two.violations).toEqual(one.violations);
  expect(two.decisions.map(({ id, conflict }) => [id, conflict])).toEqual(
    one.decisions.map(({ id, conflict }) => [id, conflict]),
  );
  const text = formatWorkflow(one.workflow);
  if (isClean(one)) expect(formatWorkflow(readAgain(one.workflow))).toBe(text);
  return one;
}

const open = ({ decisions }: MergeResult): string[] => decisions.filter(({ conflict }) => conflict).map(({ id }) => id);
const graph = (change: (nodes: Record<string, JsonObject>) => void): JsonObject => {
  const nodes = apiGraph();
  change(nodes);
  return nodes;
};
const ui = (change: (nodes: JsonObject[], document: JsonObject) => void): JsonObject => {
  const document = pair();
  change(document.nodes as JsonObject[], document);
  return document;
};

describe('values', () => {
  it('[MG-1] edits of different values of one node are both taken', () => {
    const result = merge(apiGraph(), apiWith('3', 'steps', 30), apiWith('3', 'cfg', 5));
    expect(isClean(result)).toBe(true);
    expect(result.workflow.nodes['3']!.widgets).toMatchObject({ steps: 30, cfg: 5 });
    expect(result.decisions.map(({ id, action }) => [id, action])).toEqual([
      ['/nodes/3/widgets/cfg', 'theirs'],
      ['/nodes/3/widgets/steps', 'ours'],
    ]);
  });

  it('[MG-1] one value changed on both sides is open and holds the base; the same change is taken', () => {
    const result = merge(apiGraph(), apiWith('3', 'steps', 30), apiWith('3', 'steps', 40));
    expect(open(result)).toEqual(['/nodes/3/widgets/steps']);
    expect(result.workflow.nodes['3']!.widgets.steps).toBe(20);
    expect(result.decisions[0]).toMatchObject({ base: 20, ours: 30, theirs: 40, action: 'open', kind: 'set-input' });
    expect(isClean(merge(apiGraph(), apiWith('3', 'steps', 30), apiWith('3', 'steps', 30)))).toBe(true);
    const [b, o, t] = [apiGraph(), apiWith('3', 'steps', 30), apiWith('3', 'steps', 40)].map((one) => read(one));
    expect(merge3(b, o!, t!, { favor: 'ours' }).workflow.nodes['3']!.widgets.steps).toBe(30);
    expect(merge3(b, o!, t!, { favor: 'theirs' }).workflow.nodes['3']!.widgets.steps).toBe(40);
  });

  it('[MG-1] a value whose name ends like that of an order is a value as any other', () => {
    const lists = [[1], [1, 2], [1, 3]].map((list) => apiWith('3', 'sort_order', list));
    expect(open(merge(lists[0]!, lists[1]!, lists[2]!))).toEqual(['/nodes/3/widgets/sort_order']);
  });

  it('[MG-1] a value that one side changes and the other puts a link on is open', () => {
    expect(open(merge(apiGraph(), apiWith('3', 'steps', 30), apiWith('3', 'steps', ['5', 0])))).toEqual([
      '/nodes/3/widgets/steps',
    ]);
    expect(isClean(merge(apiGraph(), apiGraph(), apiWith('3', 'steps', ['5', 0])))).toBe(true);
  });

  it('[MG-1] names that every object has are names as any other', () => {
    const result = merge(apiGraph(), apiWith('3', 'toString', 1), apiWith('3', 'valueOf', 2));
    expect(result.workflow.nodes['3']!.widgets).toMatchObject({ toString: 1, valueOf: 2 });
    expect(result.decisions.every((one) => !('base' in one))).toBe(true);
    const node = { class_type: 'A', inputs: {} };
    expect(isClean(merge(apiGraph(), { ...apiGraph(), toString: node }, { ...apiGraph(), valueOf: node }))).toBe(true);
  });
});

describe('nodes', () => {
  it('[MG-3] two new nodes under one id are both kept, with what hangs on them', () => {
    const [ours, theirs] = ['One', 'Two'].map((class_type) =>
      graph((nodes) => {
        nodes['10'] = { class_type, inputs: {} };
        nodes['11'] = { class_type: `After${class_type}`, inputs: { x: ['10', 0] } };
      }),
    );
    const result = merge(apiGraph(), ours!, theirs!);
    expect(isClean(result)).toBe(true);
    expect(result.reminted).toHaveLength(2);
    const { nodes } = result.workflow;
    for (const name of ['One', 'Two']) {
      const [id] = Object.keys(nodes).filter((key) => nodes[key]!.class_type === name);
      const after = Object.values(nodes).find(({ class_type }) => class_type === `After${name}`);
      expect(after!.links.x!.from).toBe(id);
    }
    expect(new Set(Object.keys(nodes)).size).toBe(Object.keys(apiGraph()).length + 4);
  });

  it('[MG-3] the same new node on both sides is one node', () => {
    const same = graph((nodes) => {
      nodes['10'] = { class_type: 'One', inputs: {} };
    });
    expect(merge(apiGraph(), same, apiWithNode(same, 'x')).reminted).toEqual([]);
  });

  it('[MG-3] ids no counter can follow are left where they are', () => {
    const node = (class_type: string, id: Json): JsonObject =>
      ui((nodes) => nodes.push(uiNode(id, class_type), uiNode(9, class_type)));
    const wide = 18446744073709551615n;
    const result = merge(pair(), node('A', wide), node('B', wide));
    const { nodes } = result.workflow;
    expect(Object.keys(nodes).sort()).toEqual(['1', '10', '11', '18446744073709551615', '2', '9']);
    expect(isSettled(result.workflow)).toBe(true);
    const text = merge(pair(), node('A', 'mine'), node('B', 'mine')).workflow.nodes;
    expect(Object.keys(text).sort()).toEqual(['1', '10', '2', '9', 'mine', 'mine-2']);
  });

  it('[MG-3] promoted widgets, outputs and loose links of a subgraph follow a node to its new id', () => {
    const side = (type: string): JsonObject => {
      const document = withSubgraph({
        nodes: [
          uiNode(5, 'Inner', { inputs: [input('model', 1)], outputs: [output('MODEL')], widgets_values: [3] }),
          uiNode(6, type, { outputs: [output('MODEL', [2])], widgets_values: [1] }),
        ],
        links: [
          { id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: 'MODEL' },
          { id: 2, origin_id: 6, origin_slot: 0, target_id: -20, target_slot: 0, type: 'MODEL' },
          { id: 9, origin_id: 6, origin_slot: 4, target_id: 77, target_slot: 0, type: type },
        ],
      });
      (document.nodes as JsonObject[])[0]!.properties = { proxyWidgets: [['6', '#0']] };
      return document;
    };
    const result = merge3(read(withSubgraph()), read(side('A')), read(side('B')));
    const { nodes } = result.workflow.subgraphs[SUBGRAPH]!;
    expect(Object.keys(nodes)).toEqual(expect.arrayContaining(['5', '6', '7']));
    // Both sides lead the one output elsewhere: that is for somebody to decide.
    expect(open(result)).toEqual(
      expect.arrayContaining([`/subgraphs/${SUBGRAPH}/outputs/out-model/link`, '/nodes/3/ui/properties/proxyWidgets']),
    );
    const ends = result.decisions.find(({ id }) => id.endsWith('/link'));
    expect(new Set([ends!.ours, ends!.theirs].map((end) => (end as JsonObject).from))).toEqual(new Set(['6', '7']));
    const { from, side: moved } = result.reminted[0]!;
    expect(from).toBe('6');
    const rows = result.decisions
      .filter(({ path }) => path.includes('loose_links'))
      .map((one) => one[moved] as JsonObject);
    expect(rows.some((row) => row?.origin_id === 7)).toBe(true);
  });

  it('[MG-3] a definition that both sides added is one thing in two versions, not two copies of each node', () => {
    const changed = withSubgraph();
    const [definition] = (changed.definitions as { subgraphs: { nodes: JsonObject[] }[] }).subgraphs;
    definition!.nodes[0]!.widgets_values = [4];
    const result = merge(uiDocument([]), withSubgraph(), changed);
    expect(Object.keys(result.workflow.subgraphs[SUBGRAPH]!.nodes)).toEqual(['5']);
    expect(open(result)).toEqual([`/subgraphs/${SUBGRAPH}/nodes/5/widgets/#0`]);
  });

  it('[MG-3] [MG-6] groups that both sides added are both kept', () => {
    const side = (title: string): JsonObject =>
      ui((_, document) => Object.assign(document, { groups: [{ id: 1, title }] }));
    const result = merge(pair(), side('a'), side('b'));
    expect(isClean(result)).toBe(true);
    expect((writeWorkflow(result.workflow) as JsonObject).groups).toEqual([
      { id: 1, title: 'a' },
      { id: 2, title: 'b' },
    ]);
  });

  it('[MG-4] removal beats a change of looks, and is open against any other', () => {
    const removed = graph((nodes) => delete nodes['9']);
    const looks = graph((nodes) => Object.assign(nodes['9']!, { _meta: { title: 'x' } }));
    expect(isClean(merge(apiGraph(), removed, looks))).toBe(true);
    expect(merge(apiGraph(), removed, looks).workflow.nodes).not.toHaveProperty('9');
    const result = merge(apiGraph(), removed, apiWith('9', 'filename_prefix', 'other'));
    expect(open(result)).toEqual(['/nodes/9']);
    expect(result.workflow.nodes).toHaveProperty('9');
    expect(isClean(merge(apiGraph(), removed, removed))).toBe(true);
    const replaced = graph((nodes) => Object.assign(nodes, { '9': { class_type: 'PreviewImage', inputs: {} } }));
    expect(open(merge(apiGraph(), replaced, apiWith('9', 'filename_prefix', 'other')))).toEqual(['/nodes/9']);
    const uiRemoved = uiDocument([(pair().nodes as Json[])[0]!]);
    const promoted = ui((nodes) => Object.assign(nodes[1]!, { properties: { proxyWidgets: [['1', 'a']] } }));
    expect(open(merge(pair(), uiRemoved, promoted))).toEqual(['/nodes/2']);
  });
});

describe('orders and looks', () => {
  const slots = (...names: string[]): JsonObject =>
    withSubgraph({ inputs: names.map((name) => ({ id: name, name, type: 'X', linkIds: [] })), nodes: [], links: [] });
  const order = (result: MergeResult): readonly string[] => result.workflow.subgraphs[SUBGRAPH]!.input_order;

  it('[MG-5] slots that either side added or removed; what both kept stays in order', () => {
    expect(order(merge(slots('a', 'b'), slots('a', 'b', 'c'), slots('a', 'b', 'd')))).toEqual(['a', 'b', 'c', 'd']);
    expect(order(merge(slots('a', 'b', 'c'), slots('a', 'c'), slots('c', 'b', 'a', 'd')))).toEqual(['a', 'c', 'd']);
    expect(order(merge(slots('a', 'b'), slots('b', 'a'), slots('a', 'b')))).toEqual(['b', 'a']);
  });

  it('[MG-5] a slot that a decision keeps against its removal stays in its order', () => {
    const other = withSubgraph({ inputs: [{ id: 'a', name: 'other', type: 'X', linkIds: [] }], nodes: [], links: [] });
    const [b, o, t] = [slots('a'), slots(), other].map((one) => read(one));
    const result = merge3(b, o!, t!);
    expect(open(result)).toEqual([`/subgraphs/${SUBGRAPH}/inputs/a`]);
    for (const one of [result, merge3(b, o!, t!, { favor: 'theirs' }), merge3(b, t!, o!, { favor: 'ours' })])
      expect(order(one)).toEqual(['a']);
    expect(order(merge3(b, o!, t!, { favor: 'ours' }))).toEqual([]);
  });

  it('[MG-6] looks that both changed are decided by a rule that does not know the sides', () => {
    const side = (x: number): JsonObject => ui((nodes) => Object.assign(nodes[0]!, { pos: [x, 0], color: `#${x}` }));
    const result = merge(pair(), side(1), side(2));
    expect(isClean(result)).toBe(true);
    expect(result.decisions.map(({ action }) => action)).toEqual(['auto', 'auto']);
    const title = merge(
      pair(),
      ui((n) => Object.assign(n[0]!, { title: 'a' })),
      ui((n) => Object.assign(n[0]!, { title: 'b' })),
    );
    expect(isClean(title)).toBe(true);
    const mode = merge(
      pair(),
      ui((n) => Object.assign(n[0]!, { mode: 2 })),
      ui((n) => Object.assign(n[0]!, { mode: 4 })),
    );
    expect(open(mode)).toEqual(['/nodes/1/mode']);
  });

  it('[MG-2] outputs that one side took away and the other added leave none behind', () => {
    const outputs = (count: number): JsonObject =>
      uiDocument([uiNode(1, 'A', { outputs: Array.from({ length: count }, (_, i) => output(`o${i}`)) })]);
    const result = merge(outputs(2), outputs(1), outputs(3));
    const [node] = (writeWorkflow(result.workflow) as { nodes: JsonObject[] }).nodes;
    expect(node!.outputs as JsonObject[]).toHaveLength(3);
    expect((node!.outputs as JsonObject[])[2]!.name).toBe('o2');
  });

  it('[MG-2] two sides in two formats are for somebody to decide', () => {
    const result = merge(apiGraph(), apiWith('3', 'steps', 30), pair());
    expect(open(result)).toContain('/format');
    expect(isClean(merge(apiGraph(), apiGraph(), pair()))).toBe(true);
    const [a, b] = [read(apiGraph()), read(pair())];
    expect(open(merge3(undefined, a, b))).toContain('/format');
    expect(merge3(undefined, a, b).workflow.format).toBe(merge3(undefined, b, a).workflow.format);
  });
});

describe('violations', () => {
  const codes = ({ violations }: MergeResult): string[] => violations.map(({ code }) => code);

  it('[MG-7] a link from a node that the other side removed', () => {
    const removed = graph((nodes) => delete nodes['9']);
    const linked = graph((nodes) => Object.assign(nodes, { '12': { class_type: 'A', inputs: { x: ['9', 0] } } }));
    const result = merge(apiGraph(), removed, linked);
    expect(isClean(result)).toBe(false);
    expect(result.violations).toMatchObject([{ code: 'DANGLING_LINK', node: '12', input: 'x' }]);
    // Old faults are nobody's in this merge.
    expect(
      isClean(
        merge(
          linked,
          graph((n) => Object.assign(n, linked, { '13': { class_type: 'B', inputs: {} } })),
          linked,
        ),
      ),
    ).toBe(true);
    const old = graph((nodes) => Object.assign(nodes, { '12': { class_type: 'A', inputs: { x: ['99', 0] } } }));
    const more = { ...old, '3': apiWith('3', 'steps', 3)['3']! };
    expect(isClean(merge(old, more, { ...old, '20': { class_type: 'B', inputs: {} } }))).toBe(true);
  });

  it('[MG-7] an old fault that moved with its node is no new one', () => {
    const side = (x: string): JsonObject =>
      graph((nodes) => Object.assign(nodes, { '12': { class_type: 'A', inputs: { x: ['99', 0], y: x } } }));
    expect(isClean(merge(apiGraph(), side('a'), side('b')))).toBe(true);
  });

  it('[MG-7] a cycle of which each side drew a half', () => {
    const node = (inputs: JsonObject): JsonObject => ({ class_type: 'A', inputs });
    const base = { '1': node({}), '2': node({}) };
    const result = merge(base, { ...base, '1': node({ x: ['2', 0] }) }, { ...base, '2': node({ x: ['1', 0] }) });
    expect(result.violations.map(({ code, node: id }) => [code, id])).toEqual([
      ['CYCLE', '1'],
      ['CYCLE', '2'],
    ]);
  });

  it('[MG-7] a value and a link on one input of an API node', () => {
    const bare = { '1': { class_type: 'A', inputs: {} }, '2': { class_type: 'B', inputs: {} } };
    const result = merge(
      bare,
      { ...bare, '1': { class_type: 'A', inputs: { x: 1 } } },
      { ...bare, '1': { class_type: 'A', inputs: { x: ['2', 0] } } },
    );
    expect(codes(result)).toEqual(['VALUE_AND_LINK']);
  });

  it('[MG-7] a slot that is gone, a type that does not fit, an instance without its definition', () => {
    const free = ui((nodes, document) => {
      document.links = [];
      nodes[0]!.outputs = [output('MODEL'), output('CLIP')];
      nodes[1]!.inputs = [input('model')];
    });
    const change = (first: JsonObject, second: JsonObject, links: Json[] = []): JsonObject => {
      const [a, b] = (free.nodes as JsonObject[]).map((node) => ({ ...node }));
      return {
        ...free,
        nodes: [
          { ...a, ...first },
          { ...b, ...second },
        ],
        links,
      };
    };
    const linked = change({ outputs: [output('MODEL'), output('CLIP', [1])] }, { inputs: [input('model', 1)] }, [
      [1, 1, 1, 2, 0, 'MODEL'],
    ]);
    const fewer = change({ outputs: [output('MODEL')] }, {});
    expect(codes(merge(free, linked, fewer))).toEqual(['MISSING_SLOT']);
    const typed = change({ outputs: [output('MODEL'), output('CLIP', null, 'CLIP')] }, {});
    expect(codes(merge(free, linked, typed))).toEqual(['TYPE_CLASH']);
    const base = withSubgraph();
    const { definitions: _gone, ...without } = uiDocument([]);
    const twice = { ...base, nodes: [...(base.nodes as Json[]), uiNode(4, SUBGRAPH)] };
    expect(codes(merge(base, without, twice))).toEqual(['MISSING_SUBGRAPH']);
  });
});

function apiWithNode(document: JsonObject, title: string): JsonObject {
  return { ...document, '10': { ...(document['10'] as JsonObject), _meta: { title } } };
}

describe('[MG-13] merging a change into nodes that the other side moved', () => {
  const inner = ({ workflow }: MergeResult) => workflow.subgraphs[SUBGRAPH]!.nodes['2']!;

  it('follows them into the subgraph, and out of it', () => {
    const wrapped = merge(chain(false), chain(true), chain(false, 30));
    expect([isClean(wrapped), inner(wrapped).widgets['#0'], Object.keys(wrapped.workflow.nodes)]).toEqual([
      true,
      30,
      ['1', '4', '5'],
    ]);
    const unwrapped = merge(chain(true), chain(false), chain(true, 30));
    expect([isClean(unwrapped), unwrapped.workflow.nodes['2']!.widgets['#0']]).toEqual([true, 30]);
    expect(unwrapped.workflow.subgraphs).toEqual({});
  });

  it('asks where both changed the value, at the place where it is now', () => {
    const result = merge(chain(false), chain(true, 25), chain(false, 30));
    expect(open(result)).toEqual([`/subgraphs/${SUBGRAPH}/nodes/2/widgets/#0`]);
    const resolutions = new Map([[open(result)[0]!, { take: 'theirs' as const }]]);
    const resolved = merge3(read(chain(false)), read(chain(true, 25)), read(chain(false, 30)), { resolutions });
    expect([isClean(resolved), inner(resolved).widgets['#0']]).toEqual([true, 30]);
  });

  it('changes the widget of the instance that shows the value', () => {
    const shown = chain(true);
    const definition = ((shown.definitions as JsonObject).subgraphs as JsonObject[])[0]!;
    (definition.inputs as Json[]).push({ id: 'in-steps', name: 'steps', type: 'INT', linkIds: [8] });
    (definition.links as Json[]).push({
      id: 8,
      origin_id: -10,
      origin_slot: 1,
      target_id: 2,
      target_slot: 1,
      type: 'INT',
    });
    const first = (definition.nodes as JsonObject[])[0]!;
    (first.inputs as Json[]).push({ name: '#0', type: 'INT', widget: { name: '#0' }, link: 8 });
    const instance = (shown.nodes as JsonObject[])[1]!;
    (instance.inputs as Json[]).push({ name: 'steps', type: 'INT', widget: { name: 'steps' }, link: null });
    instance.widgets_values_named = { steps: 20 };
    // A stale copy by position would win in the page.
    instance.widgets_values = [7];
    expect(read(shown).nodes['5']!.positional).toEqual({ steps: 7 });
    const result = merge(chain(false), shown, chain(false, 30));
    expect([isClean(result), inner(result).widgets['#0'], result.workflow.nodes['5']!.widgets.steps]).toEqual([
      true,
      30,
      30,
    ]);
    expect(result.workflow.nodes['5']!.positional).toBeUndefined();
  });

  it('asks about a node whose links the other side changed', () => {
    const cut = chain(false, 30);
    ((cut.nodes as JsonObject[])[1]!.inputs as JsonObject[])[0]!.link = null;
    cut.links = (cut.links as Json[]).slice(1);
    (cut.nodes as JsonObject[])[0]!.outputs = [output('MODEL', null)];
    expect(open(merge(chain(false), chain(true), cut))).toEqual(['/nodes/2']);
  });
});
