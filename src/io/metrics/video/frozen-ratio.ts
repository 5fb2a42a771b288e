import { defineMetric } from '../metric.ts';
import { LEVEL, lumaPlane } from '../planes.ts';

/** Mean step of luma below which two frames are the same, in levels. */
const STILL = 0.5;

/** Share of steps in which nothing moves. */
export const frozenRatio = defineMetric({
  id: 'frozen-ratio',
  version: 1,
  summary: `share of consecutive frames whose luma differs by less than ${STILL} levels on average; a frame shown n times as long as the shortest counts n times`,
  direction: 'minimize',
  range: [0, 1],
  unit: 'fraction',
  needs: ['frames'],
  measure: ({ frames }) => {
    // A frame that is shown longer stands for steps in which nothing moved.
    let still = frames.reduce((sum, { ticks }) => sum + ticks - 1, 0);
    const steps = still + frames.length - 1;
    // Two planes at a time: a long clip would not fit in memory as luma.
    let before = lumaPlane(frames[0]!.rgb);
    for (const { rgb } of frames.slice(1)) {
      const after = lumaPlane(rgb);
      let sum = 0;
      for (let at = 0; at < after.length; at++) sum += Math.abs(after[at]! - before[at]!);
      if (sum / after.length < STILL * LEVEL) still++;
      before = after;
    }
    return still / steps;
  },
});
