import { defineMetric } from '../metric.ts';

/** Share of pixels that are not the same: 0 proves that a change had no effect. */
export const imageDiffers = defineMetric({
  id: 'image-differs',
  version: 1,
  summary: 'share of pixels with a channel that differs at all',
  direction: 'minimize',
  range: [0, 1],
  unit: 'fraction',
  needs: ['image', 'reference'],
  identity: 0,
  measure: ({ image, reference }) => {
    const a = image.rgb;
    const b = reference.rgb;
    let differing = 0;
    for (let i = 0; i < a.length; i += 3) {
      if (a[i] !== b[i] || a[i + 1] !== b[i + 1] || a[i + 2] !== b[i + 2]) differing++;
    }
    return (differing * 3) / a.length;
  },
});
