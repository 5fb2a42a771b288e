import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  comparable,
  type Measurement,
  type MeasureRequest,
  measureImage,
  type Provenance,
} from '../../../src/io/metrics/measure.ts';
import type { ModelKind } from '../../../src/io/metrics/metric.ts';
import type { ModelManifest } from '../../../src/io/metrics/models/manifest.ts';
import { openShelf, type Shelf } from '../../../src/io/metrics/models/shelf.ts';
import { cosine, maximumMeanDiscrepancy, unit } from '../../../src/io/metrics/models/vectors.ts';
import type { Picture } from '../../../src/io/metrics/picture.ts';
import { preprocess } from '../../../src/io/metrics/preprocess.ts';
import { animated, encoded, scene } from './images.ts';
import { install, tinyFiles, tinyHead, values } from './model-folder.ts';
import { safetensors, textNetwork, tinyTokenizer, visionNetwork, wrongShapeNetwork } from './tiny-onnx.ts';

let folder: string;
let shelf: Shelf;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cwf-models-'));
  shelf = openShelf();
});
afterEach(async () => {
  await shelf.clear();
  rmSync(folder, { recursive: true, force: true });
});

type Asked = Omit<Partial<MeasureRequest>, 'image'> & { image?: Picture };

async function measure(
  models: readonly ModelManifest[],
  metrics: readonly string[],
  asked: Asked = {},
): Promise<readonly Measurement[]> {
  const { image = scene(1), ...rest } = asked;
  const request = { image: { bytes: await encoded(image), name: 'x.png' }, metrics, ...rest };
  return (await measureImage(request, { models, modelFolders: [folder] }, shelf)).measurements;
}

function scored(measurement: Measurement | undefined): number {
  if (measurement?.kind !== 'value') throw new Error(JSON.stringify(measurement));
  return measurement.value;
}

const clip = () => install(folder, 'tiny', 'clip', tinyFiles());

/** What the tiny vision network says of an image, computed here. */
function visionByHand(image: Picture): Float32Array {
  const pixels = preprocess(image, 'clip-224-pil-bicubic@1');
  const kernel = values(1, 384);
  const projection = values(2, 128);
  const means = new Float64Array(8);
  for (let f = 0; f < 8; f++) {
    for (let y = 0; y < 14; y++)
      for (let x = 0; x < 14; x++) {
        let sum = 0;
        for (let c = 0; c < 3; c++)
          for (let i = 0; i < 4; i++)
            for (let j = 0; j < 4; j++)
              sum += kernel[((f * 3 + c) * 4 + i) * 4 + j]! * pixels[(c * 224 + y * 16 + i) * 224 + x * 16 + j]!;
        means[f]! += Math.tanh(sum) / 196;
      }
  }
  const out = Float32Array.from({ length: 16 }, (_, k) =>
    means.reduce((sum, mean, f) => sum + mean * projection[f * 16 + k]!, 0),
  );
  return unit(out, () => new Error('no direction'));
}

/** What the tiny text network says of tokens. */
function textByHand(ids: readonly number[]): Float32Array {
  const table = values(3, Object.keys(tinyTokenizer().vocab).length * 8);
  const projection = values(4, 128);
  const mean = Array.from({ length: 8 }, (_, f) => ids.reduce((sum, id) => sum + table[id * 8 + f]!, 0) / ids.length);
  const out = Float32Array.from({ length: 16 }, (_, k) =>
    mean.reduce((sum, m, f) => sum + m * projection[f * 16 + k]!, 0),
  );
  return unit(out, () => new Error('no direction'));
}

function idsOf(words: readonly string[]): number[] {
  const { vocab } = tinyTokenizer();
  const ids = ['<|startoftext|>', ...words].map((word) => vocab[word]!);
  return [...ids, ...new Array<number>(77 - ids.length).fill(vocab['<|endoftext|>']!)];
}

