import { structuralSimilarity } from '../compare/ssim.ts';
import { defineMetric } from '../metric.ts';

/** Whether a clip made from an image begins with it. */
export const firstFrameSimilarity = defineMetric({
  id: 'first-frame-similarity',
  version: 1,
  summary: 'ssim of the first frame and the reference, the image that a clip was made from',
  direction: 'maximize',
  range: [-1, 1],
  unit: 'index',
  needs: ['frames', 'reference'],
  measure: ({ frames, reference }) => structuralSimilarity(frames[0]!, reference),
});
