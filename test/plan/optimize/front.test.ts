import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asMinimised,
  dominates,
  hypervolume,
  nonDominated,
  nonDominatedSort,
  type Points,
} from '../../../src/plan/optimize/front.ts';

const clouds = (size: number): fc.Arbitrary<Points> =>
  fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: size, maxLength: size }), { maxLength: 14 });
const cloud = fc.integer({ min: 1, max: 4 }).chain(clouds);

/** Unit cells of the whole space that some point dominates: the volume by counting. */
function cells(points: Points, edge: number, size: number): number {
  const counts = Array.from({ length: edge ** size }, (_, code) =>
    Array.from({ length: size }, (_, k) => Math.floor(code / edge ** k) % edge),
  );
  return counts.filter((cell) => points.some((point) => point.every((value, k) => value <= cell[k]!))).length;
}

describe('[PL-1] fronts', () => {
  it('are the points that nothing dominates, layer by layer', () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const front = [...points.keys()].filter((i) => !points.some((other) => dominates(other, points[i]!)));
        expect(nonDominated(points)).toEqual(front);
        const layers = nonDominatedSort(points);
        expect(layers.flat().sort((a, b) => a - b)).toEqual([...points.keys()]);
        let rest = [...points.keys()];
        for (const layer of layers) {
          expect(layer).toEqual(nonDominated(rest.map((i) => points[i]!)).map((at) => rest[at]));
          rest = rest.filter((i) => !layer.includes(i));
        }
      }),
    );
  });

  it('turn what is to be large', () => {
    expect(asMinimised([1, 2], ['minimize', 'maximize'])).toEqual([1, -2]);
  });
});

describe('[PL-1] the hypervolume', () => {
  it('is the number of unit cells that are dominated', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((size) => fc.tuple(fc.constant(size), clouds(size))),
        ([size, points]) => {
          expect(hypervolume(points, Array(size).fill(5))).toBe(cells(points, 5, size));
        },
      ),
    );
  });

  it('does not ask in what order the points or the objectives stand', () => {
    fc.assert(
      fc.property(clouds(3), fc.nat(), (points, seed) => {
        const turned = points.map(([a, b, c]) => [c!, a!, b!]);
        const shuffled = [
          ...points.slice(seed % (points.length || 1)),
          ...points.slice(0, seed % (points.length || 1)),
        ];
        const whole = hypervolume(points, [5, 6, 7]);
        expect(hypervolume(turned, [7, 5, 6])).toBe(whole);
        expect(hypervolume(shuffled, [5, 6, 7])).toBe(whole);
      }),
    );
  });
});