describe('the CLIP family end to end', () => {
  const text = ['photo</w>', 'of</w>', 'a</w>', 'cat</w>'];

  it('scores as computed by hand, with everything the value was made with [MT-9, MT-10]', async () => {
    const models = [clip()];
    const [similarity, score] = await measure(models, ['clip-similarity', 'clip-score'], {
      prompt: 'Photo of  a (cat:1.3)',
    });
    const image = visionByHand(scene(1));
    const wanted = cosine(image, textByHand(idsOf(text)));
    expect(scored(similarity)).toBeCloseTo(wanted, 5);
    const prefixed = ['a</w>', 'photo</w>', 'd', 'e', 'p', 'i', 'c', 't', 's</w>', ...text];
    const raw = cosine(image, textByHand(idsOf(prefixed)));
    expect(scored(score)).toBeCloseTo(2.5 * Math.max(raw, 0), 5);
    expect(score).toMatchObject({ evidence: { cosine: expect.closeTo(raw, 5) } });
    expect(similarity).toMatchObject({
      evidence: { percent: 100 * Math.max(scored(similarity), 0) },
      provenance: {
        metric: 'clip-similarity',
        version: 1,
        model: 'tiny',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        preprocess: 'clip-224-pil-bicubic@1',
        runtime: expect.stringMatching(/^onnxruntime-node 1\./),
        prompt: expect.stringMatching(/^[0-9a-f]{64}$/),
        truncated: false,
      },
    });
    const [a, b] = [similarity, score].map((each) => (each as { provenance: Provenance }).provenance) as [
      Provenance,
      Provenance,
    ];
    expect(comparable(a, a)).toBe(true);
    expect(comparable(a, b)).toBe(false);
    expect(a.prompt).not.toBe(b.prompt);
  });

  it('CLIPScore is 2.5 times the cosine of the prefixed prompt, and never negative [MT-10]', async () => {
    const models = [clip()];
    for (const prompt of ['cat', 'dog', 'zzz 999', 'of of of', '']) {
      const [score] = await measure(models, ['clip-score'], { prompt });
      const { cosine: raw } = (score as unknown as { evidence: { cosine: number } }).evidence;
      expect(scored(score)).toBe(2.5 * Math.max(raw, 0));
    }
  });

  it('a long prompt is cut and says so [MT-10]', async () => {
    const models = [clip()];
    const [long] = await measure(models, ['clip-similarity'], { prompt: 'cat '.repeat(200) });
    expect(long).toMatchObject({ provenance: { truncated: true } });
    const [fits] = await measure(models, ['clip-similarity'], { prompt: 'cat '.repeat(75) });
    expect(fits).toMatchObject({ provenance: { truncated: false } });
    expect(scored(long)).toBe(scored(fits));
  });

  it('a batch gives what single images give', async () => {
    const model = (await shelf.get('clip', [clip()], [folder]))!;
    const images = Array.from({ length: 19 }, (_, i) => scene(i));
    const together = await model.embedImages(images);
    const other = openShelf();
    const fresh = (await other.get('clip', [install(folder, 'tiny', 'clip', tinyFiles())], [folder]))!;
    for (const [i, vector] of together.entries()) {
      const single = await fresh.embedImage(scene(i));
      expect(Math.abs(cosine(single, vector) - 1)).toBeLessThan(1e-6);
      expect(Math.max(...vector.map((value, k) => Math.abs(value - single[k]!)))).toBeLessThan(1e-6);
    }
    await other.clear();
  });

  it('networks with a fixed batch and with a mask work as well', async () => {
    const { vocab } = tinyTokenizer();
    const files = {
      ...tinyFiles(),
      'vision_model.onnx': visionNetwork(values(1, 384), values(2, 128), { batch: 2 }),
      'text_model.onnx': textNetwork(values(3, Object.keys(vocab).length * 8), values(4, 128), { mask: true }),
    };
    const fixed = await measure([install(folder, 'fixed', 'clip', files)], ['clip-similarity'], {
      prompt: 'photo of a cat',
    });
    expect(scored(fixed[0])).toBeCloseTo(cosine(visionByHand(scene(1)), textByHand(idsOf(text))), 5);
  });

  it('compares images and sets without a prompt', async () => {
    const models = [clip()];
    const reference = { bytes: await encoded(scene(2, 50, 80)), name: 'r.png' };
    const set = await Promise.all(
      [3, 4, 5].map(async (seed) => ({ bytes: await encoded(scene(seed)), name: `${seed}.png` })),
    );
    const [pair, distance] = await measure(models, ['clip-image-similarity', 'clip-mmd'], { reference, set });
    expect(scored(pair)).toBeCloseTo(cosine(visionByHand(scene(1)), visionByHand(scene(2, 50, 80))), 5);
    const wanted = maximumMeanDiscrepancy(
      [visionByHand(scene(1))],
      [3, 4, 5].map((seed) => visionByHand(scene(seed))),
    );
    expect(scored(distance)).toBeCloseTo(wanted, 3);
    expect(maximumMeanDiscrepancy([visionByHand(scene(1))], [visionByHand(scene(1))])).toBeCloseTo(0, 9);
  });

  it('an animation is scored over frames from first to last [MT-11]', async () => {
    const models = [clip()];
    const frames = Array.from({ length: 40 }, (_, i) => scene(i, 32, 24));
    const image = { bytes: await animated(frames), name: 'a.webp' };
    const report = await measureImage(
      { image, metrics: ['clip-similarity', 'luma-mean'], prompt: 'cat' },
      { models, modelFolders: [folder] },
      shelf,
    );
    const means = frames.map((frame) => frame.tones().mean);
    const luma = report.measurements[1]!;
    expect(report.frames).toBe(40);
    expect(luma).toMatchObject({ evidence: { frames: 16, drift: means[39]! - means[0]! } });
    expect(report.measurements[0]).toMatchObject({ kind: 'value', evidence: { frames: 16 } });
  });
});

