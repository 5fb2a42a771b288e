import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCwfError } from '../../../../src/base/errors.ts';
import type { JsonObject } from '../../../../src/base/json.ts';
import { jsonEqual } from '../../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import { convertToUi } from '../../../../src/core/convert/to-ui.ts';
import { validateWorkflow } from '../../../../src/core/validate/validate.ts';
import { readWorkflow } from '../../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../../src/core/workflow/types.ts';
import { mulberry32 } from '../../../../src/plan/optimize/rng.ts';
import type { OrdinalParameter } from '../../../../src/plan/optimize/space.ts';
import { readSpaceFile } from '../../../../src/plan/optimize/space-file/read-space-file.ts';
import { type FindOptions, findTunables } from '../../../../src/plan/optimize/tunables/find-tunables.ts';
import { refuseHosted } from '../../../../src/plan/optimize/tunables/hosted.ts';
import { atPoint, currentPoint, editsFor } from '../../../../src/plan/optimize/tunables/point-edits.ts';
import { randomPoint } from './points.ts';
import { experts, node, portrait, turbo } from './workflows.ts';

const catalog = defaultCatalog();
const read = (json: JsonObject): Workflow => readWorkflow(json, { catalog, source: 'w.json' });
const found = (json: JsonObject, options?: FindOptions) => findTunables(read(json), catalog, options);
const names = (json: JsonObject, options?: FindOptions): string[] =>
  found(json, options).tunables.map(({ parameter }) => parameter.name);
const parameterOf = (json: JsonObject, name: string, options?: FindOptions): unknown =>
  found(json, options).tunables.find(({ parameter }) => parameter.name === name)?.parameter;
const whyHeld = (json: JsonObject, name: string, options?: FindOptions): string | undefined =>
  found(json, options).held.find((one) => one.name === name)?.why;

describe('what is found', () => {
  test('[SP-1] what no result needs, and what is muted, has no parameters', () => {
    const loose = { ...portrait(), '20': node('KSampler', { ...samplerOf(portrait()), steps: 99 }) };
    expect(names(loose)).toEqual(['steps', 'cfg', 'sampler', 'scheduler', 'size']);
    const { document } = convertToUi(read(portrait()), catalog) as unknown as { document: JsonObject };
    expect(names(document)).toEqual(['steps', 'cfg', 'sampler', 'scheduler', 'size']);
    const nodes = (document.nodes as JsonObject[]).map((one) => (one.type === 'KSampler' ? { ...one, mode: 2 } : one));
    expect(names({ ...document, nodes })).toEqual([]);
  });

  test('[SP-1] [SP-10] of a switch the chosen side runs', () => {
    const sides = (chosen: boolean) => ({
      ...portrait(),
      '10': node('ComfySwitchNode', { switch: chosen, on_true: ['8', 0], on_false: ['11', 0] }),
      '11': node('ImageBlur', { image: ['12', 0], blur_radius: 2, sigma: 1 }),
      '12': node('LoadImage', { image: 'a.png' }),
      '9': node('SaveImage', { filename_prefix: 'x', images: ['10', 0] }),
    });
    expect(names(sides(true))).toContain('steps');
    // It chooses pictures: nobody may turn it.
    expect(names(sides(false))).toEqual(['blur_radius', 'sigma']);
  });

  test('[SP-2] two samplers fed by one primitive are one parameter, which lives at the primitive', () => {
    const second = node('KSampler', {
      ...samplerOf(portrait()),
      steps: ['10', 0],
      latent_image: ['3', 0],
      denoise: 0.5,
    });
    const json = {
      ...portrait('x.safetensors', { steps: ['10', 0] }),
      '10': node('PrimitiveInt', { value: 30 }),
      '13': second,
      '8': node('VAEDecode', { samples: ['13', 0], vae: ['4', 2] }),
    };
    const { tunables } = found(json);
    const steps = tunables.find(({ parameter }) => parameter.name === 'steps')!;
    expect(steps.targets.map(({ place }) => place)).toEqual([{ node: '10', input: 'value' }]);
    expect(steps.readers.map(({ node: id }) => id).sort()).toEqual(['13', '3']);
    const edits = editsFor(read(json), tunables, { ...currentPoint(tunables), steps: 40 }, catalog);
    expect(edits).toEqual([{ kind: 'set-input', path: ['nodes', '10', 'widgets', 'value'], from: 30, to: 40 }]);
    expect(parameterOf(json, 'denoise')).toMatchObject({ kind: 'float', step: 0.05 });
  });

  test('[SP-3] filters of the embedded engine, by what is of use; any other input when it is named', () => {
    const json = {
      '1': node('LoadImage', { image: 'a.png' }),
      '2': node('ImageBlur', { image: ['1', 0], blur_radius: 2, sigma: 1 }),
      '3': node('ImageSharpen', { image: ['2', 0], sharpen_radius: 1, sigma: 0.5, alpha: 0.7 }),
      '4': node('ImageCrop', { image: ['3', 0], width: 64, height: 64, x: 8, y: 0 }),
      '5': node('SaveImage', { filename_prefix: 'x', images: ['4', 0] }),
    };
    expect(found(json).space.parameters).toEqual([
      { name: 'blur_radius', kind: 'int', low: 1, high: 15 },
      { name: '2.sigma', kind: 'float', low: 0.1, high: 10, log: true },
      { name: 'sharpen_radius', kind: 'int', low: 1, high: 10 },
      { name: '3.sigma', kind: 'float', low: 0.1, high: 10, log: true },
      { name: 'alpha', kind: 'float', low: 0, high: 5, step: 0.05 },
    ]);
    expect(parameterOf(json, 'x', { also: [{ node: '4', input: 'x' }] })).toEqual({
      name: 'x',
      kind: 'int',
      low: 4,
      high: 12,
    });
    const seed = [{ node: '3', input: 'denoise' }];
    expect(parameterOf(portrait(), 'denoise', { also: seed })).toMatchObject({ low: 0, high: 1 });
    expect(codeOf(() => found(json, { also: [{ node: '1', input: 'image' }] }))).toBe('SPACE_NOTHING');
    expect(
      codeOf(() =>
        found({ ...json, '9': node('LoadImage', { image: 'b.png' }) }, { also: [{ node: '9', input: 'image' }] }),
      ),
    ).toBe('SPACE_NOTHING');
  });

  test('[SP-4] the current value belongs to the range, beside its steps or outside of it too', () => {
    expect(parameterOf(portrait('sd_xl_base_1.0.safetensors', { cfg: 4.03 }), 'cfg')).toEqual({
      name: 'cfg',
      kind: 'ordinal',
      choices: [3.5, 4, 4.03, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9],
    });
    expect(parameterOf(portrait('sd_xl_base_1.0.safetensors', { steps: 60 }), 'steps')).toMatchObject({
      low: 30,
      high: 90,
    });
  });
});

