import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { applyEdits, invertEdits } from '../../../src/core/edit/compile.ts';
import { TRANSFORMS } from '../../../src/core/transform/kinds/index.ts';
import { runTransforms } from '../../../src/core/transform/run-transform.ts';
import type { Scope, Workflow } from '../../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { apiGraph } from '../../porcelain/samples.ts';
import { newFaults } from './faults.ts';
import { mistake, read, run, SCOPE, textToImage } from './graphs.ts';

const { api, ui, inner } = textToImage();

test('every file of kinds/ is in the registry, under its own name', () => {
  const files = readdirSync(new URL('../../../src/core/transform/kinds/', import.meta.url)).filter(
    (f) => f !== 'index.ts',
  );
  expect(files.sort()).toEqual(
    Object.keys(TRANSFORMS)
      .map((name) => `${name}.ts`)
      .sort(),
  );
  for (const [name, transform] of Object.entries(TRANSFORMS)) {
    expect(transform.name).toBe(name);
    expect(transform.summary).not.toBe('');
    const places = Object.values(transform.args as Record<string, { at?: number; required?: boolean }>)
      .flatMap(({ at }) => at ?? [])
      .sort();
    expect(places).toEqual(places.map((_, i) => i + 1));
  }
});

/** The three forms of the graph: what addresses begin with, and the scope to look into. */
const FORMS: [string, Workflow, string, (workflow: Workflow) => Scope][] = [
  ['a prompt', api, '', (workflow) => workflow],
  ['a file of the page', ui, '', (workflow) => workflow],
  ['a subgraph', inner, 'Inner/', (workflow) => workflow.subgraphs[SCOPE]!],
];

