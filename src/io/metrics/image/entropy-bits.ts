import { defineMetric } from '../metric.ts';

/** Entropy of the tones: low for flat and empty images. */
export const entropyBits = defineMetric({
  id: 'entropy-bits',
  version: 1,
  summary: 'Shannon entropy of luma in 256 bins of floor(Y + .5)',
  direction: 'none',
  range: [0, 8],
  unit: 'bits',
  needs: ['image'],
  measure: ({ image }) => {
    const { bins, pixels } = image.tones();
    let bits = 0;
    for (const count of bins) if (count > 0) bits += (count / pixels) * Math.log2(pixels / count);
    return bits;
  },
});
