import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { docDigest } from '../../../src/core/workflow/digest.ts';
import { outlineWorkflow } from '../../../src/core/workflow/outline.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { apiDocument, uiDocument } from '../../laws/arbitrary.ts';
import { apiGraph, apiWith, shuffled, uiGraph } from '../../porcelain/samples.ts';

const read = (json: unknown) => readWorkflow(json as Json, { catalog: defaultCatalog(), source: 'x.json' });
const outline = (json: unknown): string[] => outlineWorkflow(read(json));

/** Lines of one outline that the other has not. */
const only = (a: readonly string[], b: readonly string[]): string[] => a.filter((line) => !b.includes(line));

describe('the outline of a workflow', () => {
  it('[GD-3] names the node in every line; one changed value is one changed line', () => {
    const before = outline(apiGraph());
    expect(before).toContain('KSampler (3): steps = 20');
    expect(before).toContain('KSampler (3): model <- CheckpointLoaderSimple (4).0');
    expect(before).toContain('KSampler (3): title = "portrait"');
    const after = outline(apiWith('3', 'steps', 30));
    expect([only(before, after), only(after, before)]).toEqual([
      ['KSampler (3): steps = 20'],
      ['KSampler (3): steps = 30'],
    ]);
  });

  it('[GD-3] shows links by the name of the output, subgraphs by theirs, prompts line by line', () => {
    const graph = uiGraph();
    graph.nodes[1]!['widgets_values'] = ['a photo\nof a \u001bcat'];
    const lines = outline(graph);
    expect(lines).toContain('CLIPTextEncode (2): clip <- CheckpointLoaderSimple (1).CLIP');
    expect(lines).toContain('CLIPTextEncode (2): text | a photo');
    expect(lines).toContain('CLIPTextEncode (2): text | of a \\u001bcat');
    expect(lines).toContain('subgraph "Shift" (3): model <- CheckpointLoaderSimple (1).MODEL');
    expect(lines).toContain('subgraph "Shift" > input model: "MODEL"');
    expect(lines).toContain('subgraph "Shift" > ModelSamplingAuraFlow (5): model <- input model');
  });

  it('[GD-3] a moved node changes the last line alone', () => {
    const graph = uiGraph();
    graph.nodes[0]!['pos'] = [9, 9];
    const [before, after] = [outline(uiGraph()), outline(graph)];
    expect(only(after, before)).toEqual([after.at(-1)]);
  });

  it('[GD-3] the order of keys, nodes and links shows in no line', () => {
    for (const graph of [apiGraph(), uiGraph()]) expect(outline(shuffled(graph as Json))).toEqual(outline(graph));
  });

  it('[GD-3] two documents have one outline only when they are one document', () => {
    const document = fc.oneof(apiDocument, uiDocument);
    fc.assert(
      fc.property(document, document, (a, b) => {
        const [x, y] = [read(a), read(b)];
        const isSame = outlineWorkflow(x).join('\n') === outlineWorkflow(y).join('\n');
        expect(isSame).toBe(docDigest(x) === docDigest(y));
        expect(outlineWorkflow(x).some((line) => /[\u0000-\u001f]/.test(line))).toBe(false);
      }),
    );
  });

  it('[GD-3] every change of one place shows', () => {
    fc.assert(
      fc.property(
        uiDocument,
        fc.nat(),
        fc.constantFrom('mode', 'pos', 'title', 'widgets_values', 'color'),
        (doc, n, key) => {
          const changed = structuredClone(doc) as { nodes: Record<string, Json>[] };
          const node = changed.nodes[n % changed.nodes.length]!;
          node[key] = ({ mode: 4, pos: [777, 777], title: 'else', widgets_values: ['else'], color: '#fff' } as const)[
            key
          ] as Json;
          const [x, y] = [read(doc), read(changed)];
          const isSame = outlineWorkflow(x).join('\n') === outlineWorkflow(y).join('\n');
          expect(isSame).toBe(docDigest(x) === docDigest(y));
        },
      ),
    );
  });
});
