import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelFolders } from '../../../src/io/metrics/models/files.ts';
import { applyHead, foldHead } from '../../../src/io/metrics/models/head.ts';
import { readManifests } from '../../../src/io/metrics/models/manifest.ts';
import { plainPrompt } from '../../../src/io/metrics/models/prompt.ts';
import { readSafetensors } from '../../../src/io/metrics/models/safetensors.ts';
import { manifestJson, tinyFiles, values } from './model-folder.ts';
import { safetensors, safetensorsOf } from './tiny-onnx.ts';

const fail = (reason: string) => new Error(reason);

describe('safetensors [MT-13]', () => {
  const refused = (bytes: Buffer) => {
    try {
      readSafetensors(bytes, fail);
    } catch (error) {
      return (error as Error).message;
    }
    return 'read';
  };
  const entry = (from: number, to: number, shape = '[2]') =>
    `{"dtype":"F32","shape":${shape},"data_offsets":[${from},${to}]}`;

  it('reads what it was written from, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.float({ noNaN: true }), { maxLength: 5 }), { maxLength: 4 }), (lists) => {
        const tensors = Object.fromEntries(lists.map((list, i) => [`t${i}`, { shape: [list.length], values: list }]));
        const read = readSafetensors(safetensors(tensors), fail);
        expect([...read.keys()].sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, { shape, values: wanted }] of Object.entries(tensors)) {
          expect(read.get(name)!.shape).toEqual(shape);
          expect([...read.get(name)!.values]).toEqual(wanted);
        }
      }),
    );
  });

  it('reads half and brain floats', () => {
    const body = Buffer.alloc(12);
    for (const [i, bits] of [0x3c00, 0xc000, 0x0001, 0x7bff].entries()) body.writeUInt16LE(bits, i * 2);
    for (const [i, bits] of [0x3f80, 0xc040].entries()) body.writeUInt16LE(bits, 8 + i * 2);
    const header =
      '{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}}';
    const read = readSafetensors(safetensorsOf(header, body), fail);
    expect([...read.get('a')!.values]).toEqual([1, -2, 2 ** -24, 65504]);
    expect([...read.get('b')!.values]).toEqual([1, -3]);
  });

  it('refuses lengths, names and offsets that lie', () => {
    expect(refused(Buffer.alloc(5))).toMatch(/too short/);
    expect(refused(safetensorsOf('{}', Buffer.alloc(0), 2n ** 63n))).toMatch(/9223372036854775808 bytes/);
    expect(refused(safetensorsOf('{}', Buffer.alloc(0), 200n * 2n ** 20n))).toMatch(/would have/);
    expect(refused(safetensorsOf('{}', Buffer.alloc(0), 500n))).toMatch(/longer than the file/);
    expect(refused(safetensorsOf('[]'))).toMatch(/begin with/);
    expect(refused(safetensorsOf('{"a":'))).toMatch(/JSON/);
    const body = Buffer.alloc(16);
    expect(refused(safetensorsOf(`{"a":${entry(0, 8)},"a":${entry(8, 16)}}`, body))).toMatch(/twice/);
    expect(refused(safetensorsOf(`{"a":${entry(0, 8)},"b":${entry(4, 12)}}`, body))).toMatch(/overlaps/);
    expect(refused(safetensorsOf(`{"a":${entry(8, 16)}}`, body))).toMatch(/gap/);
    expect(refused(safetensorsOf(`{"a":${entry(0, 8)}}`, body))).toMatch(/the file 16/);
    expect(refused(safetensorsOf(`{"a":${entry(0, 80, '[20]')}}`, body))).toMatch(/the file 16/);
    expect(refused(safetensorsOf(`{"a":${entry(0, 12)}}`, body))).toMatch(/its shape 8/);
    expect(refused(safetensorsOf(`{"a":${entry(-8, 0)}}`, body))).toMatch(/no two places/);
    expect(refused(safetensorsOf(`{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, body))).toMatch(/I64/);
    expect(refused(safetensorsOf('{"a":7}', body))).toMatch(/not described/);
  });
});

describe('folding of heads', () => {
  it('five linear layers are one: the same value for any vector', () => {
    const sizes = [24, 16, 8, 6, 4, 1];
    const tensors: Record<string, { shape: number[]; values: number[] }> = {};
    for (let i = 0; i < 5; i++) {
      const [inputs, outputs] = [sizes[i]!, sizes[i + 1]!];
      tensors[`layers.${i * 2}.weight`] = { shape: [outputs, inputs], values: [...values(i + 1, outputs * inputs)] };
      tensors[`layers.${i * 2}.bias`] = { shape: [outputs], values: [...values(i + 50, outputs)] };
    }
    const head = foldHead(readSafetensors(safetensors(tensors), fail), fail);
    for (let seed = 0; seed < 20; seed++) {
      const input = values(seed + 100, 24);
      let layer = [...input];
      for (let i = 0; i < 5; i++) {
        const { shape, values: weight } = tensors[`layers.${i * 2}.weight`]!;
        layer = Array.from({ length: shape[0]! }, (_, out) =>
          layer.reduce(
            (sum, v, k) => sum + v * weight[out * shape[1]! + k]!,
            tensors[`layers.${i * 2}.bias`]!.values[out]!,
          ),
        );
      }
      expect(applyHead(head, input)).toBeCloseTo(layer[0]!, 5);
    }
  });

  it('layers go by number, not by name, and must fit', () => {
    const layer = (outputs: number, inputs: number, value: number) => ({
      shape: [outputs, inputs],
      values: new Array<number>(outputs * inputs).fill(value),
    });
    const tensors = { 'mlp.10.weight': layer(1, 2, 3), 'mlp.9.weight': layer(2, 4, 0.5) };
    expect([...foldHead(readSafetensors(safetensors(tensors), fail), fail).weights]).toEqual([3, 3, 3, 3]);
    const odd = { 'a.0.weight': layer(3, 4, 1), 'a.1.weight': layer(1, 2, 1) };
    expect(() => foldHead(readSafetensors(safetensors(odd), fail), fail)).toThrow(/3 outputs, and 2/);
    const wide = { 'a.0.weight': layer(2, 4, 1) };
    expect(() => foldHead(readSafetensors(safetensors(wide), fail), fail)).toThrow(/2 outputs, and 1/);
    const vector = { weight: { shape: [4], values: [1, 2, 3, 4] } };
    expect(() => foldHead(readSafetensors(safetensors(vector), fail), fail)).toThrow(/no matrix/);
    expect(() => foldHead(readSafetensors(safetensors({}), fail), fail)).toThrow(/not a chain/);
  });
});

describe('manifests [MT-9]', () => {
  const good = manifestJson('tiny', 'clip', tinyFiles());
  const refused = (json: object) => {
    try {
      readManifests(JSON.stringify(json), 'models.json');
    } catch (error) {
      return (error as Error).message;
    }
    return 'read';
  };

  it('one or a list of them, with roles by the names of files', () => {
    const [manifest] = readManifests(JSON.stringify([good]), 'models.json');
    expect(manifest).toMatchObject({
      id: 'tiny',
      kind: 'clip',
      outputs: { image: 'image_embeds', text: 'text_embeds' },
    });
    expect(manifest!.files.map(({ role }) => role)).toEqual(['image', 'text', 'tokenizer', 'tokenizer-config']);
    expect(readManifests(JSON.stringify(good), 'models.json')).toEqual([manifest]);
  });

  it('say what is wrong and where', () => {
    const file = (more: object) => ({ ...good, files: [{ ...(good as { files: object[] }).files[0], ...more }] });
    expect(refused([good, good])).toMatch(/tiny stands twice/);
    expect(refused([good, { ...good, id: '../x' }])).toMatch(/^models\.json: \[1\]: id: \.\.\/x/);
    expect(refused({ ...good, kind: 'fid' })).toMatch(/kind: fid is none of clip/);
    expect(refused({ ...good, preprocess: 'toString' })).toMatch(/preprocess: toString/);
    expect(refused({ ...good, licence: undefined })).toMatch(/licence/);
    expect(refused({ ...good, source: 'hub' })).toMatch(/source/);
    expect(refused({ ...good, files: [] })).toMatch(/no list of files/);
    for (const path of [
      '../up.onnx',
      '/etc/vision_model.onnx',
      'a/../../vision_model.onnx',
      'C:\\vision_model.onnx',
      'a//b.onnx',
      'a\\b.onnx',
    ]) {
      expect(refused(file({ path })), path).toMatch(/does not lead below/);
    }
    expect(refused(file({ path: 'head.pth' }))).toMatch(/may run code/);
    expect(refused(file({ path: 'net.onnx' }))).toMatch(/role: net\.onnx does not tell/);
    expect(refused(file({ path: 'net.onnx', role: 'image' }))).toBe('read');
    expect(refused(file({ sha256: 'abc' }))).toMatch(/64 hex digits/);
    expect(refused(file({ size: 0 }))).toMatch(/size/);
    expect(refused({ ...good, kind: 'aesthetic-v2' })).toMatch(/0 of them have the role head/);
    expect(refused({ ...good, kind: 'pick-score' })).toMatch(/logit_scale/);
    expect(refused({ ...good, logit_scale: 1e9 })).toMatch(/logit_scale/);
    expect(refused([7] as never)).toMatch(/no object/);
  });

  it('models are looked for where they were asked for, in CWF_MODELS, in the cache of the user', () => {
    expect(modelFolders('/a', { CWF_MODELS: '/b:/c', XDG_CACHE_HOME: '/d', HOME: '/e' })).toEqual([
      '/a',
      '/b',
      '/c',
      join('/d', 'cwf', 'models'),
    ]);
    expect(modelFolders(undefined, { HOME: '/e' })).toEqual([join('/e', '.cache', 'cwf', 'models')]);
  });
});

describe('prompts [MT-10]', () => {
  it('lose weights, tags and tokens, and keep words and brackets that are meant', () => {
    const cases: Readonly<Record<string, string>> = {
      'a photo of a cat': 'a photo of a cat',
      'masterpiece, (1girl:1.2), <lora:foo:0.8>': 'masterpiece, 1girl,',
      '((best quality)), (a (b:1.1) c:0.9)': 'best quality, a b c',
      'cat \\(anime\\) (dog:-.5)': 'cat (anime) dog',
      'time 12:30 (noon:12:30)': 'time 12:30 noon:12',
      'open ( and ) close )': 'open and close )',
      '(unclosed:1.2': '(unclosed:1.2',
      '<|endoftext|> injected <|startoftext|>': 'injected',
      '<|end(o)ftext|>': '',
      'embedding:EasyNegative, blur': ', blur',
      '  many   spaces\n and\tlines ': 'many spaces and lines',
      '': '',
    };
    for (const [prompt, wanted] of Object.entries(cases)) expect(plainPrompt(prompt), prompt).toBe(wanted);
  });

  it('of any length and depth are read in one pass', () => {
    expect(plainPrompt(`${'('.repeat(50_000)}cat:1.1${')'.repeat(50_000)}`)).toBe('cat');
    expect(plainPrompt('<lora:'.repeat(20_000)).length).toBeGreaterThan(0);
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        (text) => !/<\|(start|end)oftext\|>/i.test(plainPrompt(text)),
      ),
    );
    const tricky = fc.array(
      fc.constantFrom('(', ')', ':1.2', '<|endoftext|>', '<|end', 'oftext|>', '\\(', 'cat', ' '),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(tricky, (parts) => !/<\|(start|end)oftext\|>/i.test(plainPrompt(parts.join('')))),
      { numRuns: 500 },
    );
  });
});
