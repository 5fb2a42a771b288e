import { defineMetric } from '../metric.ts';
import { cosine } from '../models/vectors.ts';

/** Whether two images show the same, however they differ in pixels; they need not have one size. */
export const clipImageSimilarity = defineMetric({
  id: 'clip-image-similarity',
  version: 1,
  summary: 'cosine of the CLIP embeddings of the image and of its reference',
  direction: 'maximize',
  range: [-1, 1],
  unit: 'cosine',
  needs: ['image', 'reference', 'clip'],
  identity: 1,
  measure: async ({ image, reference, clip }) => {
    const [a, b] = await clip.embedImages([image, reference]);
    return cosine(a!, b!);
  },
});
