import { defineMetric } from '../metric.ts';
import { meanLuma } from '../planes.ts';

/** Flicker: brightness that jumps from frame to frame; a slow fade is no flicker. */
export const flicker = defineMetric({
  id: 'flicker',
  version: 1,
  summary: "standard deviation of the frames' mean luma around its straight line of best fit",
  direction: 'minimize',
  range: [0, 127.5],
  unit: 'levels',
  needs: ['frames'],
  measure: ({ frames }) => {
    const means = frames.map(({ rgb }) => meanLuma(rgb));
    const middle = (means.length - 1) / 2;
    const mean = means.reduce((a, b) => a + b) / means.length;
    let along = 0;
    let squares = 0;
    for (const [i, value] of means.entries()) {
      along += (i - middle) * (value - mean);
      squares += (i - middle) ** 2;
    }
    const slope = along / squares;
    const rest = means.map((value, i) => value - mean - slope * (i - middle));
    return Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0) / means.length);
  },
});
