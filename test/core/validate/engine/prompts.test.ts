import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../../../src/base/json.ts';
import { catalogFromJson } from '../../../../src/core/catalog/catalog.ts';
import { validateAsEngine } from '../../../../src/core/validate/engine/validate-as-engine.ts';
import { judge, judgeText, NEW, node, OLD, told } from './judge.ts';

const PREVIEW = node('PreviewImage', { images: ['1', 0] });
const GOOD = { '1': node('EmptyImage', { width: 8, height: 8, batch_size: 1, color: 0 }), '2': PREVIEW };

describe('the answer [VE-2]', () => {
  it('is 200 without errors for a prompt that is right', () => {
    for (const engine of [NEW, OLD]) {
      expect(judge(GOOD, engine)).toEqual({ status: 200, error: null, node_errors: {} });
    }
  });

  it('is 400 with no_prompt where there is none', () => {
    expect(validateAsEngine({}, NEW)).toMatchObject({ status: 400, error: { type: 'no_prompt' } });
  });

  it('is 500 and no error where the code of the server raises', () => {
    expect(judge(null)).toEqual({
      status: 500,
      error: null,
      node_errors: {},
      exception: { type: 'AttributeError', message: "'NoneType' object has no attribute 'items'" },
    });
  });

  it('never is an exception of ours, whatever the prompt', () => {
    const classes = ['PreviewImage', 'EmptyImage', 'LoadImage', 'BatchImagesNode', 'ResizeImageMaskNode', 'ImageBatch'];
    const link = fc.tuple(
      fc.constantFrom<Json>('1', '2', '3', 1, null),
      fc.constantFrom<Json>(0, -1, 7, '0', null, true),
    );
    const value = fc.oneof(link, fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Json>;
    const inputs = fc.dictionary(
      fc.constantFrom('images', 'image', 'width', 'resize_type', 'images.image0', 'input', 'image1'),
      value,
    );
    const odd = fc.record({ class_type: fc.constantFrom<Json>(...classes, null, 5, ['x'], 'No'), inputs: value });
    const even = fc.record({ class_type: fc.constantFrom(...classes), inputs, _meta: fc.constant({}) });
    const prompt = fc.dictionary(fc.constantFrom('1', '2', '3', '__proto__'), fc.oneof(even, even, odd, value));
    fc.assert(
      fc.property(fc.oneof(prompt, value), value, (one, targets) => {
        for (const engine of [NEW, OLD]) {
          const request = { prompt: one as Json, partialExecutionTargets: targets };
          const before = JSON.stringify(request);
          expect([200, 400, 500]).toContain(validateAsEngine(request, engine).status);
          expect(JSON.stringify(request)).toBe(before);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is no prompt [VE-2, VE-3, VE-5]', () => {
  test.each<[string, number | string, number | string]>([
    ['[]', 500, 'prompt_no_outputs'],
    ['""', 500, 'prompt_no_outputs'],
    ['["a"]', 500, 500],
    ['5', 500, 500],
    ['{}', 'prompt_no_outputs', 'prompt_no_outputs'],
    ['{"1":null}', 500, 500],
    ['{"1":5}', 500, 500],
    ['{"1":"text"}', 500, 'invalid_prompt'],
    ['{"1":"class_type inputs"}', 500, 500],
    ['{"1":[]}', 500, 'invalid_prompt'],
    ['{"1":["class_type","inputs"]}', 500, 500],
    ['{"1":{}}', 'missing_node_type', 'invalid_prompt'],
    ['{"1":{"_meta":null}}', 500, 'invalid_prompt'],
    ['{"1":{"class_type":null,"inputs":{}}}', 'missing_node_type', 'invalid_prompt'],
    ['{"1":{"class_type":5,"inputs":{}}}', 'missing_node_type', 'invalid_prompt'],
    ['{"1":{"class_type":["a"],"inputs":{}}}', 500, 500],
    ['{"1":{"class_type":{"a":1}}}', 500, 500],
    ['{"1":{"class_type":"PreviewImage","inputs":null}}', 500, 'prompt_outputs_failed_validation'],
    ['{"1":{"class_type":"PreviewImage","inputs":"images"}}', 500, 'prompt_outputs_failed_validation'],
    ['{"1":{"class_type":"PreviewImage","inputs":["images"]}}', 500, 'prompt_outputs_failed_validation'],
    ['{"1":{"class_type":"PreviewImage"}}', 'prompt_outputs_failed_validation', 'prompt_outputs_failed_validation'],
    ['{"__proto__":{"class_type":"constructor"}}', 'missing_node_type', 'invalid_prompt'],
  ])('%s', (prompt, newer, older) => {
    for (const [engine, expected] of [
      [NEW, newer],
      [OLD, older],
    ] as const) {
      const { status, error } = judgeText(prompt, engine);
      expect(status === 500 ? 500 : error?.type).toBe(expected);
    }
  });

  it('names the first node without a known class only, reachable or not, by its title', () => {
    const verdict = judgeText(
      `{"9":${JSON.stringify(PREVIEW)},"b":{"class_type":"No","_meta":{"title":"Mine"}},"1":{"class_type":"No"}}`,
    );
    expect(verdict).toMatchObject({
      status: 400,
      error: {
        message: "Node 'Mine' not found. The custom node may not be installed.",
        details: "Node ID '#b'",
        extra_info: { node_id: 'b', class_type: 'No', node_title: 'Mine' },
      },
      node_errors: {},
    });
  });
});

describe('engines [VE-3]', () => {
  const named = (engine: string) => catalogFromJson({ ...(NEW.toJson() as object), engine } as Json);

  test.each([
    ['0.33.0', 'missing_node_type'],
    ['v0.40.1', 'missing_node_type'],
    ['my-server.json', 'missing_node_type'],
    ['0.32.9', 'invalid_prompt'],
    ['0.3.64', 'invalid_prompt'],
    ['0.1', 'invalid_prompt'],
  ])('%s answers %s', (engine, type) => {
    expect(judge({ '1': node('No') }, named(engine)).error?.type).toBe(type);
  });
});

describe('outputs [VE-6]', () => {
  const two = JSON.stringify({ ...GOOD, '12': PREVIEW });

  test.each<[string, number | string]>([
    ['null', 200],
    ['["2"]', 200],
    ['["12","nope"]', 200],
    ['[]', 'prompt_no_outputs'],
    ['["nope"]', 'prompt_no_outputs'],
    ['["1"]', 'prompt_no_outputs'],
    ['"12"', 200],
    ['"x"', 'prompt_no_outputs'],
    ['{"2":0}', 200],
    ['5', 500],
    ['true', 500],
  ])('targets %s', (targets, expected) => {
    const { status, error } = judgeText(two, NEW, targets);
    expect(status === 400 ? error?.type : status).toBe(expected);
  });

  it('one good output is enough; bad ones are reported with 200', () => {
    const verdict = judge({ ...GOOD, '3': node('PreviewImage') });
    expect(verdict).toMatchObject({ status: 200, error: null });
    expect(told(verdict)).toEqual({ '3': ['required_input_missing images'] });
  });

  it('without any: 400, and the details are those of the outputs', () => {
    expect(judge({ '3': node('PreviewImage') })).toMatchObject({
      status: 400,
      error: { type: 'prompt_outputs_failed_validation', details: 'Required input is missing: images' },
      node_errors: { '3': { class_type: 'PreviewImage', dependent_outputs: ['3'] } },
    });
  });
});

describe('classes that are gone [VE-4]', () => {
  it('are replaced with their inputs and those that the new class needs', () => {
    const image = ['1', 0];
    const by = { image, upscale_method: 'area', scale_by: 2 };
    expect(
      judge({ ...GOOD, '4': node('ImageScaleBy', by), '5': node('PreviewImage', { images: ['4', 0] }) }).status,
    ).toBe(200);
    const without = catalogFromJson({ ...(NEW.toJson() as { nodes: object }), engine: '0.33.0' } as Json);
    expect(without.node('T2IAdapterLoader')).toBeUndefined();
    const loader = {
      '1': node('T2IAdapterLoader', { t2i_adapter_name: 'x' }),
      '2': node('PreviewAny', { source: ['1', 0] }),
    };
    expect(told(judge(loader))).toEqual({ '1': ['value_not_in_list control_net_name'] });
    expect(judge(loader, OLD).error?.type).toBe('invalid_prompt');
  });

  it('where the table names no inputs, none are passed on', () => {
    const prompt = { '1': node('Load3DAnimation', { width: 5 }), '2': node('PreviewAny', { source: ['1', 0] }) };
    const types = told(judge(prompt))['1'] as string[];
    expect(types).toEqual(['exception_during_inner_validation model_file']);
  });

  it('need _meta, and the inputs that are mapped', () => {
    const gone = { class_type: 'T2IAdapterLoader', inputs: { t2i_adapter_name: 'x' } };
    expect(judge({ '1': gone }).exception).toEqual({ type: 'KeyError', message: "'_meta'" });
    expect(judge({ '1': { ...gone, _meta: 'x' } }).exception?.type).toBe('AttributeError');
    expect(judge({ '1': node('T2IAdapterLoader') }).exception).toEqual({
      type: 'KeyError',
      message: "'t2i_adapter_name'",
    });
  });

  it('lead links to the slots that moved: a slot that was a float becomes the integer', () => {
    const old = node('ResizeImagesByLongerEdge', { images: ['1', 0], longer_edge: 64 });
    const prompt = JSON.stringify({ ...GOOD, '3': old, '4': node('PreviewImage', { images: ['3', 'SLOT'] }) });
    expect(judgeText(prompt.replace('"SLOT"', '0.0')).status).toBe(200);
    expect(told(judgeText(prompt.replace('"SLOT"', '0.5')))).toEqual({ '4': ['exception_during_validation images'] });
  });
});