describe.each(FORMS)('transforms on %s', (_name, start, at, scopeOf) => {
  /** Runs a transform and checks what holds for all of them. */
  function outcome(
    op: string,
    args: JsonObject,
    workflow = start,
  ): { scope: Scope; notes: readonly string[]; workflow: Workflow } {
    const done = run(workflow, op, args);
    expect(newFaults(workflow, done.after)).toEqual([]);
    expect(jsonEqual(read(writeWorkflow(done.after)) as never, done.after as never)).toBe(true);
    expect(jsonEqual(applyEdits(workflow, done.edits) as never, done.after as never)).toBe(true);
    expect(jsonEqual(applyEdits(done.after, invertEdits(done.edits)) as never, workflow as never)).toBe(true);
    return { scope: scopeOf(done.after), notes: done.notes, workflow: done.after };
  }
  const sub: JsonObject = at === '' ? {} : { subgraph: 'Inner' };
  const id = (workflow: Workflow) =>
    Object.keys(scopeOf(workflow).nodes).filter((one) => !(one in scopeOf(start).nodes));

  test('add-node: values, links, title, place [TE-1] [TE-2] [TE-3]', () => {
    const done = run(start, 'add-node', {
      class: 'KSampler',
      set: { steps: 7, sampler_name: 'dpmpp_2m' },
      link: { model: `${at}4.MODEL`, positive: `${at}6`, negative: `${at}7.0`, latent_image: `${at}5.LATENT` },
      title: 'second',
      ...sub,
    });
    expect(newFaults(start, done.after)).toEqual([]);
    const [made] = id(done.after);
    const node = scopeOf(done.after).nodes[made!]!;
    expect(node.widgets).toMatchObject({ steps: 7, sampler_name: 'dpmpp_2m', cfg: 8 });
    expect(Object.keys(node.links).sort()).toEqual(['latent_image', 'model', 'negative', 'positive']);
    expect(done.notes).toEqual([`the new node is ${made}`]);
  });

  test('connect and disconnect [TE-4] [TE-5]', () => {
    expect(
      outcome('connect', { from: `${at}7.CONDITIONING`, to: `${at}3.positive` }).scope.nodes['3']!.links.positive!.from,
    ).toBe('7');
    const cut = run(start, 'disconnect', { input: `${at}3.positive` });
    expect(scopeOf(cut.after).nodes['3']!.links.positive).toBeUndefined();
    expect(cut.notes).toEqual(['node 3 (KSampler) still needs: positive']);
  });

  test('set, typed and in range [TE-10]', () => {
    expect(outcome('set', { input: `${at}3.steps`, value: 33 }).scope.nodes['3']!.widgets.steps).toBe(33);
    expect(outcome('set', { input: `${at}6.text`, value: 'a dog' }).scope.nodes['6']!.widgets.text).toBe('a dog');
  });

  test('set follows a link to where the value lives [TE-11]', () => {
    const one = run(start, 'add-node', { class: 'PrimitiveInt', set: { value: 20 }, ...sub }).after;
    const [made] = id(one);
    const two = run(one, 'connect', { from: `${at}${made}.0`, to: `${at}3.steps` }).after;
    const { after: three, notes } = run(two, 'set', { input: `${at}3.steps`, value: 31 });
    expect(scopeOf(three).nodes[made!]!.widgets.value).toBe(31);
    expect(notes[0]).toContain('comes by a link');
  });

  test('remove hands on what it took, or leaves open [TE-6]', () => {
    const lora = run(start, 'insert-lora', { file: 'x.safetensors', ...sub }).after;
    const [made] = id(lora);
    const gone = outcome('remove', { node: `${at}${made}` }, lora);
    expect(gone.scope.nodes['3']!.links.model).toEqual({ from: '4', slot: 0 });
    const cut = run(lora, 'remove', { node: `${at}${made}`, rewire: false });
    expect(cut.notes).toContain('node 3 (KSampler) still needs: model');
  });

  test('replace keeps what fits and tells what is lost [TE-7]', () => {
    const { scope, notes } = outcome('replace', { node: `${at}5`, class: 'EmptySD3LatentImage' });
    expect(scope.nodes['5']!.widgets).toMatchObject({ width: 512, height: 512, batch_size: 1 });
    expect(scope.nodes['3']!.links.latent_image).toEqual({ from: '5', slot: 0 });
    expect(notes).toEqual([]);
    const other = run(start, 'replace', { node: `${at}8`, class: 'VAEDecodeTiled' });
    expect(newFaults(start, other.after)).toEqual([]);
    expect(run(start, 'replace', { node: `${at}3`, class: 'KSamplerAdvanced' }).notes.join()).toContain('denoise');
  });

  test('rename-node and rename-param', () => {
    expect(outcome('rename-node', { node: `${at}5`, title: 'canvas' }).scope.nodes['5']!.ui.title).toBe('canvas');
    const odd = run(start, 'rename-param', {
      class: 'EmptyLatentImage',
      from: 'width',
      to: 'breadth',
      force: true,
    }).after;
    expect(scopeOf(odd).nodes['5']!.widgets.breadth).toBe(512);
    const back = run(odd, 'rename-param', { class: 'EmptyLatentImage', from: 'breadth', to: 'width' }).after;
    expect(jsonEqual(back as never, start as never)).toBe(true);
  });

  test('swap-checkpoint', () => {
    const { scope } = outcome('swap-checkpoint', { file: 'b.safetensors', ...sub });
    expect(scope.nodes['4']!.widgets.ckpt_name).toBe('b.safetensors');
  });

  test('insert-lora: model and text encoder, after the LoRAs that are there [TE-13]', () => {
    const one = outcome('insert-lora', { file: 'one.safetensors', strength: 0.8, ...sub });
    const [first] = id(one.workflow);
    expect(one.scope.nodes[first!]).toMatchObject({
      class_type: 'LoraLoader',
      widgets: { lora_name: 'one.safetensors', strength_model: 0.8, strength_clip: 0.8 },
      links: { model: { from: '4', slot: 0 }, clip: { from: '4', slot: 1 } },
    });
    expect(one.scope.nodes['6']!.links.clip).toEqual({ from: first, slot: 1 });
    expect(one.scope.nodes['7']!.links.clip).toEqual({ from: first, slot: 1 });
    expect(one.scope.nodes['8']!.links.vae).toEqual({ from: '4', slot: 2 });
    const two = outcome('insert-lora', { file: 'two.safetensors', ...sub }, one.workflow);
    const second = id(two.workflow).find((made) => made !== first)!;
    expect(two.scope.nodes[second]!.links.model).toEqual({ from: first, slot: 0 });
    expect(two.scope.nodes['3']!.links.model).toEqual({ from: second, slot: 0 });
  });

  test('insert-controlnet: both prompts, with a preprocessor [TE-14]', () => {
    const { scope, workflow } = outcome('insert-controlnet', {
      file: 'canny.safetensors',
      image: 'pose.png',
      preprocessor: 'Canny',
      strength: 0.7,
      end: 0.6,
      ...sub,
    });
    const made = id(workflow).map((one) => scope.nodes[one]!);
    expect(made.map(({ class_type }) => class_type).sort()).toEqual([
      'Canny',
      'ControlNetApplyAdvanced',
      'ControlNetLoader',
      'LoadImage',
    ]);
    const [apply] = id(workflow).filter((one) => scope.nodes[one]!.class_type === 'ControlNetApplyAdvanced');
    expect(scope.nodes[apply!]!.links).toMatchObject({
      positive: { from: '6', slot: 0 },
      negative: { from: '7', slot: 0 },
    });
    expect(scope.nodes['3']!.links).toMatchObject({
      positive: { from: apply, slot: 0 },
      negative: { from: apply, slot: 1 },
    });
  });

  test.each([
    ['model', { file: '4x.pth' }, ['ImageUpscaleWithModel', 'UpscaleModelLoader']],
    ['image', { by: 3 }, ['ResizeImageMaskNode']],
    ['latent', { by: 2, method: 'bicubic' }, ['LatentUpscaleBy']],
    ['hires', { denoise: 0.4, steps: 12 }, ['KSampler', 'LatentUpscaleBy']],
  ])('insert-upscale %s [TE-15]', (kind, args, classes) => {
    const { scope, workflow } = outcome('insert-upscale', { kind, ...args, ...sub });
    expect(
      id(workflow)
        .map((one) => scope.nodes[one]!.class_type)
        .sort(),
    ).toEqual(classes);
    const sampler = id(workflow)
      .map((one) => scope.nodes[one]!)
      .find(({ class_type }) => class_type === 'KSampler');
    if (sampler) expect(sampler.widgets).toMatchObject({ denoise: 0.4, steps: 12, seed: 42, cfg: 8 });
    const last =
      kind === 'model' || kind === 'image' ? scope.nodes['9']!.links.images! : scope.nodes['8']!.links.samples!;
    expect(id(workflow)).toContain(last.from);
  });

  test('change-scheduler [TE-16]', () => {
    const { scope } = outcome('change-scheduler', { sampler: 'dpmpp_2m', scheduler: 'karras' });
    expect(scope.nodes['3']!.widgets).toMatchObject({ sampler_name: 'dpmpp_2m', scheduler: 'karras' });
  });

  test('convert-loader, there and back [TE-17]', () => {
    const parts = {
      to: 'parts',
      model: 'm.safetensors',
      clip: ['l.safetensors', 'g.safetensors'],
      type: 'sdxl',
      vae: 'v.safetensors',
    };
    const split = outcome('convert-loader', { ...parts, ...sub });
    expect(
      id(split.workflow)
        .map((one) => split.scope.nodes[one]!.class_type)
        .sort(),
    ).toEqual(['DualCLIPLoader', 'UNETLoader', 'VAELoader']);
    expect(split.scope.nodes['4']).toBeUndefined();
    const whole = outcome('convert-loader', { to: 'checkpoint', checkpoint: 'a.safetensors', ...sub }, split.workflow);
    const [made] = Object.keys(whole.scope.nodes).filter(
      (one) => whole.scope.nodes[one]!.class_type === 'CheckpointLoaderSimple',
    );
    expect(whole.scope.nodes['8']!.links.vae).toEqual({ from: made, slot: 2 });
    expect(Object.keys(whole.scope.nodes)).toHaveLength(7);
  });

  test('replace-deprecated', () => {
    const old = run(start, 'add-node', {
      class: 'ImageScaleBy',
      set: { scale_by: 3 },
      link: { image: `${at}8.IMAGE` },
      ...sub,
    }).after;
    const [made] = id(old);
    const { scope, notes } = outcome('replace-deprecated', {}, old);
    expect(scope.nodes[made!]).toMatchObject({
      class_type: 'ResizeImageMaskNode',
      widgets: { resize_type: 'scale by multiplier', 'resize_type.multiplier': 3 },
      links: { input: { from: '8', slot: 0 } },
    });
    expect(notes[0]).toContain('ImageScaleBy is ResizeImageMaskNode now');
  });

  test('set-mode, where there are modes', () => {
    if (start.format === 'api')
      expect(mistake(start, 'set-mode', { node: '3', mode: 'mute' })).toMatch(/^TRANSFORM_REFUSED/);
    else {
      expect(outcome('set-mode', { node: `${at}3`, mode: 'bypass' }).scope.nodes['3']!.mode).toBe(4);
      const there = run(start, 'set-mode', { node: `${at}3`, mode: 'mute' }).after;
      expect(jsonEqual(run(there, 'set-mode', { node: `${at}3`, mode: 'always' }).after as never, start as never)).toBe(
        true,
      );
    }
  });
});

