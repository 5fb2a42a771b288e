import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../../../src/base/json.ts';
import type { Catalog } from '../../../../src/core/catalog/catalog.ts';
import { validateAsEngine } from '../../../../src/core/validate/engine/validate-as-engine.ts';
import { judge, NEW, node, OLD, told } from './judge.ts';

const preview = (classType: string, inputs: Json) => ({
  '1': node(classType, inputs),
  '2': node('PreviewAny', { source: ['1', 0] }),
});
const faults = (classType: string, inputs: Json, engine: Catalog = NEW) =>
  told(judge(preview(classType, inputs), engine))['1'] ?? [];

describe('files that are named by a prompt [VE-16]', () => {
  test.each<[Json, boolean, boolean]>([
    ['a.png', true, true],
    ['A.PNG', false, false],
    ['sub/b.png', true, true],
    ['b.png', false, false],
    ['sub', true, true],
    ['', true, true],
    ['.', true, true],
    ['./a.png', true, true],
    ['sub/../a.png', true, true],
    ['nodir/../a.png', true, false],
    ['a.png/', true, false],
    ['..', false, true],
    ['../output/out.png', false, true],
    ['../input/a.png', true, true],
    ['../../x', false, false],
    ['out.png [output]', true, true],
    ['out.png_[output]', true, true],
    ['out.png[output]', false, false],
    ['d/e.png [output]', true, true],
    ['a.png [output]', false, false],
    ['t.png [temp]', true, true],
    ['a.png [input]', true, true],
    ['a\0.png', false, false],
  ])('%j', (image, newer, older) => {
    const expected = (isThere: boolean) => (isThere ? [] : ['custom_validation_failed image']);
    expect(faults('LoadImage', { image })).toEqual(expected(newer));
    expect(faults('LoadImage', { image }, OLD)).toEqual(expected(older));
  });

  it('without a list of files every path inside counts as there, and every listed file', () => {
    const image = (name: string) => validateAsEngine({ prompt: preview('LoadImage', { image: name }) }, NEW).status;
    expect([image('nope.png'), image('../x'), image('/etc/passwd')]).toEqual([200, 400, 400]);
    const vae = { prompt: preview('VAELoader', { vae_name: 'nope' }) };
    expect(validateAsEngine(vae, NEW).status).toBe(200);
  });
});

describe('lists of files [VE-16]', () => {
  test.each<[string, Json, boolean, boolean | undefined]>([
    ['VAELoader', { vae_name: 'ae.safetensors' }, true, true],
    ['VAELoader', { vae_name: 'pixel_space' }, true, true],
    ['VAELoader', { vae_name: 'taesd' }, true, true],
    ['VAELoader', { vae_name: 'taef1' }, false, false],
    ['VAELoader', { vae_name: 'taehv.pth' }, true, false],
    ['CLIPLoader', { clip_name: 'old.safetensors', type: 'stable_diffusion' }, true, undefined],
    ['CheckpointLoaderSimple', { ckpt_name: 'x' }, false, false],
    ['LoadImageDataSetFromFolder', { folder: 'sub' }, true, undefined],
    ['LoadImageDataSetFromFolder', { folder: 'a.png' }, false, undefined],
    ['OpenAIInputFiles', { file: 'note.txt' }, true, true],
    ['OpenAIInputFiles', { file: 'a.png' }, false, true],
    ['Load3D', { model_file: '3d/cube.glb', image: 'x', width: 8, height: 8 }, true, true],
    ['Load3D', { model_file: 'none', image: 'x', width: 8, height: 8 }, true, false],
    ['Load3D', { model_file: '', image: 'x', width: 8, height: 8 }, true, false],
    ['Load3D', { model_file: '3d/none.glb', image: 'x', width: 8, height: 8 }, false, false],
  ])('%s %j', (classType, inputs, newer, older) => {
    expect(faults(classType, inputs).length === 0).toBe(newer);
    if (older !== undefined) expect(faults(classType, inputs, OLD).length === 0).toBe(older);
  });

  it('the configurations that come with the engine are there', () => {
    const prompt = preview('CheckpointLoader', { config_name: 'v1-inference.yaml', ckpt_name: 'x' });
    expect(told(judge(prompt))['1']).toEqual(['value_not_in_list ckpt_name']);
  });
});

