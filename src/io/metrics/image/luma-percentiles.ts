import { defineMetric, type Metric } from '../metric.ts';
import { percentile } from '../planes.ts';

/** The luma that 1, 50 and 99 of 100 pixels lie below. */
export const lumaPercentiles: readonly Metric[] = [1, 50, 99].map((percent) =>
  defineMetric({
    id: `luma-p${String(percent).padStart(2, '0')}`,
    version: 1,
    summary: `luma that ${percent} % of the pixels lie below, between the two nearest ranks`,
    direction: 'none',
    range: [0, 255],
    unit: 'levels',
    needs: ['image'],
    measure: ({ image }) => percentile(image.tones(), percent / 100),
  }),
);
