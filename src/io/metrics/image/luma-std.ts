import { defineMetric } from '../metric.ts';

/** Deviation of luma: contrast; next to nothing in an image of one colour. */
export const lumaStd = defineMetric({
  id: 'luma-std',
  version: 1,
  summary: 'standard deviation of luma over the pixels',
  direction: 'none',
  range: [0, 127.5],
  unit: 'levels',
  needs: ['image'],
  reacts: { blur: 'down' },
  measure: ({ image }) => image.tones().std,
});
