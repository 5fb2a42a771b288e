import { defineMetric } from '../metric.ts';
import { cosine } from '../models/vectors.ts';

/** PickScore (Kirstain et al. 2023): which image people would pick for a prompt. */
export const pickScore = defineMetric({
  id: 'pick-score',
  version: 1,
  summary:
    "exp(logit_scale) times the cosine of PickScore's embeddings of image and prompt; a softmax over candidates gives the preference",
  direction: 'maximize',
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  unit: 'score',
  needs: ['image', 'prompt', 'pick-score'],
  measure: async ({ image, prompt, 'pick-score': model }) => {
    const text = await model.embedText(prompt);
    const value = cosine(await model.embedImage(image), text.vector);
    return { value: model.scale * value, evidence: { cosine: value }, text };
  },
});
