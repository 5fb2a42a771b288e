import { defineMetric } from '../metric.ts';

/** Share of pixels that are black: shadows without detail. */
export const clipLow = defineMetric({
  id: 'clip-low',
  version: 1,
  summary: 'share of pixels whose greatest channel is 2 or less',
  direction: 'minimize',
  range: [0, 1],
  unit: 'fraction',
  needs: ['image'],
  measure: ({ image }) => image.colors().low / image.colors().pixels,
});

/** Share of pixels that are white: burnt-out lights. */
export const clipHigh = defineMetric({
  id: 'clip-high',
  version: 1,
  summary: 'share of pixels whose smallest channel is 253 or more',
  direction: 'minimize',
  range: [0, 1],
  unit: 'fraction',
  needs: ['image'],
  measure: ({ image }) => image.colors().high / image.colors().pixels,
});
