import { defineMetric } from '../metric.ts';

/** Whether the image can be tiled sideways: near or below 1 when the edges meet. */
export const wrapX = defineMetric({
  id: 'wrap-x',
  version: 1,
  summary: 'step between the last and the first column / (mean step between columns + 1)',
  direction: 'minimize',
  range: [0, 255],
  unit: 'ratio',
  needs: ['image'],
  measure: ({ image }) => image.steps().aroundX / (mean(image.steps().columns) + 1),
});

/** Whether the image can be tiled upwards. */
export const wrapY = defineMetric({
  id: 'wrap-y',
  version: 1,
  summary: 'step between the last and the first row / (mean step between rows + 1)',
  direction: 'minimize',
  range: [0, 255],
  unit: 'ratio',
  needs: ['image'],
  measure: ({ image }) => image.steps().aroundY / (mean(image.steps().rows) + 1),
});

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
