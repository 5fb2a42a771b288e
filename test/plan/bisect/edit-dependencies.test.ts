import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { applyEdits } from '../../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { findViolations } from '../../../src/core/edit/violations.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { editDependencies } from '../../../src/plan/bisect/edit-dependencies.ts';
import { renamed } from '../../core/edit/renumbered.ts';
import { apiGraph, uiGraph } from '../../porcelain/samples.ts';

const read = (json: unknown): Workflow => readWorkflow(json as Json, { catalog: defaultCatalog(), source: 'test' });

/** Applies every closed subset that random picks give; none may break what neither end breaks. */
function check(a: Workflow, b: Workflow): void {
  const edits = diffWorkflows(a, b);
  const needs = editDependencies(edits);
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (picks) => {
      const closed = new Set(edits.length === 0 ? [] : picks.map((pick) => pick % edits.length));
      for (const i of closed) for (const other of needs[i]!) closed.add(other);
      const subset = edits.filter((_, i) => closed.has(i));
      expect(findViolations(applyEdits(a, subset), [a, b])).toEqual([]);
    }),
    { numRuns: 60 },
  );
}

/** A LoRA between the checkpoint and all that used it, the old upscaler gone, a prompt fed by a link. */
function rewired(): Record<string, JsonObject> {
  const graph = apiGraph();
  graph['10'] = { class_type: 'LoraLoader', inputs: { lora_name: 'x', model: ['4', 0], clip: ['4', 1] } };
  (graph['3']!['inputs'] as JsonObject).model = ['10', 0];
  (graph['6']!['inputs'] as JsonObject).clip = ['10', 1];
  graph['11'] = { class_type: 'PrimitiveString', inputs: { value: 'a dog' } };
  (graph['6']!['inputs'] as JsonObject).text = ['11', 0];
  graph['12'] = { class_type: 'ImageScale', inputs: { image: ['8', 0], width: 1024 } };
  (graph['9']!['inputs'] as JsonObject).images = ['12', 0];
  return graph;
}

describe('editDependencies', () => {
  it('closes a rewiring in API format, there and back', () => {
    check(read(apiGraph()), read(rewired()));
    check(read(rewired()), read(apiGraph()));
  });

  it('closes a subgraph with its instances, slots and order, there and back', () => {
    const without = uiGraph();
    without.nodes = without.nodes.slice(0, 2);
    without.links = without.links.slice(1);
    without['definitions'] = { subgraphs: [] };
    const more = uiGraph();
    const subgraph = (more['definitions'] as unknown as { subgraphs: JsonObject[] }).subgraphs[0]!;
    (subgraph['inputs'] as JsonObject[]).push({ id: 'shift-slot', name: 'shift', type: 'FLOAT', linkIds: [2] });
    const inner = (subgraph['nodes'] as JsonObject[])[0]!;
    (inner['inputs'] as JsonObject[]).push({ name: 'shift', type: 'FLOAT', link: 2, widget: { name: 'shift' } });
    (subgraph['links'] as Json[]).push({
      id: 2,
      origin_id: -10,
      origin_slot: 1,
      target_id: 5,
      target_slot: 1,
      type: 'FLOAT',
    });
    for (const [a, b] of [
      [without, uiGraph()],
      [uiGraph(), more],
      [without, more],
    ]) {
      check(read(a), read(b));
      check(read(b), read(a));
    }
  });

  it('[PT-6] takes new ids with all the rest, or not at all', () => {
    const [a, b] = [read(apiGraph()), read(renamed(rewired(), (id) => String(Number(id) * 2 + 1)))];
    check(a, b);
    check(b, a);
    const edits = diffWorkflows(a, b);
    const needs = editDependencies(edits);
    const ids = edits.findIndex(({ kind }) => kind === 'renumber');
    expect(needs[ids]).toHaveLength(edits.length - 1);
    expect(needs.every((others, i) => i === ids || !others.includes(ids))).toBe(true);
  });

  it('leaves unrelated edits alone', () => {
    const a = apiGraph();
    (a['3']!['inputs'] as JsonObject).steps = 30;
    (a['5']!['inputs'] as JsonObject).width = 768;
    expect(editDependencies(diffWorkflows(read(apiGraph()), read(a)))).toEqual([[], []]);
  });

  it('names the link, the node and the socket that a new wire needs', () => {
    const workflow = JSON.parse(readFileSync('bench/fixtures/typical-ui-workflow.json', 'utf8'));
    const before = read(workflow);
    check(before, read({ ...workflow, nodes: workflow.nodes.slice(0, -3) }));
    check(read({ ...workflow, nodes: workflow.nodes.slice(3) }), before);
  });
});
