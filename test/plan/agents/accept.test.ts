import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { applyEdits } from '../../../src/core/edit/compile.ts';
import { type Edit, makeEdit } from '../../../src/core/edit/edit.ts';
import { readPrompt } from '../../../src/core/validate/read-prompt.ts';
import { validateWorkflow } from '../../../src/core/validate/validate.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { judge, type Standing, type Verdict } from '../../../src/plan/agents/accept.ts';
import { newFaults, nodesOf } from '../../../src/plan/agents/faults.ts';
import type { Proposal } from '../../../src/plan/agents/proposal.ts';
import { portrait } from '../../core/validate/fixes/prompts.ts';

const catalog = defaultCatalog();
const validate = (workflow: Workflow) => validateWorkflow(workflow, catalog, {}).diagnostics;

/** A portrait whose sampler has no steps to speak of and no latent image, and what is found in it. */
function standing(): Standing {
  const prompt = portrait();
  prompt['5']!.inputs.steps = 'abc';
  delete prompt['5']!.inputs.latent_image;
  const { workflow } = readPrompt(prompt as unknown as JsonObject, { catalog, source: 'test' });
  return { workflow, diagnostics: validate(workflow), catalog, validate };
}

function proposal(edits: readonly Edit[], input = 'steps', { diagnostics }: Standing = standing()): Proposal {
  const evidence = diagnostics.filter((one) => one.node === '5' && one.input === input);
  return { agent: 'model', edits, reason: 'because', evidence, confidence: 0.9 };
}

const steps = (to: Json): Edit => makeEdit(['nodes', '5', 'widgets', 'steps'], 'abc', to);

function reasonOf(verdict: Verdict): string {
  return verdict.kind === 'refused' ? verdict.reason : 'accepted';
}

test('[RA-1] a change that cures its finding and nothing else is accepted', () => {
  const start = standing();
  const verdict = judge([proposal([steps(20)])], start);
  if (verdict.kind !== 'accepted') throw new Error(reasonOf(verdict));
  expect(verdict.after.errors).toBe(verdict.before.errors - 1);
  expect(verdict.workflow.nodes['1']).toBe(start.workflow.nodes['1']);
});

describe('refused', () => {
  const node = (id: string) => standing().workflow.nodes[id] as unknown as Json;
  const rows: readonly (readonly [string, readonly Edit[], string])[] = [
    [
      '[RA-2] another node beside the cure',
      [steps(20), makeEdit(['nodes', '2', 'widgets', 'text'], 'a portrait', 'mine')],
      'touches node 2',
    ],
    ['[RA-2] a node removed', [steps(20), makeEdit(['nodes', '3'], node('3'), undefined)], 'touches node 3'],
    ['[RA-2] the document', [steps(20), makeEdit(['format'], 'api', 'ui')], 'which is no node'],
    [
      '[RA-2] an entry that is no node',
      [steps(20), makeEdit(['ui', 'carried'], undefined, { '9': 7 })],
      'none of its nodes',
    ],
    ['[RA-2] a title', [steps(20), makeEdit(['nodes', '5', 'ui', 'title'], undefined, 'owned')], 'rename-node'],
    ['[RA-2] a mode', [steps(20), makeEdit(['nodes', '5', 'mode'], undefined, 4)], 'set-mode'],
    ['[RA-2] nothing', [], 'changes nothing'],
    ['[RA-4] a value out of range', [steps(0)], 'below 1'],
    ['[RA-4] a value of another type', [steps('twenty')], 'not a whole number'],
    [
      '[RA-4] a list of options',
      [makeEdit(['nodes', '5', 'widgets', 'sampler_name'], 'euler', ['euler', 'ddim'])],
      'none of the',
    ],
    [
      '[RA-4] an input that the class does not have',
      [steps(20), makeEdit(['nodes', '5', 'widgets', 'shell'], undefined, 'rm')],
      'does not have',
    ],
    [
      '[RA-4] a class that no catalog knows',
      [makeEdit(['nodes', '5'], node('5'), { ...(node('5') as JsonObject), class_type: 'Evil' })],
      'no catalog knows',
    ],
    [
      '[RA-5] a file of its choice',
      [
        steps(20),
        makeEdit(['nodes', '9'], undefined, {
          class_type: 'LoadImage',
          widgets: { image: '../../etc/passwd' },
          links: {},
          ui: {},
        }),
      ],
      'file of its choice',
    ],
    [
      '[RA-3] a link from nowhere',
      [steps(20), makeEdit(['nodes', '5', 'links', 'model'], { from: '1', slot: 0 }, { from: '77', slot: 0 })],
      'brings a fault',
    ],
    [
      '[RA-3] a cycle',
      [steps(20), makeEdit(['nodes', '5', 'links', 'positive'], { from: '2', slot: 0 }, { from: '6', slot: 0 })],
      'brings a fault',
    ],
    [
      '[RA-3] a node that leads nowhere',
      [
        steps(20),
        makeEdit(['nodes', '9'], undefined, {
          class_type: 'EmptyImage',
          widgets: { width: 64, height: 64, batch_size: 1, color: 0 },
          links: {},
          ui: {},
        }),
      ],
      'brings a fault',
    ],
    ['[RA-1] what does not apply', [makeEdit(['nodes', '5', 'widgets', 'steps'], 'other', 20)], 'does not apply'],
    ['[RA-1] no cure', [makeEdit(['nodes', '5', 'widgets', 'cfg'], 8, 7)], 'cures none'],
  ];
  test.each(rows)('%s', (_name, edits, reason) => {
    expect(reasonOf(judge([proposal(edits)], standing()))).toContain(reason);
  });

  test('[RA-1] a proposal that rides along with another one', () => {
    const idle = proposal([makeEdit(['nodes', '5', 'widgets', 'cfg'], 8, 7)], 'latent_image');
    expect(reasonOf(judge([proposal([steps(20)]), idle], standing()))).toContain('cures none');
  });
});