it('a clip is as consistent as its frames are alike', async () => {
  const frames = [scene(1, 32, 24), scene(3, 32, 24), scene(2, 32, 24)];
  const image = { bytes: await animated(frames), name: 'a.webp' };
  const setup = { models: [clip()], modelFolders: [folder] };
  const [consistency] = (await measureImage({ image, metrics: ['clip-consistency'] }, setup, shelf)).measurements;
  const [a, b, c] = frames.map(visionByHand) as [Float32Array, Float32Array, Float32Array];
  expect(scored(consistency)).toBeCloseTo((cosine(a, b) + cosine(b, c)) / 2, 5);
  const min = Math.min(cosine(a, b), cosine(b, c));
  expect(consistency).toMatchObject({
    evidence: { min: expect.closeTo(min, 5), ends: expect.closeTo(cosine(a, c), 5) },
  });
});

describe('rewards and aesthetics', () => {
  it('aesthetic heads are applied to the vector of length 1', async () => {
    const files = { 'vision_model.onnx': tinyFiles()['vision_model.onnx']!, 'head.safetensors': tinyHead() };
    for (const kind of ['aesthetic-v1', 'aesthetic-v2'] as const) {
      const [rating] = await measure([install(folder, kind, kind, files)], [kind]);
      const weights = values(5, 16);
      const wanted = visionByHand(scene(1)).reduce((sum, value, i) => sum + value * weights[i]!, 4.5);
      expect(scored(rating)).toBeCloseTo(wanted, 5);
    }
    const [alias] = await measure([install(folder, 'aesthetic-v2', 'aesthetic-v2', files)], ['aesthetic']);
    expect(alias).toMatchObject({ kind: 'value', name: 'aesthetic', provenance: { metric: 'aesthetic-v2' } });
  });

  it('PickScore is scaled, HPS is not and has pixels of its own', async () => {
    const pick = install(folder, 'pick', 'pick-score', tinyFiles(), { logit_scale: Math.log(100) });
    const hps = install(folder, 'hps', 'hps-v2', tinyFiles(), { preprocess: 'hps-224-torch-bicubic@1' });
    const [a, b] = await measure([pick, hps], ['pick-score', 'hps-v2'], { prompt: 'photo of a cat' });
    const wanted = cosine(visionByHand(scene(1)), textByHand(idsOf(['photo</w>', 'of</w>', 'a</w>', 'cat</w>'])));
    expect(scored(a)).toBeCloseTo(100 * wanted, 3);
    expect(scored(b)).not.toBeCloseTo(wanted, 3);
    expect(Math.abs(scored(b))).toBeLessThanOrEqual(1);
    expect(b).toMatchObject({ provenance: { preprocess: 'hps-224-torch-bicubic@1' } });
  });
});