test('several transforms: each on what those before it made, and all or none [TE-9]', () => {
  const calls = (last: JsonObject) => [
    { op: 'add-node', args: { class: 'PrimitiveInt', set: { value: 7 } } },
    { op: 'connect', args: { from: '10', to: '3.steps' } },
    { op: 'set', args: last },
  ];
  const options = { catalog: defaultCatalog(), source: 'x.json' };
  const { after, notes } = runTransforms(api, calls({ input: '3.steps', value: 9 }), options);
  expect(after.nodes['10']!.widgets).toEqual({ value: 9 });
  expect(notes[0]).toBe('the new node is 10');
  const before = JSON.stringify(writeWorkflow(api));
  expect(() => runTransforms(api, calls({ input: '3.stepz', value: 9 }), options)).toThrow(
    /^transform 3 \(set\): .*no input stepz/,
  );
  expect(JSON.stringify(writeWorkflow(api))).toBe(before);
});

test('what is looked for is in the root, or in the only subgraph that has it; several are named [TE-12]', () => {
  const swap = (workflow: Workflow, args: JsonObject = {}): string =>
    mistake(workflow, 'swap-checkpoint', { file: 'b.safetensors', ...args });
  expect(run(inner, 'swap-checkpoint', { file: 'b.safetensors' }).after.subgraphs[SCOPE]!.nodes['4']!.widgets).toEqual({
    ckpt_name: 'b.safetensors',
  });
  const two = run(ui, 'add-node', { class: 'CheckpointLoaderSimple' }).after;
  expect(swap(two)).toMatch(/^TRANSFORM_REFUSED: .*there are 2 .* \| Name one with --node <id>: 4 .*10 /);
  const muted = run(two, 'set-mode', { node: '10', mode: 'mute' }).after;
  expect(run(muted, 'swap-checkpoint', { file: 'b.safetensors' }).after.nodes['4']!.widgets).toEqual({
    ckpt_name: 'b.safetensors',
  });
});

