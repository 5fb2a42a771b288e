import { expect, it } from 'vitest';
import type { Measured, Metric, Parts } from '../../../src/io/metrics/metric.ts';
import { pictureOf } from '../../../src/io/metrics/picture.ts';
import { blurred, noisy, paint, scene } from './images.ts';

/** What every metric must keep, given something that fills its needs for an image. */
export function metricContract(metric: Metric, partsFor: (image: Parts['image']) => Partial<Parts>): void {
  const { id, range, needs, reacts = {}, identity } = metric;

  async function value(parts: Partial<Parts>): Promise<number> {
    const result = await metric.measure(parts as Parts);
    return typeof result === 'number' ? result : (result as Measured).value;
  }
  const of = (image: Parts['image']) => value(partsFor(image));

  it(`${id}: a name in kebab-case, a version, a definition and a range`, () => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(metric.version).toBeGreaterThanOrEqual(1);
    expect(metric.summary.length).toBeGreaterThan(10);
    expect(metric.summary).not.toMatch(/\|/);
    expect(range[0]).toBeLessThan(range[1]);
    expect(needs.length).toBeGreaterThan(0);
  });

  it(`${id}: the same pixels give the same number, in the range, and are left alone`, async () => {
    const images = [
      scene(1),
      noisy(scene(2), 30),
      paint(96, 64, () => [0, 0, 0]),
      paint(96, 64, () => [255, 255, 255]),
      paint(96, 64, (x, y) => ((x + y) % 2 === 0 ? [0, 0, 0] : [255, 255, 255])),
      paint(96, 64, (x) => (x < 48 ? [255, 0, 0] : [0, 0, 255])),
    ];
    for (const image of images) {
      const before = image.rgb.slice();
      const first = await of(image);
      expect(first).toBeGreaterThanOrEqual(range[0]);
      expect(first).toBeLessThanOrEqual(range[1]);
      expect(Number.isFinite(first)).toBe(true);
      expect(await of(image)).toBe(first);
      expect(await of(pictureOf(image.width, image.height, image.rgb.slice()))).toBe(first);
      expect(Buffer.compare(image.rgb, before)).toBe(0);
    }
  });

  if (needs.every((need) => need === 'image')) {
    it(`${id}: takes images of one, two and three pixels`, async () => {
      for (const [width, height] of [
        [1, 1],
        [1, 9],
        [9, 1],
        [2, 2],
        [3, 3],
        [8, 1],
      ] as const) {
        const result = await value({ image: paint(width, height, (x, y) => [x * 20, y * 20, 90]) });
        expect(result).toBeGreaterThanOrEqual(range[0]);
        expect(result).toBeLessThanOrEqual(range[1]);
      }
    });
  }

  if (identity !== undefined) {
    it(`${id}: an image against itself is ${identity}`, async () => {
      for (const image of [scene(5), paint(96, 64, () => [0, 0, 0]), noisy(scene(6), 60)]) {
        const copy = pictureOf(image.width, image.height, image.rgb.slice());
        expect(await value({ ...partsFor(image), reference: copy })).toBeCloseTo(identity, 6);
      }
    });
  }

  const rising = (values: readonly number[]) => values.every((each, i) => i === 0 || each > values[i - 1]!);
  const falling = (values: readonly number[]) => values.every((each, i) => i === 0 || each < values[i - 1]!);

  for (const [change, direction] of Object.entries(reacts)) {
    it(`${id}: goes ${direction} with more ${change}`, async () => {
      for (const seed of [11, 12, 13]) {
        const clean = scene(seed);
        // The reference of a comparison stays the clean image.
        const fixed = needs.includes('reference') ? { reference: clean } : {};
        const steps =
          change === 'noise' ? [2, 8, 20, 40].map((s) => noisy(clean, s)) : [1, 3, 8].map((t) => blurred(clean, t));
        const values: number[] = [];
        for (const image of needs.includes('reference') ? steps : [clean, ...steps]) {
          values.push(await value({ ...partsFor(image), ...fixed }));
        }
        expect(direction === 'up' ? rising(values) : falling(values), String(values)).toBe(true);
      }
    });
  }
}
