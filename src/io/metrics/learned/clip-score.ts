import { defineMetric } from '../metric.ts';
import { cosine } from '../models/vectors.ts';

/** CLIPScore of Hessel et al. (2021), whose prompts begin with these words. */
export const clipScore = defineMetric({
  id: 'clip-score',
  version: 1,
  summary: '2.5 max(cosine, 0) of the CLIP embeddings of the image and of "A photo depicts " + prompt (Hessel et al.)',
  direction: 'maximize',
  range: [0, 2.5],
  unit: 'score',
  needs: ['image', 'prompt', 'clip'],
  measure: async ({ image, prompt, clip }) => {
    const text = await clip.embedText(prompt, 'A photo depicts ');
    const value = cosine(await clip.embedImage(image), text.vector);
    return { value: 2.5 * Math.max(value, 0), evidence: { cosine: value }, text };
  },
});
