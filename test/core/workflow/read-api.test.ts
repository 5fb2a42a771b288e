import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { canonicalJson } from '../../../src/base/json-text.ts';
import { docDigest, graphDigest } from '../../../src/core/workflow/digest.ts';
import { formatWorkflow } from '../../../src/core/workflow/write.ts';
import { apiGraph, apiWith } from '../../porcelain/samples.ts';
import { codeOf, read, rewritten } from './graphs.ts';

describe('API format', () => {
  it('[CF-1] [CF-2] reads links and values apart, and writes what it read', () => {
    const workflow = read(apiGraph());
    expect(workflow.nodes['3']!.links.model).toEqual({ from: '4', slot: 0 });
    expect(workflow.nodes['3']!.widgets).toMatchObject({ steps: 20, sampler_name: 'euler' });
    expect(workflow.nodes['3']!.ui.title).toBe('portrait');
    expect(rewritten(apiGraph())).toEqual(apiGraph());
  });

  it('[CF-2] only a list of a text and a whole number from 0 on is a link', () => {
    const values: Json[] = [
      ['4', 0],
      ['4'],
      ['4', 0, 1],
      [4, 0],
      ['4', '0'],
      ['4', 0.5],
      ['4', -1],
      [['4', 0]],
      ['4', 2n ** 60n],
    ];
    for (const [i, value] of values.entries()) {
      const workflow = read({ '1': { class_type: 'A', inputs: { x: value } } });
      expect(Object.keys(workflow.nodes['1']!.links), canonicalJson(value)).toEqual(i === 0 ? ['x'] : []);
      expect(rewritten({ '1': { class_type: 'A', inputs: { x: value } } })).toMatchObject({
        '1': { inputs: { x: value } },
      });
    }
  });

  it('[CF-2] a damaged node is refused with its place', () => {
    const rows: [JsonObject, string][] = [
      [{ inputs: {} }, '/2/class_type'],
      [{ inputs: {}, class_type: 4 }, '/2/class_type'],
      [{ class_type: 'A', inputs: [] }, '/2/inputs'],
      [{ class_type: 'A', inputs: null }, '/2/inputs'],
      [{ class_type: '__proto__', inputs: {} }, '/2'],
    ];
    for (const [node, path] of rows) {
      expect(() => read({ '1': { class_type: 'A', inputs: {} }, '2': node }), path).toThrow(
        expect.objectContaining({ code: 'WORKFLOW_SHAPE', data: expect.objectContaining({ path }) }),
      );
    }
    expect(codeOf(() => read({ '1': { inputs: {} } }))).toBe('NOT_A_WORKFLOW');
  });

  it('[CF-2] entries that are no nodes, and members of nodes that we do not know, come back', () => {
    const document: JsonObject = {
      '1': { class_type: 'A', inputs: {}, is_changed: ['x'], _meta: { title: 't', mine: 1 }, more: null },
      '2': { class_type: 'A' },
      '3': { class_type: 'A', inputs: {}, _meta: {} },
      '4': { class_type: 'A', inputs: {}, _meta: 'odd' },
      '5': { class_type: 'A', inputs: {}, _meta: { title: 7 } },
      comment: 'made by hand',
      list: [1],
      nothing: null,
      object: { a: 1 },
      toString: { class_type: 'valueOf', inputs: { hasOwnProperty: ['1', 0] } },
    };
    expect(rewritten(document)).toEqual(document);
  });

  it('[ID-1] ids are texts: "1", "01" and "1.0" are three nodes', () => {
    const node = { class_type: 'A', inputs: {} };
    expect(Object.keys(read({ '1': node, '01': node, '1.0': node, '3:1': node }).nodes)).toHaveLength(4);
  });

  it('[CF-10] [CF-11] one value changes both digests, a title the document only, an order neither', () => {
    const [graph, changed] = [read(apiGraph()), read(apiWith('3', 'steps', 21))];
    expect(docDigest(changed)).not.toBe(docDigest(graph));
    expect(graphDigest(changed)).not.toBe(graphDigest(graph));
    const renamed = apiGraph();
    renamed['3']!._meta = { title: 'other' };
    expect(docDigest(read(renamed))).not.toBe(docDigest(graph));
    expect(graphDigest(read(renamed))).toBe(graphDigest(graph));
    const reversed = Object.fromEntries(Object.entries(apiGraph()).reverse());
    expect(docDigest(read(reversed))).toBe(docDigest(graph));
    expect(docDigest(graph)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('canonical text', () => {
  const textOf = (inputs: JsonObject): string => formatWorkflow(read({ '1': { class_type: 'A', inputs } }));

  it('[CF-6] one member per line, one space per level, short lists on one line, a line feed at the end', () => {
    const text = textOf({
      b: [1, 'x', null, true],
      a: { z: 1, y: [] },
      long: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      deep: [[1]],
    });
    expect(text).toBe(
      [
        '{',
        ' "1": {',
        '  "class_type": "A",',
        '  "inputs": {',
        '   "a": {',
        '    "y": [],',
        '    "z": 1',
        '   },',
        '   "b": [1, "x", null, true],',
        '   "deep": [',
        '    [1]',
        '   ],',
        '   "long": [',
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `    ${n},`),
        '    9',
        '   ]',
        '  }',
        ' }',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('[CF-6] the length of a value never changes the layout', () => {
    const lines = (value: Json): number => textOf({ a: [value, 1], b: value }).split('\n').length;
    expect(lines('x'.repeat(5000))).toBe(lines(1));
    expect(lines('a\nb\u2028')).toBe(lines(1));
  });

  it('[CF-6] numbers as RFC 8785 writes them, wide integers with every digit', () => {
    const text = textOf({ a: 1e21, b: 0.1, c: 1e-7, d: 18446744073709551615n, e: -0, f: 100 });
    for (const line of [
      '"a": 1e+21,',
      '"b": 0.1,',
      '"c": 1e-7,',
      '"d": 18446744073709551615,',
      '"e": 0,',
      '"f": 100',
    ]) {
      expect(text).toContain(`\n   ${line}\n`);
    }
  });
});
