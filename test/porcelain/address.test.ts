import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../src/base/errors.ts';
import type { Json } from '../../src/base/json.ts';
import { parseAddress, parseNodeAddress } from '../../src/core/workflow/address.ts';
import type { LinkSource, Workflow, WorkflowNode } from '../../src/core/workflow/types.ts';
import { findSecrets } from '../../src/porcelain/secrets.ts';

function node(
  class_type: string,
  widgets: Record<string, Json>,
  title?: string,
  links: Record<string, LinkSource> = {},
): WorkflowNode {
  return { class_type, widgets, links, ui: title === undefined ? {} : { title } };
}

const UUID = '11111111-2222-4333-8444-555555555555';
const WORKFLOW: Workflow = {
  format: 'ui',
  nodes: {
    '3': node('KSampler', { steps: 20, 'a.b': 1 }, 'portrait', { model: { from: '4', slot: 0 } }),
    '4': node('CheckpointLoaderSimple', { ckpt_name: 'a' }),
    '6': node('CLIPTextEncode', { text: 'x' }, '3'),
    '7': node('CLIPTextEncode', { text: 'y' }, 'size 1.5 / wide'),
  },
  subgraphs: {
    [UUID]: {
      name: 'Shift',
      nodes: { '5': node('ModelSampling', { shift: 3 }) },
      inputs: {},
      input_order: [],
      outputs: {},
      output_order: [],
      ui: {},
    },
  },
  ui: {},
};

const at = (text: string) => parseAddress(text, WORKFLOW, 'a.json');

function failure(text: string) {
  try {
    at(text);
  } catch (error) {
    if (isCwfError(error)) return { code: error.code, message: error.message, hint: error.hint };
  }
  return undefined;
}

describe('parseAddress', () => {
  it('[ID-1] finds nodes by id first, then by title, then by class', () => {
    expect(at('3.steps')).toMatchObject({ node: '3', input: 'steps', path: '/nodes/3/widgets/steps', link: undefined });
    expect(at('portrait.steps').path).toBe('/nodes/3/widgets/steps');
    expect(at('KSampler.steps').path).toBe('/nodes/3/widgets/steps');
    expect(at('3.model')).toMatchObject({ path: '/nodes/3/links/model', link: { from: '4', slot: 0 } });
  });

  it('calls an instance by its subgraph, and says where a node stands that is not in the root', () => {
    const workflow = { ...WORKFLOW, nodes: { ...WORKFLOW.nodes, '9': node(UUID, {}) } };
    expect(parseNodeAddress('Shift', workflow)).toEqual({ scope: undefined, node: '9' });
    expect(parseNodeAddress('Shift/5', workflow)).toEqual({ scope: UUID, node: '5' });
    for (const name of ['5', 'ModelSampling'])
      expect(failure(`${name}.shift`)!.hint).toMatch(/^In a subgraph there is: Shift\/5 \(ModelSampling\)\. Its nodes/);
    expect(failure('nope.shift')!.hint).toMatch(/^Its nodes are: /);
  });

  it('takes dots and slashes inside of names', () => {
    expect(at('3.a.b').path).toBe('/nodes/3/widgets/a.b');
    expect(at('size 1.5 / wide.text').path).toBe('/nodes/7/widgets/text');
  });

  it('[ID-2] reaches into subgraphs by name and by uuid', () => {
    const path = `/subgraphs/${UUID}/nodes/5/widgets/shift`;
    expect(at('Shift/5.shift')).toEqual({ scope: UUID, node: '5', input: 'shift', path, link: undefined });
    expect(at(`${UUID}/ModelSampling.shift`).path).toBe(path);
    expect(parseNodeAddress('Shift/5', WORKFLOW)).toEqual({ scope: UUID, node: '5' });
  });

  it('says what is near when there is no such thing', () => {
    expect(failure('3.stepps')).toMatchObject({
      code: 'INPUT_NOT_FOUND',
      hint: expect.stringMatching(/^Its inputs are: steps,/),
    });
    expect(failure('portrat.steps')).toMatchObject({
      code: 'NODE_NOT_FOUND',
      hint: expect.stringMatching(/^Its nodes are: 3 \(KSampler "portrait"\)/),
    });
    expect(failure('CLIPTextEncode.text')).toMatchObject({
      code: 'ADDRESS_INVALID',
      message: expect.stringContaining('6, 7'),
    });
    expect(failure('None/5.shift')?.code).toBe('NODE_NOT_FOUND');
  });

  it.each([
    '',
    '.',
    '..',
    '/',
    '3',
    '3.',
    '.steps',
    '__proto__.x',
    'constructor.name',
    '3.__proto__',
    '3.toString',
    'toString/5.x',
  ])('refuses %j with a typed error', (text) => {
    expect(failure(text)?.code).toMatch(/^(ADDRESS_INVALID|NODE_NOT_FOUND|INPUT_NOT_FOUND)$/);
  });
});

describe('findSecrets', () => {
  const within = (widgets: Record<string, Json>): Workflow => ({
    ...WORKFLOW,
    nodes: { '9': node('SaveImage', widgets) },
  });

  it('names file, node, input and subgraph, never the value', () => {
    const secret = 'sk-abcdefghijklmnopqrstuvwxyz0123';
    const inner = { ...WORKFLOW.subgraphs[UUID]!, nodes: { '5': node('ApiNode', { settings: [{ auth: secret }] }) } };
    const found = findSecrets('a.json', { ...WORKFLOW, subgraphs: { [UUID]: inner } });
    expect(found).toMatchObject([{ file: 'a.json', scope: UUID, node: '5', class_type: 'ApiNode', input: 'settings' }]);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it('only reports what is new', () => {
    const before = within({ api_key: 'abc' });
    expect(findSecrets('a', before, before)).toEqual([]);
    expect(findSecrets('a', within({ api_key: 'abcd' }), before).length).toBe(1);
  });

  it('looks at the end of a long text too, in a moment', () => {
    const started = performance.now();
    expect(findSecrets('a', within({ text: `${'a:b/'.repeat(250_000)} hf_abcdefghijklmnopqrstuvwxyz` })).length).toBe(
      1,
    );
    expect(performance.now() - started).toBeLessThan(500);
  });
});
