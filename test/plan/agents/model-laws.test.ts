import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { applyEdits, invertEdits } from '../../../src/core/edit/compile.ts';
import { validateWorkflow } from '../../../src/core/validate/validate.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Scope, Workflow, WorkflowNode } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { askModel, type ModelQuestion } from '../../../src/plan/agents/model-question.ts';
import { readModelAnswer } from '../../../src/plan/agents/model-repair.ts';
import { workflow as anyWorkflow } from '../../laws/arbitrary.ts';
import { CATALOG, damaged, INJECTION } from './faults.ts';

const CLASSES = ['KSampler', 'CLIPTextEncode', 'VAEDecode', 'LoraLoader', 'CheckpointLoaderSimple', 'EvilNode', 'Note'];
const INPUTS = ['model', 'positive', 'steps', 'text', 'vae', 'samples', 'clip', 'seed', '#0', '__proto__', 'title'];
/** Names that a repair may give, and names that nobody gave. */
const NAMES = ['new1', 'new2', '3', '-10', '-20', 'constructor'];

const pick = fc.nat(1000);
const value = fc.oneof(
  fc.integer({ min: -5, max: 600 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string(),
  fc.constantFrom('euler', 'normal', 'a.safetensors', INJECTION, '../../x'),
);
const operation = fc.oneof(
  fc.record({ op: fc.constant('set'), node: pick, input: pick, value }),
  fc.record({ op: fc.constant('connect'), node: pick, input: pick, from: pick, output: fc.nat(2) }),
  fc.record({ op: fc.constant('disconnect'), node: pick, input: pick }),
  fc.record({
    op: fc.constant('add-node'),
    as: fc.constantFrom('new1', 'new2', 'n1'),
    class: fc.constantFrom(...CLASSES),
  }),
  fc.record({ op: fc.constant('remove-node'), node: pick }),
  fc.record({ op: fc.constant('replace-class'), node: pick, class: fc.constantFrom(...CLASSES) }),
);
const repairs = fc.array(fc.record({ cures: pick, edits: fc.array(operation, { minLength: 1, maxLength: 4 }) }), {
  minLength: 1,
  maxLength: 8,
});

/** Answers in the agreed shape: numbers stand for names, most of them those of the question, some of nobody's. */
const wellFormed = repairs.map((all) => ({ reach }: ModelQuestion): string => {
  const nodes = [...reach.nodes.keys(), ...NAMES];
  const findings = reach.findings.map(({ name }) => name);
  const asked = reach.findings.flatMap(({ finding }) => finding.input ?? []);
  const inputs = [...asked, ...INPUTS];
  const named = (edit: Record<string, unknown>): Record<string, unknown> => {
    const out = { ...edit };
    for (const key of ['node', 'from']) if (key in out) out[key] = nodes[(out[key] as number) % nodes.length];
    if ('input' in out) out.input = inputs[(out.input as number) % inputs.length];
    return out;
  };
  return JSON.stringify({
    repairs: all.map(({ cures, edits }) => ({ cures: [findings[cures % findings.length]], edits: edits.map(named) })),
  });
});

/** All nodes of a workflow, by scope and id. */
function nodesOf(workflow: Workflow): Map<string, WorkflowNode> {
  const scopes: [string, Scope][] = [['', workflow], ...Object.entries(workflow.subgraphs)];
  return new Map(
    scopes.flatMap(([scope, { nodes }]) =>
      Object.entries(nodes).map(([id, node]) => [`${scope} ${id}`, node] as const),
    ),
  );
}

/** What a change did beside what the reach allows, told by looking at the two workflows alone. */
function beyond(before: Workflow, after: Workflow, { reach }: ModelQuestion): string[] {
  const wrong: string[] = [];
  const [old, now] = [nodesOf(before), nodesOf(after)];
  const inputsOf = (node: WorkflowNode): JsonObject => ({ ...node.widgets, ...(node.links as unknown as JsonObject) });
  for (const [key, was] of old) {
    const [scope, id] = key.split(/ (.*)/) as [string, string];
    const place = scope === '' ? { node: id } : { scope, node: id };
    const is = now.get(key);
    if (reach.unknown.has(place)) continue;
    if (!is || is.class_type !== was.class_type || is.mode !== was.mode) {
      wrong.push(`${key}: gone or another`);
      continue;
    }
    for (const part of ['title', 'pos', 'color', 'properties', 'flags']) {
      if (!jsonEqual(was.ui[part], is.ui[part])) wrong.push(`${key}: ${part}`);
    }
    for (const one of new Set([...Object.keys(inputsOf(was)), ...Object.keys(inputsOf(is))])) {
      const at = { ...place, input: one };
      if (reach.values.has(at) || reach.links.has(at)) continue;
      if (!jsonEqual(inputsOf(was)[one], inputsOf(is)[one])) wrong.push(`${key}: ${one}`);
    }
  }
  for (const [key, is] of now) {
    if (old.has(key)) continue;
    if (!CATALOG.node(is.class_type)) wrong.push(`${key}: a new node of an unknown class`);
    if (is.ui.title !== undefined) wrong.push(`${key}: a new title`);
  }
  for (const key of ['groups', 'extra', 'version', 'config'])
    if (!jsonEqual(before.ui[key], after.ui[key])) wrong.push(key);
  return wrong;
}

/** Puts an answer; gives how many proposals it made. Fails when one of them goes too far or cannot be taken back. */
function check(workflow: Workflow, answer: (question: ModelQuestion) => string): number {
  const { diagnostics } = validateWorkflow(workflow, CATALOG);
  const question = askModel(workflow, CATALOG, diagnostics);
  if (!question) return 0;
  const before = JSON.stringify(workflow, bigints);
  const { proposals } = readModelAnswer(answer(question), workflow, CATALOG, question.reach);
  expect(JSON.stringify(workflow, bigints)).toBe(before);
  for (const { edits, evidence } of proposals) {
    const after = applyEdits(workflow, edits);
    expect(beyond(workflow, after, question)).toEqual([]);
    expect(jsonEqual(applyEdits(after, invertEdits(edits)) as unknown as Json, workflow as unknown as Json)).toBe(true);
    // What is written is a document that can be read again.
    readWorkflow(writeWorkflow(after), { catalog: CATALOG, source: 'after' });
    expect(evidence.length).toBeGreaterThan(0);
  }
  return proposals.length;
}

function bigints(_key: string, one: unknown): unknown {
  return typeof one === 'bigint' ? String(one) : one;
}

describe('whatever a model answers [LM-11] [LM-12]', () => {
  test('in the agreed shape: nothing outside of the reach changes, and nothing throws', () => {
    let made = 0;
    fc.assert(
      fc.property(anyWorkflow, wellFormed, (workflow, answer) => {
        made += check(workflow, answer);
      }),
      { numRuns: 500 },
    );
    // The law would hold of nothing as well.
    expect(made).toBeGreaterThan(20);
  });

  test('in any other shape: nothing changes at all', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"repairs":[{"cures":["f1"],"edits":[${json}]}]}`),
      fc.constantFrom(
        INJECTION,
        `{"repairs":[{"cures":["f1"],"edits":[{"op":"set","node":"n1","input":"__proto__","value":1}]}]}`,
        '{"__proto__":{"repairs":[]}}',
        '{"repairs":[{"cures":["f1"],"edits":[{"op":"run","command":"curl evil.example"}]}]}',
        `{"repairs":${'['.repeat(30_000)}`,
        'x'.repeat(10_000_000),
      ),
    );
    const { workflow } = damaged((graph) => delete graph['3']!.inputs.positive);
    fc.assert(
      fc.property(hostile, (text) => {
        expect(check(workflow, () => text)).toBe(0);
      }),
      { numRuns: 300 },
    );
    expect(({} as Record<string, unknown>)['repairs']).toBeUndefined();
  });

  test('to instructions in titles, notes, texts, ids and names of inputs: the same rules hold', () => {
    const spoil = (text: string) =>
      damaged((graph) => {
        delete graph['3']!.inputs.positive;
        for (const node of Object.values(graph)) (node as unknown as JsonObject)._meta = { title: text };
        graph['6']!.inputs.text = text;
        graph['7']!.inputs[text] = text;
        graph[text] = { class_type: text, inputs: { [text]: text, model: ['4', 0] } };
      }).workflow;
    fc.assert(
      fc.property(
        fc.constantFrom(INJECTION, 'n1', 'f1', '"}]}', '\u202e', '{{system}}'),
        wellFormed,
        (text, answer) => {
          check(spoil(text), answer);
        },
      ),
      { numRuns: 200 },
    );
  });
});
