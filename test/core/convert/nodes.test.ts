import { describe, expect, test } from 'vitest';
import { codesOf, convert, drawn, inputsOf } from './page.ts';

describe('widgets and their values', () => {
  test('[CV-11] required, then optional inputs in the order of the definition; controls and buttons are not sent', () => {
    const document = drawn([
      { id: 1, type: 'Sampler', values: [42, 'fixed', 30] },
      { id: 2, type: 'Picture', values: ['cat.png', 'image'] },
    ]);
    expect(inputsOf(document)).toEqual({ '1': { seed: 42, steps: 30 }, '2': { image: 'cat.png' } });
  });

  test('[CV-11] a widget of which the file says nothing holds what its definition says', () => {
    expect(inputsOf(drawn([{ id: 1, type: 'Sampler', values: [42] }]))['1']).toEqual({ seed: 42, steps: 20 });
    expect(inputsOf(drawn([{ id: 1, type: 'Loader' }]))['1']).toEqual({ name: 'a' });
  });

  test('[CV-17] values go by name where the file names them, and a disagreement is remarked on', () => {
    const document = drawn([
      {
        id: 1,
        type: 'Sampler',
        values: [42, 'fixed', 30],
        named: { steps: 31, seed: 42, control_after_generate: 'fixed' },
      },
    ]);
    expect(inputsOf(document)['1']).toEqual({ seed: 42, steps: 31 });
    expect(convert(document).diagnostics).toMatchObject([
      { code: 'COPIES_DISAGREE', severity: 'warning', node: '1', input: 'steps' },
    ]);
  });

  test('[CV-17] a value that old pages saved for an input without a widget is passed over', () => {
    expect(inputsOf(drawn([{ id: 1, type: 'Forced', values: ['', 640, 480] }]))['1']).toEqual({
      width: 640,
      height: 480,
    });
    expect(inputsOf(drawn([{ id: 1, type: 'Forced', values: [640, 480] }]))['1']).toEqual({ width: 640, height: 480 });
  });

  test('[CV-17] values too many, and of another type than their widget, are remarked on', () => {
    expect(codesOf(drawn([{ id: 1, type: 'Forced', values: [1, 2, 3, 4] }]))).toEqual(['VALUE_COUNT']);
    const swapped = drawn([{ id: 1, type: 'Sampler', values: ['euler', 'fixed', 30] }]);
    expect(inputsOf(swapped)['1']).toEqual({ seed: 'euler', steps: 30 });
    expect(convert(swapped).diagnostics).toMatchObject([{ code: 'VALUE_MISFIT', input: 'seed' }]);
  });

  test('[CV-9] lists are wrapped, since a list is a link; curves are marked', () => {
    const curve = { points: [[0, 0], [1, 1]], interpolation: 'linear' }; // biome-ignore format: a pair of points
    const document = drawn([{ id: 1, type: 'Boxes', named: { points: [{ x: 1 }], curve } }]);
    expect(inputsOf(document)['1']).toEqual({
      points: { __value__: [{ x: 1 }] },
      curve: { __type__: 'CURVE', __value__: curve },
    });
  });

  test('[CV-18] integers beyond 2^53 become doubles, with a remark', () => {
    const document = drawn([{ id: 1, type: 'Sampler', named: { seed: 18446744073709551615n, steps: 3 } }]);
    expect(inputsOf(document)['1']!.seed).toBe(18446744073709552000);
    expect(codesOf(document)).toEqual(['NUMBER_ROUNDED']);
  });

  test('[CV-19] a list without a value gets its first option; `sample_` goes from the names of samplers', () => {
    expect(inputsOf(drawn([{ id: 1, type: 'KSampler', values: ['sample_ddim'] }]))['1']).toEqual({
      sampler_name: 'ddim',
    });
    expect(inputsOf(drawn([{ id: 1, type: 'KSampler', values: [null] }]))['1']).toEqual({ sampler_name: 'euler' });
  });
});

describe('inputs that depend on values and links', () => {
  test('[CV-12] the key of a dynamic combo decides which inputs stand below it', () => {
    const by = drawn([{ id: 1, type: 'Resize', values: ['by', 3, 'nearest'] }]);
    expect(inputsOf(by)['1']).toEqual({ mode: 'by', 'mode.factor': 3, method: 'nearest' });
    const to = drawn([{ id: 1, type: 'Resize', values: ['to', 64, 32, 'area'] }]);
    expect(inputsOf(to)['1']).toEqual({ mode: 'to', 'mode.width': 64, 'mode.height': 32, method: 'area' });
  });

  test('[CV-12] an input below an option that is not chosen is not sent, linked or not', () => {
    const nodes = [
      { id: 1, type: 'Picture', values: ['cat.png', 'image'], outputs: ['IMAGE'] },
      { id: 2, type: 'Resize', values: ['by', 3, 'nearest'], sockets: [['mode.other', 'IMAGE'] as const] },
    ];
    expect(inputsOf(drawn(nodes, [[1, 0, 2, 'mode.other', 'IMAGE']]))['2']).not.toHaveProperty('mode.other');
    const like = [nodes[0]!, { ...nodes[1]!, values: ['like', 'area'] }];
    expect(inputsOf(drawn(like, [[1, 0, 2, 'mode.other', 'IMAGE']]))['2']).toEqual({
      mode: 'like',
      'mode.other': ['1', 0],
      method: 'area',
    });
  });

  test('[CV-12] an option the catalog does not have is remarked on', () => {
    const document = drawn([{ id: 1, type: 'Resize', named: { mode: 'new', 'mode.depth': 4, method: 'area' } }]);
    expect(inputsOf(document)['1']).toEqual({ mode: 'new', method: 'area' });
    expect(convert(document).diagnostics).toMatchObject([{ code: 'OPTION_UNKNOWN', input: 'mode' }]);
  });

  test('[CV-13] growing inputs are there as far as they are linked', () => {
    const pictures = [1, 2, 3].map((id) => ({ id, type: 'Picture', values: ['cat.png', 'image'], outputs: ['IMAGE'] }));
    const document = drawn(
      [...pictures, { id: 4, type: 'Batch' }],
      pictures.map(({ id }, i) => [id, 0, 4, `images.image${i}`, 'IMAGE'] as const),
    );
    expect(inputsOf(document)['4']).toEqual({
      'images.image0': ['1', 0],
      'images.image1': ['2', 0],
      'images.image2': ['3', 0],
    });
  });

  test('[CV-14] a link goes before the value of its widget; a socket of a widget that is not there goes', () => {
    const document = drawn(
      [
        { id: 1, type: 'Words', values: ['a', 'b'], outputs: ['STRING'] },
        {
          id: 2,
          type: 'Words',
          values: ['own', 'b'],
          sockets: [
            ['text', 'STRING', 'text'],
            ['gone', 'STRING', 'gone'],
          ],
        },
      ],
      [
        [1, 0, 2, 'text', 'STRING'],
        [1, 0, 2, 'gone', 'STRING'],
      ],
    );
    expect(inputsOf(document)['2']).toEqual({ text: ['1', 0], note: 'b' });
  });
});

