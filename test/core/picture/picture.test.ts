import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { layOut } from '../../../src/core/picture/boxes.ts';
import { type Item, panelsOf } from '../../../src/core/picture/scene.ts';
import { drawSvg } from '../../../src/core/picture/svg.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { withCorpus } from '../../corpus.ts';
import { workflow } from '../../laws/arbitrary.ts';
import { apiGraph, apiWith } from '../../porcelain/samples.ts';
import { pairsIn } from '../edit/pairs.ts';
import { chain, renamed } from '../edit/renumbered.ts';
import { input, output, read, uiDocument, uiNode, withSubgraph } from '../workflow/graphs.ts';
import { parseXml, textOf, withClass } from './xml.ts';

const changeOf = (before: Workflow, after: Workflow) => ({
  file: 'a.json',
  before,
  after,
  edits: diffWorkflows(before, after),
});
const panels = (before: Json, after: Json) => panelsOf(changeOf(read(before), read(after)));
const draw = (before: Json, after: Json) => parseXml(drawSvg([changeOf(read(before), read(after))]));
const fates = (items: readonly Item[]): Record<string, string> =>
  Object.fromEntries(items.filter(({ fate }) => fate !== 'same').map(({ title, fate }) => [title, fate]));

describe('[DF-5] what became of nodes', () => {
  it('is added, removed or changed, with the values in the box', () => {
    const after: JsonObject = apiWith('3', 'steps', 30);
    delete after['9'];
    after['20'] = { class_type: 'PreviewImage', inputs: { images: ['8', 0] } };
    const root = draw(apiGraph(), after);
    const [changed, ...others] = withClass(root, 'cwf-box')
      .filter(({ attributes }) => attributes['id'] !== undefined)
      .filter(({ attributes }) => attributes['class'] === 'cwf-box cwf-changed');
    expect(others).toEqual([]);
    expect(textOf(changed!)).toContain('~ portrait');
    expect(textOf(changed!)).toContain('steps 20 → 30');
    const drawn = (name: string) =>
      withClass(root, name).filter(({ name: tag, attributes }) => tag === 'g' && attributes['id'] !== undefined);
    expect(drawn('cwf-added').map(textOf).join()).toContain('+ PreviewImage');
    expect(drawn('cwf-removed').map(textOf).join()).toContain('− SaveImage');
    expect(
      withClass(root, 'cwf-wire')
        .map(({ attributes }) => attributes['class']!.slice(13))
        .sort(),
    ).toEqual(['added', 'removed', ...Array<string>(8).fill('same')].sort());
  });

  it('says of a link where it came from and where it comes from', () => {
    const root = draw(apiGraph(), apiWith('3', 'positive', ['7', 0]));
    expect(textOf(root)).toMatch(/positive.*− CLIPTextEncode \(6\)\.0.*\+ CLIPTextEncode \(7\)\.0/s);
  });

  it('is nothing for new ids and places', () => {
    const copy = renamed(apiGraph(), (id) => String(Number(id) + 100));
    const [root, ...more] = panels(apiGraph(), copy);
    expect(more).toEqual([]);
    expect(fates(root!.items)).toEqual({});
    expect(root!.wires.every(({ fate }) => fate === 'same')).toBe(true);
    // The ids shown are those of the later version.
    expect(root!.items.map(({ id }) => id)).toEqual(['103', '104', '105', '106', '107', '108', '109']);
  });

  it('shows a change of a new-numbered copy at the right node', () => {
    const copy = renamed(apiWith('3', 'steps', 30), (id) => String(Number(id) + 100));
    const [root] = panels(apiGraph(), copy);
    expect(root!.items.filter(({ fate }) => fate !== 'same')).toMatchObject([{ id: '103', fate: 'changed' }]);
  });

  it('has a panel for each subgraph in which something changed, and marks the way to it', () => {
    const before = withSubgraph();
    const after = structuredClone(before) as { definitions: { subgraphs: { nodes: { widgets_values?: Json[] }[] }[] } };
    const node = after.definitions.subgraphs[0]!.nodes.find(({ widgets_values: list }) => list && list.length > 0);
    const target = node ?? after.definitions.subgraphs[0]!.nodes[0]!;
    target.widgets_values = [...(target.widgets_values ?? []), 'new'];
    const [root, inner, ...more] = panels(before, after as unknown as Json);
    expect(more).toEqual([]);
    expect(root!.items.filter(({ fate }) => fate === 'changed')).toHaveLength(1);
    expect(root!.items.find(({ fate }) => fate === 'changed')!.rows).toMatchObject([{ name: '1 change inside' }]);
    expect(inner!.way).toHaveLength(1);
    expect(inner!.items.filter(({ fate }) => fate === 'changed')).toHaveLength(1);
  });

  it('is moved for nodes that were wrapped, with what changed in them', () => {
    const [root, inner] = panels(chain(false), chain(true, 30));
    expect(fates(root!.items)).toEqual({ First: 'moved', Second: 'moved', Refine: 'added' });
    expect(inner!.fate).toBe('added');
    expect(fates(inner!.items)).toMatchObject({ First: 'changed', Second: 'moved' });
    expect(inner!.items.find(({ title }) => title === 'First')!.rows).toMatchObject([{ from: '20', to: '30' }]);
  });

  it('draws a file that came or went as a whole', () => {
    const only = read(apiGraph());
    for (const [side, sign] of [
      ['after', '+'],
      ['before', '−'],
    ] as const) {
      const root = parseXml(drawSvg([{ file: 'a.json', [side]: only, edits: [] }]));
      expect(textOf(root)).toContain(`${sign} portrait`);
      expect(withClass(root, 'cwf-same')).toEqual([]);
    }
  });
});

