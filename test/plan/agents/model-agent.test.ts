import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { modelAgent } from '../../../src/plan/agents/model-agent.ts';
import type { Refusal } from '../../../src/plan/agents/model-answer.ts';
import type { ModelQuestion } from '../../../src/plan/agents/model-question.ts';
import { repairWithModel } from '../../../src/plan/agents/repair-with-model.ts';
import { CATALOG, damaged, type Faulty, faulty, INJECTION } from './faults.ts';

type Answer = (question: ModelQuestion) => string | undefined;

/** Repairs with a model that gives these answers, the last one for ever. */
async function repair({ workflow }: Faulty, ...answers: Answer[]) {
  const questions: ModelQuestion[] = [];
  const refused: Refusal[] = [];
  const agent = modelAgent({
    complete: async (question) => {
      questions.push(question);
      return answers[Math.min(questions.length, answers.length) - 1]!(question);
    },
    onRefused: (some) => void refused.push(...some),
  });
  return { questions, refused, ...(await repairWithModel(workflow, CATALOG, agent)) };
}

/** A fault that no rule cures: nothing says which of the many samplers `quick` was. */
const UNCLEAR = (graph: Record<string, { inputs: JsonObject }>): void => {
  graph['3']!.inputs.sampler_name = 'quick one';
};

function nameOf({ reach }: ModelQuestion, id: string): string {
  return [...reach.nodes].find(([, place]) => place.node === id)![0];
}

function sets(id: string, input: string, value: string | number): Answer {
  return (question) =>
    JSON.stringify({
      repairs: [{ cures: ['f1'], edits: [{ op: 'set', node: nameOf(question, id), input, value }] }],
    });
}

const nothing: Answer = () => '{"repairs":[]}';

describe('a repair with a model [LM-13]', () => {
  test('asks for what no rule cures, and the proposal is accepted by the same rule', async () => {
    const { accepted, left, after, questions } = await repair(damaged(UNCLEAR), sets('3', 'sampler_name', 'dpm_fast'));
    expect(left).toEqual([]);
    expect(questions).toHaveLength(1);
    expect(accepted.map(({ proposal }) => [proposal.agent, proposal.reason])).toEqual([
      ['model', 'proposed by a language model for VALUE_NOT_IN_LIST'],
    ]);
    expect((writeWorkflow(after) as JsonObject)['3']).toMatchObject({ inputs: { sampler_name: 'dpm_fast' } });
  });

  test('asks nothing when the rules were enough, or nothing was wrong', async () => {
    const cured = damaged((graph) => (graph['3']!.inputs.sampler_name = 'Euler'));
    expect((await repair(cured, nothing)).questions).toEqual([]);
    expect(
      (
        await repair(
          damaged(() => {}),
          nothing,
        )
      ).questions,
    ).toEqual([]);
  });

  test('changes nothing when the answer is empty, out of scope, an instruction, or absent', async () => {
    const damage = damaged(UNCLEAR);
    const answers: Answer[] = [
      nothing,
      () => INJECTION,
      () => 'x'.repeat(10_000_000),
      () => undefined,
      sets('3', 'steps', 1),
      sets('3', 'sampler_name', 'rm -rf /'),
    ];
    for (const answer of answers) {
      const { accepted, after, left } = await repair(damage, answer);
      expect(accepted).toEqual([]);
      expect(after).toBe(damage.workflow);
      expect(left.map(({ code }) => code)).toEqual(['VALUE_NOT_IN_LIST']);
    }
  });

  test('is told once what was refused, in our words alone, and may answer again', async () => {
    const { questions, refused, left } = await repair(
      damaged(UNCLEAR),
      sets('3', 'sampler_name', INJECTION),
      sets('3', 'sampler_name', 'dpm_fast'),
    );
    expect(refused).toEqual([{ code: 'VALUE_REFUSED', repair: 1, edit: 1 }]);
    expect(left).toEqual([]);
    expect(JSON.parse(questions[1]!.user).refused_before).toEqual([
      'repair 1, edit 1: the input does not take such a value',
    ]);
    expect(questions[1]!.user).not.toContain('Ignore');
  });

  test('asks only so often, whatever comes back', async () => {
    const { questions } = await repair(damaged(UNCLEAR), () => 'no');
    expect(questions).toHaveLength(2);
  });

  test('keeps a UI file whole: one value is another, and the file can be read again', async () => {
    const file = uiFile();
    const damage = faulty(file);
    const { left, after } = await repair(damage, sets('3', 'sampler_name', 'dpm_fast'));
    expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
    const written = writeWorkflow(after) as { nodes: JsonObject[]; groups: unknown };
    expect(written.nodes.map(({ title, pos }) => [title, pos])).toEqual(
      (file as unknown as typeof written).nodes.map(({ title, pos }) => [title, pos]),
    );
    expect(written.groups).toEqual((file as unknown as typeof written).groups);
    const again = readWorkflow(written as unknown as JsonObject, { catalog: CATALOG, source: 'again' });
    expect(again.nodes['3']!.widgets.sampler_name).toBe('dpm_fast');
  });

  test('feeds an input of a UI file: the link is in its table', async () => {
    const file = uiFile() as unknown as {
      nodes: { id: number; widgets_values?: unknown[]; inputs: JsonObject[] }[];
      links: unknown[][];
    };
    const sampler = file.nodes.find(({ id }) => id === 3)!;
    sampler.widgets_values![4] = 'euler';
    for (const input of sampler.inputs) if (input.name === 'positive') input.link = null;
    file.links = file.links.filter(([, , , to, slot]) => !(to === 3 && slot === 1));
    const damage = faulty(file as unknown as JsonObject);
    const agent = modelAgent({
      complete: async (question) =>
        JSON.stringify({
          repairs: [
            {
              cures: ['f1'],
              edits: [
                {
                  op: 'connect',
                  node: nameOf(question, '3'),
                  input: 'positive',
                  from: nameOf(question, '6'),
                  output: 0,
                },
              ],
            },
          ],
        }),
    });
    const { after, left } = await repairWithModel(damage.workflow, CATALOG, agent, { minConfidence: 2 });
    expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
    const written = writeWorkflow(after) as unknown as typeof file;
    const row = written.links.find(([, from, , to, slot]) => from === 6 && to === 3 && slot === 1);
    expect(row).toBeDefined();
    expect(written.nodes.find(({ id }) => id === 3)!.inputs.find(({ name }) => name === 'positive')!.link).toBe(
      row![0],
    );
  });
});