test('a node that feeds thousands: every link is made, in one go', () => {
  const count = 5000;
  const graph: JsonObject = { ...apiGraph() };
  for (let id = 10; id < 10 + count; id++) graph[id] = { ...apiGraph()['3'] };
  const start = read(graph);
  const lora = run(start, 'insert-lora', { file: 'x.safetensors' });
  const [made] = Object.keys(lora.after.nodes).filter((id) => !(id in start.nodes));
  const users = Object.values(lora.after.nodes).filter(({ links }) => links.model?.from === made);
  expect(users).toHaveLength(count + 1);
  const gone = run(lora.after, 'remove', { node: made! });
  expect(jsonEqual(gone.after as never, start as never)).toBe(true);
  expect(lora.notes[0]).toContain(`and ${count + 1 - 8} more`);
});

describe('mistakes say what is wrong and what to do', () => {
  test.each<[string, JsonObject, RegExp]>([
    ['add-node', {}, /^TRANSFORM_ARGS: add-node: class is missing/],
    ['add-node', { class: 'KSamplr' }, /^CLASS_NOT_FOUND: .*KSamplr \| Did you mean: KSampler/],
    [
      'add-node',
      { class: 'KSampler', id: '3' },
      /^NODE_EXISTS: x.json: there is a node 3 already \(KSampler\) \| .*take 10/,
    ],
    ['add-node', { class: 'KSampler', id: '__proto__' }, /^TRANSFORM_REFUSED: /],
    [
      'add-node',
      { class: 'KSampler', set: { steps: '30' } },
      /^VALUE_REFUSED: 10.steps: .*not a whole number.* \| Nearest: 30/,
    ],
    ['add-node', { class: 'KSampler', set: { stepz: 3 } }, /^INPUT_NOT_FOUND: .*stepz \| Its inputs are: steps/],
    [
      'add-node',
      { class: 'KSampler', link: { model: '6.0' } },
      /^LINK_REFUSED: .*CONDITIONING, and MODEL is taken \| What fits: 4.MODEL/,
    ],
    ['add-node', { class: 'KSampler', subgraph: 'none' }, /^SUBGRAPH_NOT_FOUND/],
    ['add-node', { class: 'Reroute' }, /^TRANSFORM_REFUSED: .*class of the page/],
    ['connect', { from: '4.MODEL', to: '99.model' }, /^NODE_NOT_FOUND: x.json: no node 99/],
    ['connect', { from: '4.MODLE', to: '3.model' }, /^OUTPUT_NOT_FOUND: .*no output MODLE \| Its outputs are: MODEL/],
    ['connect', { from: '4.3', to: '3.model' }, /^OUTPUT_NOT_FOUND/],
    ['connect', { from: '4.MODEL', to: '3.modell' }, /^INPUT_NOT_FOUND: .*modell \| Its inputs are: model/],
    ['connect', { from: '5.LATENT', to: '3.model' }, /^LINK_REFUSED: .*LATENT, and MODEL is taken/],
    ['connect', { from: '3.LATENT', to: '3.latent_image' }, /^LINK_REFUSED: .*cannot feed itself/],
    ['connect', { from: '8', to: '3.model' }, /^OUTPUT_NOT_FOUND/],
    ['connect', { from: 'x', to: '3.model' }, /^ADDRESS_INVALID|^NODE_NOT_FOUND/],
    ['disconnect', { input: '3.steps' }, /^TRANSFORM_REFUSED: .*nothing feeds 3.steps/],
    ['disconnect', { input: '3.nope' }, /^INPUT_NOT_FOUND/],
    [
      'set',
      { input: '3.steps', value: 0 },
      /^VALUE_REFUSED: 3.steps: 0 is below 1 \| Nearest: 1. To write it all the same give --force/,
    ],
    ['set', { input: '3.sampler_name', value: 'eulr' }, /^VALUE_REFUSED: .* \| Nearest: euler/],
    ['set', { input: '3.cfg', value: 'abc' }, /^VALUE_REFUSED/],
    ['set', { input: '3.__proto__', value: 3, force: true }, /^INPUT_NOT_FOUND/],
    ['add-node', { class: 'KSampler', link: { __proto: '4' } }, /^INPUT_NOT_FOUND/],
    ['set', { input: '3.model', value: 3 }, /^(VALUE_REFUSED|INPUT_LINKED)/],
    ['set', { input: '3.steps', value: ['4', 0], force: true }, /^VALUE_REFUSED: .*takes this list for a link/],
    [
      'set',
      { input: '3.steps', value: 3, color: 'red' },
      /^TRANSFORM_ARGS: set: no argument color \| It takes: <input>/,
    ],
    ['remove', { node: '99' }, /^NODE_NOT_FOUND/],
    ['remove', { node: '3', rewire: 'perhaps' }, /^TRANSFORM_ARGS: remove: rewire is true or false/],
    ['replace', { node: '3', class: 'Nope' }, /^CLASS_NOT_FOUND/],
    ['replace', { node: '3', class: 'KSampler' }, /^TRANSFORM_REFUSED: .*already/],
    ['rename-param', { class: 'KSampler', from: 'stps', to: 'steps' }, /^TRANSFORM_REFUSED: .*\| They have: steps/],
    ['rename-param', { class: 'Nope', from: 'a', to: 'b' }, /^TRANSFORM_REFUSED: .*no node is a Nope/],
    ['rename-param', { class: 'KSampler', from: 'steps', to: 'cfg' }, /^TRANSFORM_REFUSED: .*has an input cfg already/],
    ['swap-checkpoint', { file: 'x', node: '3' }, /^TRANSFORM_REFUSED: .*node 3 loads no model/],
    ['insert-lora', { file: 'x', strength: 1000 }, /^TRANSFORM_ARGS: .*at most 100/],
    ['insert-lora', { file: '' }, /^VALUE_REFUSED/],
    ['insert-lora', { file: 'x', model: '6.0' }, /^(LINK|OPERATION)_REFUSED/],
    ['insert-controlnet', { file: 'x', image: '8.IMAGE' }, /^TRANSFORM_REFUSED: .*made of what the sampler gives/],
    [
      'insert-controlnet',
      { file: 'x', image: 'a.png', preprocessor: 'KSampler' },
      /^TRANSFORM_REFUSED: .*makes no picture/,
    ],
    ['insert-controlnet', { file: 'x', image: 'a.png', start: 0.8, end: 0.2 }, /^TRANSFORM_REFUSED: .*ends before/],
    ['insert-controlnet', { file: 'x', image: 'a.png', node: '8' }, /^TRANSFORM_REFUSED: node|^TRANSFORM_REFUSED/],
    ['insert-upscale', { kind: 'huge' }, /^TRANSFORM_ARGS: .*one of model, image, latent, hires/],
    ['insert-upscale', { kind: 'model' }, /^TRANSFORM_REFUSED: .*no upscale model/],
    ['insert-upscale', { kind: 'latent', method: 'magic' }, /^VALUE_REFUSED: .* \| (?!.*--force)/],
    ['change-scheduler', {}, /^TRANSFORM_REFUSED/],
    ['change-scheduler', { scheduler: 'karas' }, /^VALUE_REFUSED: .* \| Nearest: karras/],
    ['change-scheduler', { scheduler: 'karras', node: '8' }, /^TRANSFORM_REFUSED: .*node 8 lets nobody choose/],
    ['convert-loader', { to: 'parts' }, /^TRANSFORM_REFUSED: .* \| Give --model <file> --clip <files> --vae <file>/],
    ['convert-loader', { to: 'checkpoint', checkpoint: 'x' }, /^TRANSFORM_REFUSED/],
    ['replace-deprecated', {}, /^TRANSFORM_REFUSED/],
    ['set-mode', { node: '3', mode: 'off' }, /^TRANSFORM_ARGS: .*one of always, mute, bypass/],
    ['insert-loraa', {}, /^TRANSFORM_UNKNOWN: no transform insert-loraa \| Did you mean: insert-lora/],
    ['toString', {}, /^TRANSFORM_UNKNOWN/],
  ])('%s %j', (op, args, error) => {
    expect(mistake(api, op, args)).toMatch(error);
  });
});
