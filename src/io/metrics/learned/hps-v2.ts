import { defineMetric } from '../metric.ts';
import { cosine } from '../models/vectors.ts';

/** Human Preference Score v2 (Wu et al. 2023); a v2.1 checkpoint is another model of the same kind. */
export const hpsV2 = defineMetric({
  id: 'hps-v2',
  version: 1,
  summary: "cosine of HPSv2's embeddings of image and prompt",
  direction: 'maximize',
  range: [-1, 1],
  unit: 'cosine',
  needs: ['image', 'prompt', 'hps-v2'],
  measure: async ({ image, prompt, 'hps-v2': model }) => {
    const text = await model.embedText(prompt);
    return { value: cosine(await model.embedImage(image), text.vector), text };
  },
});