/** The text-to-image graph as the page saves it, with a group and titles, and a sampler nobody knows. */
function uiFile(): JsonObject {
  const node = (
    id: number,
    type: string,
    inputs: [string, string, number][],
    outputs: [string, number[]][],
    values: unknown[],
  ) => ({
    id,
    type,
    title: `node ${id}`,
    pos: [id * 300, 0],
    size: [300, 200],
    flags: {},
    order: id,
    mode: 0,
    inputs: inputs.map(([name, of, link]) => ({ name, type: of, link })),
    outputs: outputs.map(([of, links]) => ({ name: of, type: of, links })),
    properties: { 'Node name for S&R': type },
    widgets_values: values,
  });
  return {
    last_node_id: 9,
    last_link_id: 9,
    nodes: [
      node(
        3,
        'KSampler',
        [
          ['model', 'MODEL', 1],
          ['positive', 'CONDITIONING', 4],
          ['negative', 'CONDITIONING', 5],
          ['latent_image', 'LATENT', 6],
        ],
        [['LATENT', [7]]],
        [42, 'fixed', 20, 8, 'quick one', 'normal', 1],
      ),
      node(
        4,
        'CheckpointLoaderSimple',
        [],
        [
          ['MODEL', [1]],
          ['CLIP', [2, 3]],
          ['VAE', [8]],
        ],
        ['a.safetensors'],
      ),
      node(5, 'EmptyLatentImage', [], [['LATENT', [6]]], [512, 512, 1]),
      node(6, 'CLIPTextEncode', [['clip', 'CLIP', 2]], [['CONDITIONING', [4]]], ['a cat']),
      node(7, 'CLIPTextEncode', [['clip', 'CLIP', 3]], [['CONDITIONING', [5]]], ['blurry']),
      node(
        8,
        'VAEDecode',
        [
          ['samples', 'LATENT', 7],
          ['vae', 'VAE', 8],
        ],
        [['IMAGE', [9]]],
        [],
      ),
      node(9, 'SaveImage', [['images', 'IMAGE', 9]], [], ['out']),
    ],
    links: [
      [1, 4, 0, 3, 0, 'MODEL'],
      [2, 4, 1, 6, 0, 'CLIP'],
      [3, 4, 1, 7, 0, 'CLIP'],
      [4, 6, 0, 3, 1, 'CONDITIONING'],
      [5, 7, 0, 3, 2, 'CONDITIONING'],
      [6, 5, 0, 3, 3, 'LATENT'],
      [7, 3, 0, 8, 0, 'LATENT'],
      [8, 4, 2, 8, 1, 'VAE'],
      [9, 8, 0, 9, 0, 'IMAGE'],
    ],
    groups: [{ id: 1, title: 'all', bounding: [0, 0, 100, 100], flags: {} }],
    version: 0.4,
    extra: {},
  } as unknown as JsonObject;
}
