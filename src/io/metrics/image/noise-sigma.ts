import { defineMetric } from '../metric.ts';
import { LEVEL } from '../planes.ts';

/** Noise as Immerkær estimates it, "Fast noise variance estimation" (1996). Fine texture counts as noise. */
export const noiseSigma = defineMetric({
  id: 'noise-sigma',
  version: 1,
  summary:
    'Immerkær: mean absolute response to the mask 1 -2 1, -2 4 -2, 1 -2 1 inside the border, times sqrt(π/2) / 6',
  direction: 'minimize',
  range: [0, 427],
  unit: 'levels',
  needs: ['image'],
  reacts: { noise: 'up', blur: 'down' },
  measure: ({ image }) => {
    const { width, height } = image;
    if (width < 3 || height < 3) return 0;
    const luma = image.luma();
    let sum = 0;
    for (let y = 1; y < height - 1; y++) {
      // The mask is a second difference in x of a second difference in y.
      const second = (at: number) => luma[at - width]! - 2 * luma[at]! + luma[at + width]!;
      let left = second(y * width);
      let middle = second(y * width + 1);
      for (let at = y * width + 2; at < (y + 1) * width; at++) {
        const right = second(at);
        sum += Math.abs(left - 2 * middle + right);
        left = middle;
        middle = right;
      }
    }
    return (Math.sqrt(Math.PI / 2) / 6 / ((width - 2) * (height - 2)) / LEVEL) * sum;
  },
});