describe('families', () => {
  test.each([
    ['sd_xl_base_1.0.safetensors', 'sdxl', 'file'],
    ['SDXL/juggernautXL_sdxl_v9.safetensors', 'sdxl', 'name'],
    ['models\\flux1-dev-Q4_K_S.gguf', 'flux1', 'name'],
    ['my-own-merge.safetensors', undefined, undefined],
    ['Wan2_2-TI2V-5B_fp8.safetensors', 'wan2.2-5b', 'name'],
  ])('[SP-5] %s is %s', (file, family, by) => {
    const [model] = found(portrait(file)).models;
    expect([model?.detected?.family.id, model?.detected?.by]).toEqual([family, by]);
  });

  test('[SP-6] a model made for few steps keeps steps and cfg, and the LoRA that makes it one its strength', () => {
    expect(whyHeld(portrait('sd3.5_large_turbo.safetensors', { steps: 4, cfg: 1 }), 'steps')).toContain('few steps');
    const turboModel = portrait('z_image_turbo_bf16.safetensors', { steps: 8, cfg: 1 });
    expect(parameterOf(turboModel, 'steps')).toEqual({ name: 'steps', kind: 'int', low: 6, high: 12 });
    expect(whyHeld(turboModel, 'cfg')).toContain('trained into the model');
    const lora = withLora(
      portrait('sd_xl_base_1.0.safetensors', { steps: 8, cfg: 1 }),
      'sdxl_lightning_8step_lora.safetensors',
    );
    expect(whyHeld(lora, 'steps')).toBe('the model is made for 8 steps (sdxl_lightning_8step_lora.safetensors)');
    expect(whyHeld(lora, 'lora')).toContain('few steps');
    expect(names(withLora(portrait(), 'detail.safetensors'))).toContain('lora');
    expect(whyHeld(portrait('flux1-dev-fp8.safetensors', { cfg: 1 }), 'cfg')).toContain('guidance instead');
    expect(whyHeld(portrait('my-own-merge.safetensors', { cfg: 1 }), 'cfg')).toContain('guidance is off');
  });

  test('[SP-7] samplers of the family, the current one first; a denoise of 1 is kept', () => {
    expect(parameterOf(portrait(), 'sampler')).toEqual({
      name: 'sampler',
      kind: 'categorical',
      choices: ['euler', 'dpmpp_2m', 'dpmpp_2m_sde', 'dpmpp_3m_sde', 'euler_ancestral', 'dpmpp_sde', 'uni_pc', 'heun'],
    });
    expect(parameterOf(portrait('own.safetensors', { scheduler: 'kl_optimal' }), 'scheduler')).toMatchObject({
      choices: ['kl_optimal', 'simple', 'normal', 'karras', 'sgm_uniform', 'beta'],
    });
    expect(whyHeld(portrait(), 'denoise')).toContain('nothing of the latent');
    expect(parameterOf(portrait('sd_xl_base_1.0.safetensors', { denoise: 0.6 }), 'denoise')).toMatchObject({
      low: 0.3,
      high: 0.85,
    });
    const video = {
      ...portrait('wan2.1_t2v_1.3B_fp16.safetensors'),
      '5': node('EmptyHunyuanLatentVideo', { width: 832, height: 480, length: 33, batch_size: 1 }),
    };
    expect(parameterOf(video, 'frames')).toEqual({ name: 'frames', kind: 'int', low: 9, high: 81, step: 4 });
  });

  test('[SP-8] sizes keep the shape, are multiples of the family, and go into every node of that size', () => {
    const json = { ...portrait(), '5': node('EmptyLatentImage', { width: 896, height: 1152, batch_size: 1 }) };
    const { tunables } = found(json);
    const size = tunables.find(({ meaning }) => meaning === 'size')!;
    const choices = (size.parameter as OrdinalParameter).choices.map(String);
    expect(choices).toContain('896x1152');
    for (const choice of choices) {
      const [w, h] = choice.split('x').map(Number) as [number, number];
      expect([w % 8, h % 8, w < h]).toEqual([0, 0, true]);
    }
    const after = atPoint(read(json), tunables, { ...currentPoint(tunables), size: choices[0]! }, catalog);
    const { width, height } = after.nodes['5']!.widgets;
    expect(`${width}x${height}`).toBe(choices[0]);
  });
});