describe('[DF-5] where nodes stand', () => {
  const overlaps = (boxes: readonly { x: number; y: number; w: number; h: number }[]): number => {
    let count = 0;
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1))
        if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) count++;
    return count;
  };

  it('keeps what stood left of another there, and lets nothing overlap', () => {
    const node = fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -3000, max: 3000 }), fc.nat(500));
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 30 }), (places) => {
        const nodes = places.map(([x, y, h], id) => ({ ...uiNode(id + 1, 'Some'), pos: [x, y], size: [300, h] }));
        const only = read(uiDocument(nodes));
        const { boxes, width, height } = layOut(panelsOf(changeOf(only, only))[0]!);
        expect(overlaps(boxes)).toBe(0);
        const at = new Map(boxes.map(({ item, x }) => [item.id, x]));
        for (const [i, [x]] of places.entries())
          for (const [j, [other]] of places.entries())
            if (x < other) expect(at.get(String(i + 1))!).toBeLessThanOrEqual(at.get(String(j + 1))! + 1e-6);
        for (const { x, y, w, h } of boxes) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(x + w).toBeLessThanOrEqual(width + 1e-6);
          expect(y + h).toBeLessThanOrEqual(height + 1e-6);
        }
      }),
    );
  });

  it('follows the links where the file has no places', () => {
    const only = read(apiGraph());
    const { boxes, wires } = layOut(panelsOf(changeOf(only, only))[0]!);
    const at = new Map(boxes.map((box) => [box.item.key, box]));
    expect(wires).toHaveLength(9);
    for (const { from, to } of wires) expect(at.get(from)!.x + at.get(from)!.w).toBeLessThan(at.get(to)!.x);
    expect(overlaps(boxes)).toBe(0);
  });

  it('ends where links go in circles, and where a node feeds itself', () => {
    const only = read({
      '1': { class_type: 'A', inputs: { x: ['2', 0], y: ['1', 0] } },
      '2': { class_type: 'B', inputs: { x: ['1', 0] } },
    });
    expect(overlaps(layOut(panelsOf(changeOf(only, only))[0]!).boxes)).toBe(0);
  });

  it('of too many nodes draws what changed and its neighbours, and says how many are left', () => {
    const many = (steps: number): JsonObject =>
      Object.fromEntries(
        Array.from({ length: 900 }, (_, i) => [
          String(i),
          { class_type: 'N', inputs: { steps: i === 450 ? steps : 1, ...(i > 0 ? { x: [String(i - 1), 0] } : {}) } },
        ]),
      );
    const panel = panels(many(1), many(2))[0]!;
    const laid = layOut(panel);
    expect(laid.boxes.map(({ item }) => item.key)).toEqual(['449', '450', '451']);
    expect(laid.left).toBe(897);
    expect(textOf(draw(many(1), many(2)))).toContain('897');
  });

  it('overlaps nothing in any generated workflow', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        if (a.format !== b.format) return;
        for (const panel of panelsOf(changeOf(a, b))) expect(overlaps(layOut(panel).boxes)).toBe(0);
      }),
    );
  });

  withCorpus('history', (path) => {
    it('overlaps nothing in any released change, and draws every node of it', () => {
      let drawn = 0;
      for (const [name, a, b] of pairsIn(path)) {
        if (a.format !== b.format) continue;
        for (const panel of panelsOf(changeOf(a, b))) {
          const { boxes, left } = layOut(panel);
          expect(overlaps(boxes), name).toBe(0);
          expect(boxes.length + left).toBe(panel.items.length);
          drawn += boxes.length;
        }
      }
      expect(drawn).toBeGreaterThan(1000);
    }, 120_000);
  });

  withCorpus('templates/video_wan2_2_14B_s2v.json', (path) => {
    it('of the 62 nodes of a template fit on one screen at a readable size', () => {
      const only = read(JSON.parse(readFileSync(path, 'utf8')));
      const { width, height, boxes } = layOut(panelsOf(changeOf(only, only))[0]!);
      expect(boxes).toHaveLength(62);
      // Text of 11 px shrinks to 8 px on a screen of 1,920 at worst.
      expect(width).toBeLessThan(2600);
      expect(height).toBeLessThan(1400);
    });
  });

  it('reads places of every form the editor has saved', () => {
    const node = (id: number, pos: Json) => ({
      ...uiNode(id, 'Some', { inputs: [input('a')], outputs: [output('b')] }),
      pos,
      size: { '0': 200, '1': 80 },
    });
    const only = read(
      uiDocument([node(1, { '0': 900, '1': 5 }), node(2, [0, 5]), node(3, 'nowhere'), node(4, [9, 400])]),
    );
    const { boxes } = layOut(panelsOf(changeOf(only, only))[0]!);
    const x = (id: string) => boxes.find(({ item }) => item.id === id)!.x;
    expect(x('2')).toBeLessThan(x('1'));
    expect(overlaps(boxes)).toBe(0);
  });
});
