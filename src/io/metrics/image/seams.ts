import { defineMetric, type Measured } from '../metric.ts';

/** The steepest vertical line, as tiled upscaling leaves it. Hard edges of the subject raise it: evidence, not proof. */
export const seamX = defineMetric({
  id: 'seam-x',
  version: 1,
  summary: '(greatest mean step between columns - median) / (median + 1); `at` is the column right of it',
  direction: 'minimize',
  range: [0, 255],
  unit: 'ratio',
  needs: ['image'],
  measure: ({ image }) => seam(image.steps().columns),
});

/** The steepest horizontal line. */
export const seamY = defineMetric({
  id: 'seam-y',
  version: 1,
  summary: '(greatest mean step between rows - median) / (median + 1); `at` is the row below it',
  direction: 'minimize',
  range: [0, 255],
  unit: 'ratio',
  needs: ['image'],
  measure: ({ image }) => seam(image.steps().rows),
});

function seam(steps: Float64Array): Measured {
  if (steps.length === 0) return { value: 0, evidence: { at: 0 } };
  let max = 0;
  for (let i = 1; i < steps.length; i++) if (steps[i]! > steps[max]!) max = i;
  const sorted = steps.slice().sort();
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return { value: (steps[max]! - median) / (median + 1), evidence: { at: max + 1 } };
}