describe('what is varied together', () => {
  test('[SP-9] two samplers of one schedule: one of each setting, and the share of the steps', () => {
    const { tunables } = found(experts());
    expect(tunables.map(({ parameter, targets }) => `${parameter.name} ${targets.length}`)).toEqual([
      'steps 2',
      'split 2',
      'cfg 2',
      'sampler 2',
      'scheduler 2',
      'size 2',
    ]);
    const workflow = read(experts());
    expect(editsFor(workflow, tunables, currentPoint(tunables)!, catalog)).toEqual([]);
    const after = atPoint(workflow, tunables, { ...currentPoint(tunables), steps: 31, split: 0.45 }, catalog);
    expect([after.nodes['3']!.widgets.end_at_step, after.nodes['10']!.widgets.start_at_step]).toEqual([14, 14]);
    expect([after.nodes['3']!.widgets.steps, after.nodes['10']!.widgets.steps]).toEqual([31, 31]);
  });

  test('[SP-10] a switch between two settings is a parameter, and what counts in one state has it as condition', () => {
    const { space, held } = found(turbo());
    expect(space.parameters.slice(0, 3)).toEqual([
      { name: 'switch', kind: 'categorical', choices: [false, true] },
      { name: 'steps', kind: 'int', low: 18, high: 45, when: [{ parent: 'switch', values: [false] }] },
      { name: 'cfg.off', kind: 'float', low: 3.5, high: 9, step: 0.5, when: [{ parent: 'switch', values: [false] }] },
    ]);
    expect(held.find(({ name }) => name === 'steps.on')).toMatchObject({ current: 8, when: [{ values: [true] }] });
  });
});

