import { defineMetric } from '../metric.ts';
import { cosine, maximumMeanDiscrepancy } from '../models/vectors.ts';

/** How far an image is from a set of references: what a Fréchet distance cannot say of few images. */
export const clipMmd = defineMetric({
  id: 'clip-mmd',
  version: 1,
  summary:
    'maximum mean discrepancy between the CLIP embeddings of the image and of a set (Gaussian kernel, σ 10, times 1000, as CMMD); `cosine` is the mean cosine to the set',
  direction: 'minimize',
  range: [0, 40],
  unit: 'distance',
  needs: ['image', 'set', 'clip'],
  measure: async ({ image, set, clip }) => {
    const [own, ...others] = await clip.embedImages([image, ...set]);
    const mean = others.reduce((sum, other) => sum + cosine(own!, other), 0) / others.length;
    return { value: maximumMeanDiscrepancy([own!], others), evidence: { cosine: mean, images: others.length } };
  },
});
