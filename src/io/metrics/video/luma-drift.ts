import { defineMetric } from '../metric.ts';
import { meanLuma } from '../planes.ts';

/** Brightness that runs away over a clip, as long generations tend to. */
export const lumaDrift = defineMetric({
  id: 'luma-drift',
  version: 1,
  summary: 'mean luma of the last frame minus that of the first; other drifts stand beside the values of each metric',
  direction: 'none',
  range: [-255, 255],
  unit: 'levels',
  needs: ['frames'],
  measure: ({ frames }) => meanLuma(frames.at(-1)!.rgb) - meanLuma(frames[0]!.rgb),
});
