import { defineMetric } from '../metric.ts';

/** Colourfulness of Hasler and Süsstrunk, "Measuring colourfulness in natural images" (2003). */
export const colorfulness = defineMetric({
  id: 'colorfulness',
  version: 1,
  summary: 'Hasler-Süsstrunk: deviation plus .3 of the mean of the opponent colours R - G and (R + G) / 2 - B',
  direction: 'none',
  range: [0, 298],
  unit: 'levels',
  needs: ['image'],
  measure: ({ image }) => {
    const { pixels, ...sums } = image.colors();
    const rg = sums.rg / pixels;
    const yb = sums.yb / pixels / 2;
    const variance = sums.rgSquares / pixels - rg * rg + sums.ybSquares / pixels / 4 - yb * yb;
    return Math.sqrt(Math.max(variance, 0)) + 0.3 * Math.hypot(rg, yb);
  },
});
