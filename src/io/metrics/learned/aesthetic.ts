import { defineMetric } from '../metric.ts';
import { applyHead } from '../models/head.ts';

/** LAION's first aesthetic predictor. */
export const aestheticV1 = defineMetric({
  id: 'aesthetic-v1',
  version: 1,
  summary:
    "LAION aesthetic predictor v1: a linear layer over the image's CLIP embedding; people's ratings lie in 1 to 10",
  direction: 'maximize',
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  unit: 'rating',
  needs: ['image', 'aesthetic-v1'],
  measure: async ({ image, 'aesthetic-v1': model }) => applyHead(model.head!, await model.embedImage(image)),
});

/** LAION's second one, which ComfyUI users mean by "aesthetic score". */
export const aestheticV2 = defineMetric({
  id: 'aesthetic-v2',
  aliases: ['aesthetic'],
  version: 1,
  summary:
    "LAION aesthetic predictor v2 (sac+logos+ava1-l14-linearMSE): five linear layers, folded into one, over the image's CLIP ViT-L/14 embedding",
  direction: 'maximize',
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  unit: 'rating',
  needs: ['image', 'aesthetic-v2'],
  measure: async ({ image, 'aesthetic-v2': model }) => applyHead(model.head!, await model.embedImage(image)),
});
