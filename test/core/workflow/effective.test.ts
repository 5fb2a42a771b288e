import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { canonicalJson } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import {
  type Effective,
  effectiveValue,
  type InputPlace,
  placeKey,
  readersOf,
} from '../../../src/core/workflow/effective.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { withCorpus } from '../../corpus.ts';

const read = (json: Json, source = 'test'): Workflow => readWorkflow(json, { catalog: defaultCatalog(), source });

const UUID = '11111111-2222-4333-8444-555555555555';
const sampler = (steps: Json): JsonObject => ({ class_type: 'KSampler', inputs: { steps } });
const primitive = (value: Json): JsonObject => ({ class_type: 'PrimitiveInt', inputs: { value } });
const choice = (on: Json): JsonObject => ({
  class_type: 'ComfySwitchNode',
  inputs: { switch: on, on_true: ['1', 0], on_false: ['2', 0] },
});

/** A sampler in a subgraph that takes its steps from outside, with as many instances as there are numbers. */
function inside(...steps: (number | null)[]): Workflow {
  const sampled = { name: 'steps', type: 'INT', widget: { name: 'steps' }, link: 1 };
  return read({
    version: 0.4,
    nodes: steps.map((value, i) => ({
      id: i + 1,
      type: UUID,
      inputs: [{ name: 'steps', type: 'INT', widget: { name: 'steps' }, link: null }],
      outputs: [{ name: 'n', type: 'INT', links: null }],
      ...(value === null ? {} : { widgets_values: [value] }),
    })),
    links: [],
    definitions: {
      subgraphs: [
        {
          id: UUID,
          name: 'inner',
          inputs: [{ id: 'in-steps', name: 'steps', type: 'INT', linkIds: [1] }],
          outputs: [],
          nodes: [{ id: 5, type: 'KSampler', inputs: [sampled], widgets_values_named: { steps: 20 } }],
          links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: 'INT' }],
        },
      ],
    },
  });
}

describe('the value that counts', () => {
  it('[EV-1] is the widget itself, or that of the primitive behind links and switches', () => {
    const graph = (on: Json): Workflow =>
      read({ '1': primitive(4), '2': primitive(30), '3': choice(on), '4': sampler(['3', 0]), '5': sampler(20) });
    expect(effectiveValue(graph(true), { node: '5', input: 'steps' })).toEqual({
      kind: 'value',
      place: { node: '5', input: 'steps' },
      value: 20,
    });
    const at = (on: Json) => effectiveValue(graph(on), { node: '4', input: 'steps' });
    expect(at(true)).toEqual({ kind: 'value', place: { node: '1', input: 'value' }, value: 4 });
    expect(at(false)).toMatchObject({ place: { node: '2', input: 'value' }, value: 30 });
    expect(at(['9', 0])).toEqual({ kind: 'computed', node: '3', class_type: 'ComfySwitchNode' });
    expect(effectiveValue(graph(true), { node: '4', input: 'cfg' })).toEqual({ kind: 'none' });
    expect(readersOf(graph(false)).get(placeKey({ node: '2', input: 'value' }))).toEqual([
      { node: '3', input: 'on_false' },
      { node: '4', input: 'steps' },
    ]);
  });

  it('[EV-1] is computed where a node makes it, and none where a link leads nowhere or round and round', () => {
    const graph = read({
      '1': { class_type: 'ComfyMathExpression', inputs: { expression: 'a*2' } },
      '2': sampler(['1', 0]),
      '3': sampler(['77', 0]),
      '4': primitive(['5', 0]),
      '5': primitive(['4', 0]),
      '6': sampler(['4', 0]),
    });
    const kinds = ['2', '3', '6'].map((node) => effectiveValue(graph, { node, input: 'steps' }).kind);
    expect(kinds).toEqual(['computed', 'none', 'none']);
  });

  it('[EV-1] passes reroutes and bypassed nodes, and stops at muted ones', () => {
    const of = (middle: JsonObject): Effective => {
      const slots = {
        inputs: [{ name: '', type: 'INT', link: 1 }],
        outputs: [{ name: '', type: 'INT', links: [2] }],
      };
      const graph = read({
        version: 0.4,
        nodes: [
          {
            id: 1,
            type: 'PrimitiveNode',
            outputs: [{ name: 'INT', type: 'INT', links: [1] }],
            widgets_values: [7, 'fixed'],
          },
          { id: 2, ...slots, ...middle },
          { id: 3, type: 'KSampler', inputs: [{ name: 'steps', type: 'INT', widget: { name: 'steps' }, link: 2 }] },
        ],
        links: [
          [1, 1, 0, 2, 0, 'INT'],
          [2, 2, 0, 3, 0, 'INT'],
        ],
      });
      return effectiveValue(graph, { node: '3', input: 'steps' });
    };
    expect(of({ type: 'Reroute' })).toMatchObject({ place: { node: '1' }, value: 7 });
    expect(of({ type: 'Anything', mode: 4 })).toMatchObject({ place: { node: '1' }, value: 7 });
    expect(of({ type: 'Anything', mode: 2 })).toEqual({ kind: 'none' });
    expect(of({ type: 'Anything' })).toMatchObject({ kind: 'computed', node: '2' });
  });

  it('[EV-1] inside a subgraph is what its instance gives, which differs where instances do', () => {
    const place = { scope: UUID, node: '5', input: 'steps' };
    expect(effectiveValue(inside(8), place)).toMatchObject({ kind: 'value', place: { node: '1' }, value: 8 });
    expect(effectiveValue(inside(null), place)).toEqual({ kind: 'value', place, value: 20 });
    expect(effectiveValue(inside(8, 9), place)).toMatchObject({
      kind: 'several',
      values: [{ value: 8 }, { value: 9 }],
    });
    expect(effectiveValue(inside(), place)).toEqual({ kind: 'none' });
  });
});

