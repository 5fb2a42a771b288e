import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { applyEdits } from '../../../src/core/edit/compile.ts';
import { makeEdit } from '../../../src/core/edit/edit.ts';
import { readPrompt } from '../../../src/core/validate/read-prompt.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import type { Agent } from '../../../src/plan/agents/agent.ts';
import { type RepairOptions, type RepairStep, repairWorkflow } from '../../../src/plan/agents/coordinator.ts';
import { linkAgent, parameterAgent, structuralAgent } from '../../../src/plan/agents/fix-agents.ts';
import { portrait } from '../../core/validate/fixes/prompts.ts';

const catalog = defaultCatalog();

function read(prompt: object): Workflow {
  return readPrompt(prompt as JsonObject, { catalog, source: 'test' }).workflow;
}

function repair(prompt: object, options: RepairOptions = {}) {
  return repairWorkflow(read(prompt), catalog, options);
}

/** A portrait with a fault for each agent. */
function broken() {
  const prompt = portrait();
  prompt['5']!.class_type = 'ksampler';
  prompt['5']!.inputs.steps = '1e3';
  prompt['6']!.inputs.vae = ['1', '2'];
  return prompt;
}

test('[RA-6] all faults of one file go in a few rounds, each by its agent, and the steps are told', async () => {
  const steps: RepairStep[] = [];
  const { after, accepted, left, rounds } = await repair(broken(), { report: (step) => void steps.push(step) });
  expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect([...new Set(accepted.map(({ proposal }) => proposal.agent))].sort()).toEqual(['link', 'structural']);
  const whole = portrait();
  whole['5']!.inputs.steps = 1000;
  expect(writeWorkflow(after)).toEqual(whole);
  expect(rounds).toBeLessThanOrEqual(3);
  expect(steps[0]).toMatchObject({ step: 'validate', round: 1 });
  expect(new Set(steps.map(({ step }) => step))).toEqual(new Set(['validate', 'analyse', 'hand-off', 'patch']));
});

test('[RA-7] applying the accepted edits one after the other gives the result, with fewer faults at each step', async () => {
  const start = read(broken());
  const { after, accepted } = await repairWorkflow(start, catalog);
  let now = start;
  for (const { proposal, before, after: then } of accepted) {
    now = applyEdits(now, proposal.edits);
    expect(then.errors + then.warnings).toBeLessThan(before.errors + before.warnings);
  }
  expect(now).toEqual(after);
});

test('[RA-8] a class and what comes to light with it are one proposal', async () => {
  const prompt = portrait();
  prompt['5']!.class_type = 'KSamplr';
  prompt['5']!.inputs.denoise = 7;
  const { accepted, left } = await repair(prompt);
  expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(accepted.map(({ proposal }) => proposal.reason)).toEqual([expect.stringContaining('; set denoise to 1')]);
});

test('nothing to repair: nothing is done', async () => {
  const { after, accepted, rounds, left } = await repair(portrait());
  expect([accepted, left.filter(({ severity }) => severity !== 'info')]).toEqual([[], []]);
  expect(rounds).toBe(0);
  expect(writeWorkflow(after)).toEqual(portrait());
});

describe('[RA-9] bounds', () => {
  test('rounds and edits', async () => {
    expect((await repair(broken(), { maxRounds: 1 })).rounds).toBe(1);
    const { accepted } = await repair(broken(), { maxEdits: 1 });
    expect(accepted.flatMap(({ proposal }) => proposal.edits)).toHaveLength(1);
  });

  test('an agent that proposes the same for ever ends', async () => {
    const same: Agent = {
      name: 'model',
      propose: ({ diagnostics }) => [
        {
          agent: 'model',
          edits: [makeEdit(['nodes', '5', 'widgets', 'cfg'], 8, 8.5)],
          reason: 'again',
          evidence: diagnostics,
          confidence: 1,
        },
      ],
    };
    const prompt = portrait();
    prompt['1']!.inputs.ckpt_name = '';
    const { accepted, rounds } = await repair(prompt, { agents: [same] });
    expect([accepted, rounds]).toEqual([[], 1]);
  });

  test('a prompt of ten thousand nodes ends', { timeout: 120_000 }, async () => {
    const prompt: JsonObject = {};
    for (let at = 0; at < 10_000; at += 2) {
      prompt[at] = {
        class_type: 'EmptyImage',
        inputs: { width: 64, height: 64, batch_size: 1, color: at < 40 ? 'x' : 0 },
      };
      prompt[at + 1] = {
        class_type: 'SaveImage',
        inputs: { images: at < 20 ? [String(at)] : [String(at), 0], filename_prefix: 'a' },
      };
    }
    const { left, accepted } = await repair(prompt);
    expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(accepted).toHaveLength(30);
  });
});

