import { CwfError } from '../../base/errors.ts';
import { dhashDistance } from './compare/dhash-distance.ts';
import { imageDiffers } from './compare/image-differs.ts';
import { mae } from './compare/mae.ts';
import { psnr } from './compare/psnr.ts';
import { ssim, ssimUniform } from './compare/ssim.ts';
import { blockiness8 } from './image/blockiness8.ts';
import { clipHigh, clipLow } from './image/clipping.ts';
import { colorfulness } from './image/colorfulness.ts';
import { entropyBits } from './image/entropy-bits.ts';
import { laplacianVariance } from './image/laplacian-variance.ts';
import { lumaMean } from './image/luma-mean.ts';
import { lumaPercentiles } from './image/luma-percentiles.ts';
import { lumaStd } from './image/luma-std.ts';
import { noiseSigma } from './image/noise-sigma.ts';
import { saturationMean } from './image/saturation-mean.ts';
import { seamX, seamY } from './image/seams.ts';
import { tenengrad } from './image/tenengrad.ts';
import { wrapX, wrapY } from './image/wraps.ts';
import { aestheticV1, aestheticV2 } from './learned/aesthetic.ts';
import { clipConsistency } from './learned/clip-consistency.ts';
import { clipImageSimilarity } from './learned/clip-image-similarity.ts';
import { clipMmd } from './learned/clip-mmd.ts';
import { clipScore } from './learned/clip-score.ts';
import { clipSimilarity } from './learned/clip-similarity.ts';
import { hpsV2 } from './learned/hps-v2.ts';
import { pickScore } from './learned/pick-score.ts';
import type { Metric } from './metric.ts';
import { firstFrameSimilarity } from './video/first-frame-similarity.ts';
import { flicker } from './video/flicker.ts';
import { frozenRatio } from './video/frozen-ratio.ts';
import { lumaDrift } from './video/luma-drift.ts';
import { sceneCuts } from './video/scene-cuts.ts';

/** Every metric, in the order of docs/metrics.md. A new one is a file and a line here. */
export const METRICS: readonly Metric[] = [
  lumaMean,
  lumaStd,
  ...lumaPercentiles,
  entropyBits,
  clipLow,
  clipHigh,
  saturationMean,
  colorfulness,
  laplacianVariance,
  tenengrad,
  noiseSigma,
  blockiness8,
  seamX,
  seamY,
  wrapX,
  wrapY,
  psnr,
  ssim,
  ssimUniform,
  mae,
  imageDiffers,
  dhashDistance,
  flicker,
  frozenRatio,
  sceneCuts,
  lumaDrift,
  firstFrameSimilarity,
  clipSimilarity,
  clipScore,
  clipImageSimilarity,
  clipMmd,
  clipConsistency,
  aestheticV1,
  aestheticV2,
  pickScore,
  hpsV2,
];

/** Ids of the metrics that need nothing but the image: what is measured when nothing is asked for. */
export function modelFree(): readonly string[] {
  return METRICS.filter(({ needs }) => needs.every((need) => need === 'image')).map(({ id }) => id);
}

/** The metric of an id or alias. Throws METRIC_NOT_FOUND with the names that resemble it. */
export function findMetric(name: string): Metric {
  const found = METRICS.find(({ id, aliases }) => id === name || aliases?.includes(name));
  if (found) return found;
  const names = METRICS.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
  const wanted = name.toLowerCase().replaceAll('_', '-');
  const near = names.filter(
    (each) => each.includes(wanted) || wanted.includes(each) || each.startsWith(wanted.slice(0, 4)),
  );
  throw new CwfError('METRIC_NOT_FOUND', { metric: name, near: wanted === '' || near.length === 0 ? undefined : near });
}
