import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decode } from '../../../src/io/metrics/decode.ts';
import { fingerprintOf } from '../../../src/io/metrics/fingerprint.ts';
import { findMetric } from '../../../src/io/metrics/index.ts';
import type { Measured, Parts } from '../../../src/io/metrics/metric.ts';
import type { Picture } from '../../../src/io/metrics/picture.ts';
import { withCorpus } from '../../corpus.ts';

/** Names of the reference values, and of the metrics they belong to. */
const NAMES: Readonly<Record<string, string>> = {
  lumaMean: 'luma-mean',
  lumaStd: 'luma-std',
  lumaP01: 'luma-p01',
  lumaP50: 'luma-p50',
  lumaP99: 'luma-p99',
  entropyBits: 'entropy-bits',
  clipLow: 'clip-low',
  clipHigh: 'clip-high',
  saturationMean: 'saturation-mean',
  colorfulness: 'colorfulness',
  laplacianVar: 'laplacian-variance',
  tenengrad: 'tenengrad',
  noiseSigmaImmerkaer: 'noise-sigma',
  blockiness8: 'blockiness8',
  seamX: 'seam-x',
  seamY: 'seam-y',
  wrapX: 'wrap-x',
  wrapY: 'wrap-y',
  psnrRGB: 'psnr',
  ssimY_skimage_gauss: 'ssim',
  ssimY_uniform7_skimage: 'ssim-uniform',
};

withCorpus('metrics-ref', (folder) => {
  const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  const { noReference, fullReference } = json('reference_values.json');
  const pixels: Record<string, string> = json('pixels.sha256.json');
  const names = Object.keys(pixels).map((file) => file.replace('.png', ''));

  async function read(name: string): Promise<Picture> {
    const decoded = await decode({ path: `${folder}/${name}.png` });
    if (decoded.kind !== 'decoded') throw new Error(decoded.reason);
    return decoded.frames[0]!;
  }

  async function measured(id: string, parts: Partial<Parts>): Promise<Measured> {
    const result = await findMetric(id).measure(parts as Parts);
    return typeof result === 'number' ? { value: result } : result;
  }

  /** The reference has six digits behind the point. */
  function close(value: number, wanted: number, what: string): void {
    expect(Math.abs(value - wanted), what).toBeLessThanOrEqual(Math.max(1e-6 * Math.abs(wanted), 5.1e-7));
  }

  it.each(names)('%s: pixels, hashes and every value of the reference [MT-1, MT-4]', async (name) => {
    const image = await read(name);
    const reference = noReference[name];
    const { pixelSha256, dhash64 } = fingerprintOf(image);
    expect(pixelSha256).toBe(pixels[`${name}.png`]);
    expect(dhash64).toBe(reference.dhash64);
    let compared = 0;
    for (const [key, wanted] of Object.entries(reference)) {
      const id = NAMES[key];
      if (id === undefined) continue;
      const { value, evidence } = await measured(id, { image });
      close(value, wanted as number, `${name} ${id}`);
      if (key === 'seamX') expect(evidence!['at']).toBe(reference.seamXAt);
      compared++;
    }
    expect(compared).toBe(18);
  });

  it.each(Object.keys(fullReference))('%s: comparisons', async (pair) => {
    const [a = '', b = ''] = pair.split('|');
    const [reference, image] = [await read(a), await read(b)];
    let compared = 0;
    for (const [key, wanted] of Object.entries(fullReference[pair])) {
      const id = NAMES[key];
      if (id === undefined) continue;
      close((await measured(id, { image, reference })).value, wanted as number, `${pair} ${id}`);
      compared++;
    }
    expect(compared).toBe(3);
  });
});
