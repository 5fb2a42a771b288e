import { defineMetric } from '../metric.ts';
import { LEVEL, mirrored } from '../planes.ts';

/** Energy of the gradient (Krotkov 1988): a sharpness that noise raises less than the Laplacian's. */
export const tenengrad = defineMetric({
  id: 'tenengrad',
  version: 1,
  summary: 'mean of gx² + gy² of the 3x3 Sobel operator over luma, mirrored at the border',
  direction: 'maximize',
  range: [0, 2_080_800],
  unit: 'levels²',
  needs: ['image'],
  reacts: { noise: 'up', blur: 'down' },
  measure: ({ image }) => {
    const { width, height } = image;
    const luma = image.luma();
    let squares = 0;
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const up = mirrored(y - 1, height) * width;
      const down = mirrored(y + 1, height) * width;
      for (let x = 0; x < width; x++) {
        const l = x === 0 ? mirrored(-1, width) : x - 1;
        const r = x === width - 1 ? mirrored(width, width) : x + 1;
        const falling = luma[down + r]! - luma[up + l]!;
        const rising = luma[up + r]! - luma[down + l]!;
        const gx = falling + rising + 2 * (luma[row + r]! - luma[row + l]!);
        const gy = falling - rising + 2 * (luma[down + x]! - luma[up + x]!);
        squares += gx * gx + gy * gy;
      }
    }
    return squares / (width * height) / LEVEL ** 2;
  },
});
