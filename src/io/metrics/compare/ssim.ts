import { defineMetric } from '../metric.ts';
import type { Picture } from '../picture.ts';
import { LEVEL } from '../planes.ts';

/** Constants of Wang et al., "Image quality assessment: from error visibility to structural similarity" (2004). */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Structural similarity as the paper has it. */
export const ssim = defineMetric({
  id: 'ssim',
  version: 1,
  summary: 'mean structural similarity of luma: Gaussian window 11x11 with σ 1.5, K .01 and .03, population moments',
  direction: 'maximize',
  range: [-1, 1],
  unit: 'index',
  needs: ['image', 'reference'],
  identity: 1,
  reacts: { noise: 'down', blur: 'down' },
  measure: ({ image, reference }) => structuralSimilarity(image, reference),
});

/** Structural similarity over plain squares, scikit-image's default. */
export const ssimUniform = defineMetric({
  id: 'ssim-uniform',
  version: 1,
  summary: 'the same over a uniform window 7x7 with sample moments, as scikit-image computes it by default',
  direction: 'maximize',
  range: [-1, 1],
  unit: 'index',
  needs: ['image', 'reference'],
  identity: 1,
  reacts: { noise: 'down', blur: 'down' },
  measure: ({ image, reference }) => similarity(image, reference, new Float64Array(7).fill(1 / 7), 49 / 48),
});

/** The index of `ssim` for two images of one size. */
export function structuralSimilarity(a: Picture, b: Picture): number {
  return similarity(a, b, gaussian(5, 1.5), 1);
}

function gaussian(radius: number, sigma: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/**
 * Mean of the index over the windows that lie inside the image; `sample` corrects the moments. The window slides down a
 * strip of rows, so that five moments are held for one row at a time. An image smaller than the window is one window.
 */
function similarity(a: Picture, b: Picture, window: Float64Array, sample: number): number {
  const { width, height } = a;
  if (width < window.length || height < window.length) return ofMoments(wholeMoments(a, b), 1);
  const outputs = width - window.length + 1;
  const down = Array.from({ length: 5 }, () => new Float64Array(width));
  const [mx, my, xx, yy, xy] = down as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const ring = () => Array.from({ length: window.length }, () => new Float64Array(width));
  const [rowsOfA, rowsOfB] = [ring(), ring()];
  let total = 0;
  for (let top = 0; top + window.length <= height; top++) {
    for (let row = top === 0 ? 0 : top + window.length - 1; row < top + window.length; row++) {
      toLevels(a.luma(), row * width, rowsOfA[row % window.length]!);
      toLevels(b.luma(), row * width, rowsOfB[row % window.length]!);
    }
    for (const moment of down) moment.fill(0);
    for (let k = 0; k < window.length; k++) {
      const weight = window[k]!;
      const x = rowsOfA[(top + k) % window.length]!;
      const y = rowsOfB[(top + k) % window.length]!;
      for (let i = 0; i < width; i++) {
        const p = x[i]!;
        const q = y[i]!;
        const wp = weight * p;
        const wq = weight * q;
        mx[i]! += wp;
        my[i]! += wq;
        xx[i]! += wp * p;
        yy[i]! += wq * q;
        xy[i]! += wp * q;
      }
    }
    for (let left = 0; left < outputs; left++) {
      let s1 = 0;
      let s2 = 0;
      let s11 = 0;
      let s22 = 0;
      let s12 = 0;
      for (let k = 0, i = left; k < window.length; k++, i++) {
        const weight = window[k]!;
        s1 += weight * mx[i]!;
        s2 += weight * my[i]!;
        s11 += weight * xx[i]!;
        s22 += weight * yy[i]!;
        s12 += weight * xy[i]!;
      }
      total += ofMoments([s1, s2, s11, s22, s12], sample);
    }
  }
  return total / (outputs * (height - window.length + 1));
}

/** One row of luma, from `start`, in levels. */
function toLevels(luma: Int32Array, start: number, row: Float64Array): void {
  for (let i = 0; i < row.length; i++) row[i] = luma[start + i]! / LEVEL;
}

type Moments = readonly [number, number, number, number, number];

/** The index of one window from its means and its means of squares and of products. */
function ofMoments([mx, my, xx, yy, xy]: Moments, sample: number): number {
  const vx = sample * (xx - mx * mx);
  const vy = sample * (yy - my * my);
  const covariance = sample * (xy - mx * my);
  return ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2));
}

function wholeMoments(a: Picture, b: Picture): Moments {
  const x = a.luma();
  const y = b.luma();
  const sums = [0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const p = x[i]! / LEVEL;
    const q = y[i]! / LEVEL;
    for (const [at, value] of [p, q, p * p, q * q, p * q].entries()) sums[at]! += value / x.length;
  }
  return sums as unknown as Moments;
}
