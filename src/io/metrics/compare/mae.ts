import { defineMetric } from '../metric.ts';

/** Mean absolute error: the distance people can read. */
export const mae = defineMetric({
  id: 'mae',
  version: 1,
  summary: 'mean absolute difference of R, G and B',
  direction: 'minimize',
  range: [0, 255],
  unit: 'levels',
  needs: ['image', 'reference'],
  identity: 0,
  reacts: { noise: 'up', blur: 'up' },
  measure: ({ image, reference }) => {
    let sum = 0;
    for (let i = 0; i < image.rgb.length; i++) sum += Math.abs(image.rgb[i]! - reference.rgb[i]!);
    return sum / image.rgb.length;
  },
});
