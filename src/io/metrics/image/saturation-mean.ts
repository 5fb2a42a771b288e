import { defineMetric } from '../metric.ts';

/** Mean saturation of the colours. */
export const saturationMean = defineMetric({
  id: 'saturation-mean',
  version: 1,
  summary: 'mean of (max - min) / max of the channels, 0 for black (saturation of HSV)',
  direction: 'none',
  range: [0, 1],
  unit: 'fraction',
  needs: ['image'],
  measure: ({ image }) => image.colors().saturation / image.colors().pixels,
});