describe('what cannot run says so, and never 0 [MT-12]', () => {
  async function reason(models: readonly ModelManifest[], metric: string, asked: Asked = {}): Promise<string> {
    const [measurement, other] = await measure(models, [metric, 'luma-mean'], asked);
    // The others are measured all the same.
    expect(other).toMatchObject({ kind: 'value' });
    if (measurement!.kind !== 'unavailable') throw new Error(JSON.stringify(measurement));
    expect(measurement!.hint.length).toBeGreaterThan(10);
    expect(measurement).not.toHaveProperty('value');
    return `${measurement!.code ?? '-'} ${measurement!.reason}`;
  }

  it('without a model, a prompt, a reference, a set or frames', async () => {
    expect(await reason([], 'clip-score', { prompt: 'cat' })).toMatch(/no model of the kind clip/);
    expect(await reason([clip()], 'clip-score')).toMatch(/no prompt/);
    expect(await reason([clip()], 'clip-mmd')).toMatch(/no set/);
    expect(await reason([], 'psnr')).toMatch(/no image to compare/);
    expect(await reason([], 'flicker')).toMatch(/no frames/);
  });

  const damage: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    'it is cut off': (bytes) => bytes.subarray(0, bytes.length - 9),
    'it has': (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
    'its sha256 is': (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]),
    'it is a HTML page': () => Buffer.from('<!DOCTYPE html><html><body>Sign in</body></html>'),
    'it is a Git LFS pointer': () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
  };

  it.each(Object.entries(damage))('when a file is not the pinned one: %s', async (message, change) => {
    for (const file of ['vision_model.onnx', 'tokenizer.json']) {
      const model = clip();
      const path = join(folder, 'tiny', file);
      writeFileSync(path, change(tinyFiles()[file]!));
      const told = await reason([model], 'clip-score', { prompt: 'cat' });
      expect(told).toMatch(/^MODEL_INVALID/);
      expect(told).toContain(message);
      expect(told).toContain(file);
      writeFileSync(path, tinyFiles()[file]!);
    }
    // Mended files are found without a restart.
    expect(scored((await measure([clip()], ['clip-score'], { prompt: 'cat' }))[0])).toBeGreaterThanOrEqual(0);
  });

  it('when a file is missing: which one, and where it was looked for', async () => {
    const model = clip();
    rmSync(join(folder, 'tiny', 'text_model.onnx'));
    const told = await reason([model], 'clip-score', { prompt: 'cat' });
    expect(told).toMatch(/^MODEL_MISSING.*tiny\/text_model\.onnx/);
    expect(told).toContain(folder);
  });

  it('when a pinned file is no network, or another one', async () => {
    const files = tinyFiles();
    const head = { 'head.safetensors': tinyHead() };
    const vision = { 'vision_model.onnx': files['vision_model.onnx']! };
    const cases: readonly (readonly [string, RegExp, ModelKind, Record<string, Buffer>])[] = [
      [
        'cut',
        /no ONNX model, or cut off/,
        'clip',
        { 'vision_model.onnx': files['vision_model.onnx']!.subarray(0, 900) },
      ],
      ['text', /does not take float32\[N, 3, 224, 224\]/, 'clip', { 'vision_model.onnx': files['text_model.onnx']! }],
      [
        'small',
        /does not take float32\[N, 3, 224, 224\]/,
        'clip',
        { 'vision_model.onnx': visionNetwork(values(1, 384), values(2, 128), { side: 64 }) },
      ],
      [
        'name',
        /no output image_embeds, only pooled/,
        'clip',
        { 'vision_model.onnx': visionNetwork(values(1, 384), values(2, 128), { output: 'pooled' }) },
      ],
      ['shape', /not one vector of float32/, 'clip', { 'vision_model.onnx': wrongShapeNetwork() }],
      ['zero', /no direction/, 'clip', { 'vision_model.onnx': visionNetwork(values(1, 384), new Float32Array(128)) }],
      [
        'nan',
        /no direction/,
        'clip',
        { 'vision_model.onnx': visionNetwork(values(1, 384), new Float32Array(128).fill(Number.NaN)) },
      ],
      ['vision', /not input_ids/, 'clip', { 'text_model.onnx': files['vision_model.onnx']! }],
      ['page', /is a HTML page/, 'clip', { 'vision_model.onnx': Buffer.from('<!DOCTYPE html><title>Sign in</title>') }],
      ['words', /no tokenizer/, 'clip', { 'tokenizer.json': Buffer.from('{"model": 1}') }],
      ['json', /no tokenizer/, 'clip', { 'tokenizer.json': Buffer.from('{"model":') }],
    ];
    for (const [id, message, kind, changed] of cases) {
      const model = install(folder, id, kind, { ...files, ...changed });
      expect(await reason([model], 'clip-similarity', { prompt: 'cat' }), id).toMatch(message);
    }
    const heads: readonly (readonly [string, RegExp, Buffer])[] = [
      [
        'h-size',
        /takes 9 values, and the network makes 16/,
        safetensors({ weight: { shape: [1, 9], values: [...values(1, 9)] } }),
      ],
      ['h-cut', /have|longer/, tinyHead().subarray(0, 90)],
      ['h-page', /is a HTML page/, Buffer.from('<html><body>404</body></html>')],
      [
        'h-extra',
        /not a chain/,
        safetensors({ weight: { shape: [1, 16], values: [...values(1, 16)] }, mean: { shape: [1], values: [1] } }),
      ],
    ];
    for (const [id, message, bytes] of heads) {
      const model = install(folder, id, 'aesthetic-v2', { ...vision, ...head, 'head.safetensors': bytes });
      expect(await reason([model], 'aesthetic-v2'), id).toMatch(message);
    }
  });

  it('when the manifest has no text network and a prompt is to be scored', async () => {
    const model = install(folder, 'blind', 'clip', { 'vision_model.onnx': tinyFiles()['vision_model.onnx']! });
    expect(await reason([model], 'clip-score', { prompt: 'cat' })).toMatch(/the manifest has none/);
  });
});

it('a model is loaded once, and again only after it was released [MT-9]', async () => {
  const manifest = clip();
  const first = await shelf.get('clip', [manifest], [folder]);
  expect(await shelf.get('clip', [manifest], [folder])).toBe(first);
  await shelf.clear();
  expect(await shelf.get('clip', [manifest], [folder])).not.toBe(first);
});
