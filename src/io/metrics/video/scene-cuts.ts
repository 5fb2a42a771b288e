import { defineMetric } from '../metric.ts';
import { levelBins } from '../planes.ts';

/** Distance of two histograms above which there is a cut between the frames; 2 is the greatest. */
const CUT = 0.5;

/** How many cuts there are; a generated clip should have none. */
export const sceneCuts = defineMetric({
  id: 'scene-cuts',
  version: 1,
  summary: `consecutive frames whose luma histograms of 32 bins differ by more than ${CUT} (sum of absolute shares); \`first\` is the first frame after a cut`,
  direction: 'minimize',
  range: [0, 599],
  unit: 'cuts',
  needs: ['frames'],
  measure: ({ frames }) => {
    const shares = frames.map(({ rgb }) => {
      const coarse = new Float64Array(32);
      for (const [level, count] of levelBins(rgb).entries()) coarse[level >> 3]! += (count * 3) / rgb.length;
      return coarse;
    });
    const cuts = shares.flatMap((share, i) => (i > 0 && distance(share, shares[i - 1]!) > CUT ? [i] : []));
    return cuts.length === 0 ? 0 : { value: cuts.length, evidence: { first: cuts[0]! } };
  },
});

function distance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
}