test('[SP-11] a goal leaves what does not bear on it, and says why', () => {
  expect(names(portrait(), { goal: 'quality' })).toEqual(['steps', 'cfg', 'sampler', 'scheduler']);
  expect(names(portrait(), { goal: 'vram' })).toEqual(['size']);
  expect(whyHeld(portrait(), 'scheduler', { goal: 'speed' })).toBe('costs no time');
  expect(names(portrait(), { goal: ['quality', 'vram'] })).toEqual(names(portrait()));
  expect(names(portrait(), { goal: ['speed', 'vram'] })).toEqual(['steps', 'sampler', 'size']);
  expect(names(portrait(), { goal: [] })).toEqual(names(portrait()));
});

test('[SP-12] one of a kind is called by its word, several by the node that reads them', () => {
  const other = node('KSampler', { ...samplerOf(portrait()), cfg: 5, latent_image: ['3', 0] });
  const json = { ...portrait(), '13': other, '8': node('VAEDecode', { samples: ['13', 0], vae: ['4', 2] }) };
  expect(names(json)).toEqual(['steps', '3.cfg', '13.cfg', 'sampler', 'scheduler', 'size']);
});

describe('points', () => {
  test('[SP-13] the current point is no edit, and the last of several points is what counts', () => {
    for (const json of [portrait(), experts(), turbo()]) {
      const workflow = read(json);
      const { tunables, space } = findTunables(workflow, catalog);
      expect(editsFor(workflow, tunables, currentPoint(tunables)!, catalog)).toEqual([]);
      // What is no point of the space is found at fault, so that the counts below mean something.
      const wrong = atPoint(workflow, tunables, { ...currentPoint(tunables), sampler: 'nope' }, catalog);
      const known = validateWorkflow(workflow, catalog).diagnostics.length;
      expect(validateWorkflow(wrong, catalog).diagnostics.length).toBeGreaterThan(known);
      const point = fc.nat().map((seed) => randomPoint(space, mulberry32(seed)));
      fc.assert(
        fc.property(point, point, (a, b) => {
          const direct = atPoint(workflow, tunables, b, catalog);
          const after = atPoint(atPoint(workflow, tunables, a, catalog), tunables, b, catalog);
          expect(jsonEqual(after as never, direct as never)).toBe(true);
          expect(validateWorkflow(direct, catalog).diagnostics.length).toBe(known);
        }),
        { numRuns: 30 },
      );
    }
  });

  test('[SP-14] what every run pays for is named, has no parameters, and needs a budget of money', () => {
    const json = {
      '1': node('FluxProUltraImageNode', {
        prompt: 'a',
        prompt_upsampling: false,
        seed: 1,
        aspect_ratio: '16:9',
        raw: false,
      }),
      '2': node('SaveImage', { filename_prefix: 'x', images: ['1', 0] }),
    };
    const { tunables, held, hosted } = found(json);
    expect([tunables, held, hosted]).toEqual([[], [], [{ node: '1', class_type: 'FluxProUltraImageNode' }]]);
    expect(codeOf(() => refuseHosted({ hosted }, 'w.json', undefined))).toBe('SPACE_HOSTED');
    expect(codeOf(() => refuseHosted({ hosted }, 'w.json', { most: 0, perRun: 1 }))).toBe('SPACE_HOSTED');
    expect(codeOf(() => refuseHosted({ hosted }, 'w.json', { most: 5 }))).toBe('SPACE_HOSTED');
    expect(codeOf(() => refuseHosted({ hosted }, 'w.json', { most: 5, perRun: 0.04 }))).toBe(undefined);
    expect(codeOf(() => refuseHosted(found(portrait()), 'w.json', undefined))).toBe(undefined);
  });

  test('[SP-15] a present value outside of a range of a file is no point of its space', () => {
    const subject = { workflow: read(portrait()), catalog };
    const file = { parameters: { steps: { target: '3.steps', low: 30, high: 40 } } };
    const tunables = readSpaceFile(file, subject, { source: 's', lineOf: () => undefined });
    expect(currentPoint(tunables)).toBe(undefined);
  });
});

function samplerOf(json: JsonObject): JsonObject {
  return (json['3'] as JsonObject).inputs as JsonObject;
}

function withLora(json: JsonObject, file: string): JsonObject {
  const sampler = node('KSampler', { ...samplerOf(json), model: ['30', 0] });
  return {
    ...json,
    '3': sampler,
    '30': node('LoraLoaderModelOnly', { lora_name: file, strength_model: 1, model: ['4', 0] }),
  };
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!isCwfError(error)) throw error;
    return error.code;
  }
}