test('[RA-1] [RA-3] whatever is proposed, what is accepted leaves fewer faults, none new, and all other nodes alone', () => {
  const start = standing();
  const value = fc.oneof(
    fc.constantFrom<Json>(20, 'abc', '20', true, null, 'euler', '/etc/passwd', ['1', 0], { a: 1 }),
    fc.integer({ min: -5, max: 20000 }),
  );
  const link = fc.record({ from: fc.constantFrom('1', '2', '4', '6', '99'), slot: fc.integer({ min: 0, max: 3 }) });
  const id = fc.constantFrom('1', '2', '4', '5', '5', '5', '9', '__proto__');
  const place = (parts: readonly string[]): Json | undefined =>
    parts.reduce<Json | undefined>(
      (at, key) => {
        return typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
      },
      start.workflow as unknown as Json,
    );
  const edit = fc.oneof(
    fc
      .tuple(id, fc.constantFrom('steps', 'cfg', 'seed', 'text', 'ckpt_name', 'zz'), value)
      .map(([node, input, to]) => [['nodes', node, 'widgets', input], to] as const),
    fc
      .tuple(id, fc.constantFrom('latent_image', 'model', 'positive', 'zz'), link)
      .map(([node, input, to]) => [['nodes', node, 'links', input], to as Json] as const),
    id.map((node) => [['nodes', node], undefined] as const),
    fc
      .tuple(id, fc.constantFrom('SaveImage', 'VAELoader', 'Nothing'))
      .map(([node, class_type]) => [['nodes', node], { class_type, widgets: {}, links: {}, ui: {} } as Json] as const),
    fc.constantFrom<readonly [string[], Json | undefined]>(
      [['format'], 'ui'],
      [['ui', 'x'], 1],
      [['nodes'], {}],
      [[], {}],
    ),
  );
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 }).map((list) =>
    list.flatMap(([path, to]) => {
      const from = place(path);
      return from === undefined && to === undefined ? [] : [makeEdit(path, from, to)];
    }),
  );
  let accepted = 0;
  fc.assert(
    fc.property(edits, fc.constantFrom('steps', 'latent_image'), (made, input) => {
      const one = proposal(made, input, start);
      const verdict = judge([one], start);
      if (verdict.kind === 'refused') return;
      accepted++;
      const named = new Set(one.evidence.flatMap(nodesOf));
      expect(verdict.workflow).toEqual(applyEdits(start.workflow, made));
      expect(newFaults(verdict.diagnostics, start.diagnostics)).toEqual([]);
      expect(verdict.diagnostics.length).toBeLessThan(start.diagnostics.length);
      for (const [other, was] of Object.entries(start.workflow.nodes))
        if (!named.has(` ${other}`)) expect(verdict.workflow.nodes[other]).toEqual(was);
      expect(verdict.workflow.nodes['1']?.widgets.ckpt_name).toBe('sd15.safetensors');
    }),
    { numRuns: 1500, seed: 5, examples: [[[steps(20)], 'steps']] },
  );
  expect(accepted).toBeGreaterThan(0);
});
