import { defineMetric } from '../metric.ts';

/** Two different 8-bit images of at most 2^26 pixels stay below 131.4 dB: one channel of one pixel differs by 1. */
const EQUAL = 140;

/** Peak signal-to-noise ratio over all channels. */
export const psnr = defineMetric({
  id: 'psnr',
  version: 1,
  summary: '10 log10(255² / mean squared error of R, G and B); 140 for equal images, which have no finite value',
  direction: 'maximize',
  range: [0, EQUAL],
  unit: 'dB',
  needs: ['image', 'reference'],
  identity: EQUAL,
  reacts: { noise: 'down', blur: 'down' },
  measure: ({ image, reference }) => {
    let squares = 0;
    for (let i = 0; i < image.rgb.length; i++) squares += (image.rgb[i]! - reference.rgb[i]!) ** 2;
    return squares === 0 ? EQUAL : 10 * Math.log10((255 * 255 * image.rgb.length) / squares);
  },
});
