import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { findMetric, METRICS, modelFree } from '../../../src/io/metrics/index.ts';
import { MODEL_KINDS, type Parts } from '../../../src/io/metrics/metric.ts';
import type { ClipModel } from '../../../src/io/metrics/models/clip.ts';
import { unit } from '../../../src/io/metrics/models/vectors.ts';
import type { Picture } from '../../../src/io/metrics/picture.ts';
import { filesUnder, read } from '../../architecture/sources.ts';
import { metricContract } from './contract.ts';
import { noisy, paint, scene } from './images.ts';

/** A model that says of an image what its means say; real networks are in models.test.ts. */
const model: ClipModel = {
  provenance: { model: 'means', sha256: '0', preprocess: 'none', runtime: 'none' },
  scale: 100,
  head: { weights: Float64Array.of(2, -1, 3), bias: 5 },
  embedImage: async (image) => embed(image),
  embedImages: async (images) => images.map(embed),
  embedText: async (text) => {
    const vector = unit(Float32Array.of(text.length, 1, 2), () => new Error('no direction'));
    return { vector, truncated: false, sha256: text };
  },
  release: async () => {},
};

function embed({ rgb }: Picture): Float32Array {
  const means = [0, 1, 2].map((c) => rgb.reduce((sum, value, i) => (i % 3 === c ? sum + value : sum), 1));
  return unit(Float32Array.from(means), () => new Error('no direction'));
}

function partsFor(image: Picture): Partial<Parts> {
  return {
    image,
    reference: scene(99),
    frames: [image, noisy(image, 3, 7), image],
    prompt: 'a photo of a cat',
    set: [scene(98), scene(97)],
    ...Object.fromEntries(MODEL_KINDS.map((kind) => [kind, model])),
  };
}

describe.each(METRICS)('$id keeps the contract [MT-2]:', (metric) => metricContract(metric, partsFor));

describe('the registry', () => {
  it('lists every metric once, and every file of a metric [MT-1]', () => {
    const names = METRICS.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    const registry = read('src/io/metrics/index.ts');
    const files = ['image', 'compare', 'video', 'learned'].flatMap((kind) =>
      filesUnder(`src/io/metrics/${kind}`, '.ts'),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => !registry.includes(`/${basename(file)}'`))).toEqual([]);
    const defined = files.flatMap((file) => [...read(file).matchAll(/defineMetric\(\{\s*id: ['`]([a-z0-9-]+)/g)]);
    const ids = METRICS.map(({ id }) => id);
    expect(defined.map(([, id]) => id).filter((id) => !ids.some((each) => each.startsWith(id!)))).toEqual([]);
  });

  it('measures what needs only the image when nothing is asked for', () => {
    expect(modelFree()).toContain('laplacian-variance');
    expect(modelFree()).not.toContain('psnr');
    expect(modelFree()).toHaveLength(18);
  });

  it('finds by id and alias, and says what resembles a wrong name [MT-3]', () => {
    expect(findMetric('sharpness').id).toBe('laplacian-variance');
    expect(findMetric('psnr').id).toBe('psnr');
    for (const [wrong, near] of [
      ['clip_score', 'clip-score'],
      ['sharp', 'sharpness'],
      ['PSNR', 'psnr'],
      ['aesthetics', 'aesthetic'],
    ]) {
      try {
        findMetric(wrong!);
        expect.unreachable();
      } catch (error) {
        if (!isCwfError(error, 'METRIC_NOT_FOUND')) throw error;
        expect(error.data['near'], wrong).toContain(near);
      }
    }
    expect(() => findMetric('')).toThrow();
    expect(() => findMetric('zzzz')).toThrow(/no metric zzzz/);
  });
});

describe('known values', () => {
  const value = (id: string, parts: Partial<Parts>) => {
    const result = findMetric(id).measure(parts as Parts);
    return typeof result === 'number' ? result : (result as { value: number }).value;
  };
  const grey = (level: number) => paint(64, 32, () => [level, level, level]);

  it('of flat images', () => {
    for (const id of [
      'luma-std',
      'entropy-bits',
      'laplacian-variance',
      'tenengrad',
      'noise-sigma',
      'seam-x',
      'wrap-y',
    ]) {
      expect(value(id, { image: grey(77) }), id).toBe(0);
    }
    expect(value('luma-mean', { image: grey(77) })).toBe(77);
    expect(value('luma-p99', { image: grey(77) })).toBe(77);
    expect(value('blockiness8', { image: grey(77) })).toBe(1);
    expect(value('clip-low', { image: grey(2) })).toBe(1);
    expect(value('clip-high', { image: grey(253) })).toBe(1);
  });

  it('of two tones, an edge and two levels of difference', () => {
    const halves = paint(64, 32, (x) => (x < 32 ? [0, 0, 0] : [200, 200, 200]));
    expect(value('luma-mean', { image: halves })).toBe(100);
    expect(value('luma-std', { image: halves })).toBe(100);
    expect(value('entropy-bits', { image: halves })).toBe(1);
    expect(value('luma-p50', { image: halves })).toBe(100);
    expect(findMetric('seam-x').measure({ image: halves } as Parts)).toEqual({ value: 200, evidence: { at: 32 } });
    expect(value('wrap-x', { image: halves })).toBeCloseTo(200 / (200 / 63 + 1), 10);
    expect(value('mae', { image: grey(80), reference: grey(82) })).toBe(2);
    expect(value('psnr', { image: grey(80), reference: grey(82) })).toBeCloseTo(10 * Math.log10(255 ** 2 / 4), 10);
    expect(value('image-differs', { image: grey(80), reference: grey(82) })).toBe(1);
    const dot = paint(64, 32, (x, y) => (x === 3 && y === 4 ? [80, 80, 81] : [80, 80, 80]));
    expect(value('image-differs', { image: dot, reference: grey(80) })).toBe(1 / 2048);
  });

  it('of animations', () => {
    const steady = [80, 90, 100, 110].map(grey);
    expect(value('flicker', { frames: steady })).toBeCloseTo(0, 10);
    expect(value('luma-drift', { frames: steady })).toBe(30);
    expect(value('flicker', { frames: [80, 90, 80, 90].map(grey) })).toBeCloseTo(Math.sqrt(20), 10);
    expect(value('frozen-ratio', { frames: [80, 80, 90, 90].map(grey) })).toBe(2 / 3);
    expect(
      findMetric('scene-cuts').measure({ frames: [80, 81, 200, 201].map(grey) } as Partial<Parts> as Parts),
    ).toEqual({
      value: 1,
      evidence: { first: 2 },
    });
    expect(value('first-frame-similarity', { frames: [scene(1), scene(2)], reference: scene(1) })).toBeCloseTo(1, 12);
  });
});
