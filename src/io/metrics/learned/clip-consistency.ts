import { METRIC_LIMITS } from '../limits.ts';
import { defineMetric } from '../metric.ts';
import { cosine } from '../models/vectors.ts';
import { sampled } from '../picture.ts';

/** Whether the frames of a clip keep showing the same thing. */
export const clipConsistency = defineMetric({
  id: 'clip-consistency',
  version: 1,
  summary: `mean cosine of the CLIP embeddings of consecutive frames, of at most ${METRIC_LIMITS.sampled}; \`min\` is the least, \`ends\` that of the first and the last`,
  direction: 'maximize',
  range: [-1, 1],
  unit: 'cosine',
  needs: ['frames', 'clip'],
  measure: async ({ frames, clip }) => {
    const vectors = await clip.embedImages(sampled(frames));
    const steps = vectors.slice(1).map((vector, i) => cosine(vector, vectors[i]!));
    const mean = steps.reduce((a, b) => a + b) / steps.length;
    return { value: mean, evidence: { min: Math.min(...steps), ends: cosine(vectors[0]!, vectors.at(-1)!) } };
  },
});
