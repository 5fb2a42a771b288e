import { dhash64, hashDistance } from '../fingerprint.ts';
import { defineMetric } from '../metric.ts';

/** How far apart two images look at first sight; 3 or less is a near duplicate. */
export const dhashDistance = defineMetric({
  id: 'dhash-distance',
  version: 1,
  summary: 'bits that differ between the difference hashes of 64 bits (luma shrunk to 9x8, brighter than the left one)',
  direction: 'minimize',
  range: [0, 64],
  unit: 'bits',
  needs: ['image', 'reference'],
  identity: 0,
  measure: ({ image, reference }) => hashDistance(dhash64(image), dhash64(reference)),
});
