import { defineMetric } from '../metric.ts';

/** Brightness that runs away over a clip, as long generations tend to. */
export const lumaDrift = defineMetric({
  id: 'luma-drift',
  version: 1,
  summary: 'mean luma of the last frame minus that of the first; other drifts stand beside the values of each metric',
  direction: 'none',
  range: [-255, 255],
  unit: 'levels',
  needs: ['frames'],
  measure: ({ frames }) => frames.at(-1)!.tones().mean - frames[0]!.tones().mean,
});