describe('checks that classes bring with them [VE-15]', () => {
  it('what they take is not looked up, and what is missing raises in place of all other faults', () => {
    expect(faults('LoadImageMask', { channel: 'no' })).toEqual(['exception_during_inner_validation image']);
    expect(faults('LoadImageMask', { channel: 'no', image: 'a.png' })).toEqual(['value_not_in_list channel']);
    expect(faults('LoadImageMask', { channel: 'red', image: { __value__: ['a'] } })).toEqual([
      'exception_during_inner_validation',
    ]);
  });

  it('one that takes everything leaves no limits, and tells its verdict of each input', () => {
    const inputs = { model_file: 'nope.glb', image: 'x', width: -5, height: 8 };
    expect(faults('Load3D', inputs).sort()).toEqual([
      'custom_validation_failed height',
      'custom_validation_failed image',
      'custom_validation_failed model_file',
      'custom_validation_failed width',
    ]);
    expect(faults('Load3D', { ...inputs, model_file: 'none' })).toEqual([]);
  });

  it('a link is given as nothing', () => {
    const prompt = { ...preview('LoadImage', { image: ['3', 0] }), '3': node('PrimitiveString', { value: 'a.png' }) };
    expect(told(judge(prompt))['1']?.[0]).toMatch(/^exception_during_inner_validation/);
  });

  test.each<[string, string[], string[]]>([
    ['16:9', [], []],
    ['1:4', [], []],
    ['1:5', ['exception'], ['custom_validation_failed aspect_ratio']],
    ['9:2', ['exception'], ['custom_validation_failed aspect_ratio']],
    ['0:1', ['exception'], ['custom_validation_failed aspect_ratio']],
    ['1:0', ['exception'], ['custom_validation_failed aspect_ratio']],
    ['-1:-1', ['exception'], []],
    ['1_6: 9', [], []],
    ['a:b', ['exception'], ['custom_validation_failed aspect_ratio']],
  ])('a ratio of %s is raised or told', (aspect_ratio, newer, older) => {
    const inputs = { prompt: '', aspect_ratio, prompt_upsampling: false, seed: 0, raw: false };
    const kinds = faults('FluxProUltraImageNode', inputs).map((one) => one.replace(/^exception_.*/, 'exception'));
    expect(kinds).toEqual(newer);
    expect(faults('FluxProUltraImageNode', inputs, OLD)).toEqual(older);
  });

  it('one that looks at the types of links itself', () => {
    const convert = (id: Json) => ({
      '1': node('TripoConversionNode', { original_model_task_id: id, format: 'GLTF' }),
      '2': node('EmptyImage', { width: 1, height: 1, batch_size: 1, color: 0 }),
    });
    expect(told(judge(convert(['2', 0])))).toEqual({ '1': ['custom_validation_failed input_types'] });
    expect(told(judge(convert('x')))).toEqual({ '1': ['exception_during_validation original_model_task_id'] });
  });

  it('movements of a camera: one must not be zero', () => {
    const still = { horizontal_movement: 0, vertical_movement: 0, pan: 0, tilt: 0, roll: 0, zoom: 0 };
    const camera = (more: object) => ({ camera_control_type: 'simple', ...still, ...more }) as Json;
    expect(faults('KlingCameraControls', camera({}), OLD)).toHaveLength(6);
    expect(faults('KlingCameraControls', camera({ zoom: 99 }), OLD)).toEqual([]);
    expect(faults('KlingCameraControls', camera({ pan: 'x' }), OLD)).toEqual(['exception_during_inner_validation pan']);
  });
});