test('[RA-10] what is left says what to decide, and why a fix was not made', async () => {
  const prompt = portrait();
  prompt['5']!.inputs.sampler_name = 'my_own_sampler';
  prompt['6']!.class_type = 'SomebodysDecode';
  (prompt['6']!.inputs as JsonObject).extra = 1;
  const { left } = await repair(prompt);
  for (const one of left.filter(({ severity }) => severity === 'error')) expect(one.advice, one.code).toBeTruthy();
  expect(left.find(({ code }) => code === 'VALUE_NOT_IN_LIST')?.advice).toContain('perhaps: set sampler_name');
});

test('agents can be left out, and least confidence be raised', async () => {
  const only = await repair(broken(), { agents: [linkAgent] });
  expect(only.accepted.map(({ proposal }) => proposal.agent)).toEqual(['link']);
  const sure = await repair(broken(), { minConfidence: 0.99 });
  expect(sure.accepted).toEqual([]);
  expect(await repair(broken(), { agents: [linkAgent, parameterAgent, structuralAgent] })).toEqual(
    await repair(broken()),
  );
});

test('a warning is no reason to change a file, unless the server reads the same', async () => {
  const prompt = portrait();
  prompt['5']!.inputs.steps = ' 20 ';
  prompt['7']!.inputs.unknown = 5;
  const { after, left } = await repair(prompt);
  expect(after.nodes['5']?.widgets.steps).toBe(20);
  expect(after.nodes['7']?.widgets.unknown).toBe(5);
  expect(left.map(({ code }) => code)).toContain('INPUT_UNDECLARED');
});

test('a file of the page keeps its looks: only what a link or value is drawn with changes', async () => {
  const document = {
    nodes: [
      {
        id: 1,
        type: 'EmptyImage',
        pos: [0, 0],
        size: [200, 100],
        mode: 0,
        inputs: [],
        outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [1] }],
        widgets_values: [64, 99999, 1, 0],
      },
      {
        id: 2,
        type: 'SaveImage',
        pos: [300, 0],
        size: [200, 100],
        mode: 0,
        title: 'mine',
        inputs: [{ name: 'images', type: 'IMAGE', link: null }],
        widgets_values: ['ComfyUI'],
      },
      {
        id: 3,
        type: 'PreviewImage',
        pos: [300, 200],
        size: [200, 100],
        mode: 0,
        inputs: [{ name: 'images', type: 'IMAGE', link: 1 }],
        widgets_values: [],
      },
    ],
    links: [[1, 1, 0, 3, 0, 'IMAGE']],
    version: 0.4,
    last_node_id: 3,
    last_link_id: 1,
  };
  const start = readWorkflow(document as unknown as JsonObject, { catalog, source: 'test' });
  const { after, left } = await repairWorkflow(start, catalog);
  expect(left.filter(({ severity }) => severity === 'error').map(({ advice }) => advice)).toEqual([]);
  expect(after.nodes['1']?.widgets.height).toBe(16384);
  expect(after.nodes['2']?.links.images).toEqual({ from: '1', slot: 0 });
  for (const id of ['1', '2', '3'])
    for (const key of ['pos', 'size', 'title']) expect(after.nodes[id]?.ui[key]).toEqual(start.nodes[id]?.ui[key]);
  const written = writeWorkflow(after) as unknown as typeof document;
  expect(written.links).toEqual([
    [1, 1, 0, 3, 0, 'IMAGE'],
    [2, 1, 0, 2, 0, 'IMAGE'],
  ]);
});

test('[RA-3] a node whose class becomes known may turn out to lead to no result', async () => {
  const prompt = portrait();
  prompt['8'] = { class_type: '', inputs: { audio: 'a.mp3' } };
  const files = { input: ['a.mp3'] };
  const { after, left } = await repair(prompt, { files });
  expect(after.nodes['8']?.class_type).toBe('LoadAudio');
  expect(left.map(({ code, severity }) => [code, severity])).toContainEqual(['NODE_UNUSED', 'warning']);
});

test('a slip in the class of a node of the page, whose values have only places', async () => {
  const document = {
    nodes: [
      {
        id: 1,
        type: 'EmptyImagee',
        pos: [0, 0],
        size: [200, 100],
        mode: 0,
        inputs: [],
        outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [1] }],
        widgets_values: [64, 32, 1, 0],
      },
      {
        id: 3,
        type: 'PreviewImage',
        pos: [300, 200],
        size: [200, 100],
        mode: 0,
        inputs: [{ name: 'images', type: 'IMAGE', link: 1 }],
      },
    ],
    links: [[1, 1, 0, 3, 0, 'IMAGE']],
    version: 0.4,
    last_node_id: 3,
    last_link_id: 1,
  };
  const start = readWorkflow(document as unknown as JsonObject, { catalog, source: 'test' });
  const { after } = await repairWorkflow(start, catalog);
  const whole = structuredClone(document);
  whole.nodes[0]!.type = 'EmptyImage';
  expect(writeWorkflow(after)).toEqual(whole);
  expect(readWorkflow(whole as unknown as JsonObject, { catalog, source: 'test' })).toEqual(after);
});
