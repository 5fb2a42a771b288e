import { defineMetric } from '../metric.ts';

/** Traces of 8x8 blocks, as JPEG leaves them. Real patterns of 8 pixels raise it: evidence, not proof. */
export const blockiness8 = defineMetric({
  id: 'blockiness8',
  version: 1,
  summary:
    'mean over x and y of (mean step of luma at multiples of 8 + .1) / (mean step elsewhere + .1); 1 is no blocks',
  direction: 'minimize',
  range: [0, 2551],
  unit: 'ratio',
  needs: ['image'],
  measure: ({ image }) => (ratio(image.steps().columns) + ratio(image.steps().rows)) / 2,
});

function ratio(steps: Float64Array): number {
  let at = 0;
  let atCount = 0;
  let elsewhere = 0;
  for (let i = 0; i < steps.length; i++) {
    if ((i + 1) % 8 === 0) {
      at += steps[i]!;
      atCount++;
    } else elsewhere += steps[i]!;
  }
  if (atCount === 0) return 1;
  return (at / atCount + 0.1) / (elsewhere / (steps.length - atCount) + 0.1);
}
