import { defineMetric } from '../metric.ts';
import { cosine } from '../models/vectors.ts';

/** How well image and prompt agree, as the raw cosine: what other scales are made from. */
export const clipSimilarity = defineMetric({
  id: 'clip-similarity',
  version: 1,
  summary: 'cosine of the CLIP embeddings of image and prompt; `percent` is 100 max(cosine, 0) as torchmetrics has it',
  direction: 'maximize',
  range: [-1, 1],
  unit: 'cosine',
  needs: ['image', 'prompt', 'clip'],
  measure: async ({ image, prompt, clip }) => {
    const text = await clip.embedText(prompt);
    const value = cosine(await clip.embedImage(image), text.vector);
    return { value, evidence: { percent: 100 * Math.max(value, 0) }, text };
  },
});
