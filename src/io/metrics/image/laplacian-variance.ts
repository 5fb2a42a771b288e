import { defineMetric } from '../metric.ts';
import { LEVEL, mirrored } from '../planes.ts';

/** Variance of the Laplacian (Pech-Pacheco et al. 2000): what people call sharpness. Noise raises it too. */
export const laplacianVariance = defineMetric({
  id: 'laplacian-variance',
  aliases: ['sharpness'],
  version: 1,
  summary: 'variance of the 4-neighbour Laplacian of luma, mirrored at the border',
  direction: 'maximize',
  range: [0, 1_040_400],
  unit: 'levels²',
  needs: ['image'],
  reacts: { noise: 'up', blur: 'down' },
  measure: ({ image }) => {
    const { width, height } = image;
    const luma = image.luma();
    let sum = 0;
    let squares = 0;
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const up = mirrored(y - 1, height) * width;
      const down = mirrored(y + 1, height) * width;
      for (let x = 0; x < width; x++) {
        const left = x === 0 ? mirrored(-1, width) : x - 1;
        const right = x === width - 1 ? mirrored(width, width) : x + 1;
        const value = luma[up + x]! + luma[down + x]! + luma[row + left]! + luma[row + right]! - 4 * luma[row + x]!;
        sum += value;
        squares += value * value;
      }
    }
    const pixels = width * height;
    return Math.max(squares / pixels - (sum / pixels) ** 2, 0) / LEVEL ** 2;
  },
});