describe('values that the page makes', () => {
  test('[CV-15] a CustomCombo sends which of its options is chosen', () => {
    const document = drawn([{ id: 1, type: 'CustomCombo', values: ['two', 0, 'one', 'two', ''] }]);
    expect(inputsOf(document)['1']).toEqual({ choice: 'two', index: 1, option1: 'one', option2: 'two', option3: '' });
  });

  test('[CV-16] names of files take dates and values of other nodes', () => {
    const document = drawn([
      { id: 1, type: 'Sampler', values: [42, 'fixed', 30], title: 'Main' },
      { id: 2, type: 'SaveImage', values: ['%date:yyyy-MM-dd_hhmmss%/%Main.steps%-%Nobody.x%'] },
      {
        id: 3,
        type: 'Words',
        values: ['%Main.steps%', ''],
        title: 'Other',
        properties: { 'Node name for S&R': 'Named' },
      },
      { id: 4, type: 'SaveImage', values: ['%Named.note%%Sampler.seed%%Words.note%%Sampler.model%'] },
    ]);
    expect(inputsOf(document)['2']).toEqual({ filename_prefix: '2026-03-05_090807/30-%Nobody.x%' });
    expect(inputsOf(document)['3']).toEqual({ text: '%Main.steps%', note: '' });
    // By the name it was given, else by its class.
    expect(inputsOf(document)['4']).toEqual({ filename_prefix: '42%Words.note%%Sampler.model%' });
  });

  test('[CV-16] texts lose their comments, and one of each {a|b} is taken, with a remark', () => {
    const document = drawn([
      { id: 1, type: 'Words', values: ['a {red|{big|small}} cat // why\n\\{x\\} /* no */', '{a|b}'] },
    ]);
    expect(inputsOf(document)['1']).toEqual({ text: 'a small cat \n{x} ', note: '{a|b}' });
    expect(codesOf(document)).toEqual(['CHOICE_BY_CHANCE']);
  });

  test('[CV-16] the camera of a 3D view is the one the file remembers with its model, else the first', () => {
    const state = { position: { x: 1, y: 2, z: 3 } };
    const remembered = { 'Last Time Model File': 'a.glb', 'Camera Config': { state } };
    const view = (properties: Record<string, never> | typeof remembered) =>
      inputsOf(drawn([{ id: 1, type: 'Preview3DAdvanced', values: ['', 200, 100], properties }]))['1']!.viewport_state;
    expect(view(remembered)).toMatchObject({ camera_info: state, image: '', model_3d_info: [] });
    expect(view({})).toMatchObject({ camera_info: { aspect: 2, fov: 35, frustum: { left: -10, top: 5 } } });
  });

  test('[CV-16] a picture that only a browser can draw is left out, with a remark; nothing was recorded', () => {
    const document = drawn([
      { id: 1, type: 'Load3D', values: ['none', 'upload3dmodel', 'uploadExtraResources', 'clear', ''] },
      { id: 2, type: 'RecordAudio', values: ['old', ''] },
    ]);
    expect(inputsOf(document)['1']).not.toHaveProperty('image');
    expect(inputsOf(document)['2']).toEqual({ audio: '' });
    expect(codesOf(document)).toEqual(['BROWSER_VALUE']);
  });
});

describe('classes the catalog does not have', () => {
  test('[CV-23] are sent as the file names their values, with a remark', () => {
    const document = drawn([{ id: 1, type: 'Custom', named: { strength: 2, control_after_generate: 'fixed' } }]);
    expect(inputsOf(document)['1']).toEqual({ strength: 2 });
    expect(convert(document).diagnostics).toMatchObject([
      { code: 'CLASS_UNKNOWN', severity: 'warning', class_type: 'Custom' },
    ]);
  });

  test('[CV-23] are refused where a value has no name, unless they are not sent', () => {
    const draft = { id: 1, type: 'Custom', values: [1, 2] };
    expect(convert(drawn([draft])).diagnostics).toMatchObject([
      { code: 'VALUE_UNNAMED', severity: 'error', node: '1' },
    ]);
    expect(codesOf(drawn([{ ...draft, mode: 4 }]))).toEqual([]);
  });
});