/** What there is to compare of an answer: a place has another name in the page's own prompt. */
const told = (one: Effective): string =>
  one.kind === 'value' ? canonicalJson(one.value) : one.kind === 'computed' ? one.class_type : one.kind;

/** The place of `3` or, inside of subgraphs, `12:5:3` of a prompt; undefined where the file links no such input. */
function linkedPlace(ui: Workflow, id: string, input: string): InputPlace | undefined {
  const ids = id.split(':');
  let scope: string | undefined;
  const nodeOf = (node: string) => (scope === undefined ? ui : ui.subgraphs[scope])?.nodes[node];
  for (const instance of ids.slice(0, -1)) scope = nodeOf(instance)?.class_type;
  const node = nodeOf(ids.at(-1)!);
  if (node === undefined || !Object.hasOwn(node.links, input)) return undefined;
  return { ...(scope === undefined ? {} : { scope }), node: ids.at(-1)!, input };
}

withCorpus('groundtruth', (dir) => {
  it('[EV-1] of every linked input is what counts in the prompt that the page makes of the file', () => {
    const { items } = JSON.parse(readFileSync(`${dir}.index.json`, 'utf8')) as {
      items: Record<string, { clean: boolean; stable: boolean }>;
    };
    let right = 0;
    const wrong: string[] = [];
    for (const name of readdirSync(dir)) {
      const item = items[name.replace('.json', '')];
      if (!item?.clean || !item.stable) continue;
      const truth = parseJson(readFileSync(`${dir}/${name}`), { source: name }) as JsonObject;
      const api = read(truth.output!, name);
      const ui = read(parseJson(readFileSync(`${dir}/../templates/${name}`), { source: name }), name);
      for (const [id, node] of Object.entries(api.nodes)) {
        for (const input of [...Object.keys(node.widgets), ...Object.keys(node.links)]) {
          const place = linkedPlace(ui, id, input);
          if (place === undefined) continue;
          const [want, got] = [effectiveValue(api, { node: id, input }), effectiveValue(ui, place)];
          if (got.kind === 'several' || want.kind === 'none') continue;
          if (told(want) === told(got)) right++;
          else wrong.push(`${name} ${id}.${input}: ${told(want)}, not ${told(got)}`);
        }
      }
    }
    expect(right).toBeGreaterThan(1000);
    expect(wrong.length / right, wrong.join('\n')).toBeLessThan(0.002);
  });
});
