import { defineMetric } from '../metric.ts';
import { LEVEL } from '../planes.ts';

/** Mean step of luma below which two frames are the same, in levels. */
const STILL = 0.5;

/** Share of steps in which nothing moves. */
export const frozenRatio = defineMetric({
  id: 'frozen-ratio',
  version: 1,
  summary: `share of consecutive frames whose luma differs by less than ${STILL} levels on average`,
  direction: 'minimize',
  range: [0, 1],
  unit: 'fraction',
  needs: ['frames'],
  measure: ({ frames }) => {
    let still = 0;
    for (let i = 1; i < frames.length; i++) {
      const before = frames[i - 1]!.luma();
      const after = frames[i]!.luma();
      let sum = 0;
      for (let at = 0; at < after.length; at++) sum += Math.abs(after[at]! - before[at]!);
      if (sum / after.length < STILL * LEVEL) still++;
    }
    return still / (frames.length - 1);
  },
});
