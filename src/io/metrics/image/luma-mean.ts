import { defineMetric } from '../metric.ts';

/** Mean luma: how bright the image is. */
export const lumaMean = defineMetric({
  id: 'luma-mean',
  version: 1,
  summary: 'mean of luma .299 R + .587 G + .114 B, which is not rounded',
  direction: 'none',
  range: [0, 255],
  unit: 'levels',
  needs: ['image'],
  measure: ({ image }) => image.tones().mean,
});
