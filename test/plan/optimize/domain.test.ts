import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSpace, pointFault } from '../../../src/plan/optimize/domain/check.ts';
import { domainOf, pointCount, triedKeys } from '../../../src/plan/optimize/domain/domain.ts';
import { gridPoints } from '../../../src/plan/optimize/domain/grid.ts';
import { scaleOf } from '../../../src/plan/optimize/domain/scale.ts';
import { uniformPoint } from '../../../src/plan/optimize/domain/uniform.ts';
import { mulberry32 } from '../../../src/plan/optimize/rng.ts';
import type { Parameter } from '../../../src/plan/optimize/space.ts';
import { spaces } from './spaces.ts';

const float = (low: number, high: number, more: object = {}): Parameter => ({
  name: 'x',
  kind: 'float',
  low,
  high,
  ...more,
});
const int = (low: number, high: number, more: object = {}): Parameter => ({
  name: 'n',
  kind: 'int',
  low,
  high,
  ...more,
});
const pick: Parameter = { name: 'c', kind: 'categorical', choices: ['a', 'b'] };

describe('points', () => {
  test('[SA-1] a uniform point is valid and takes one number for each active parameter', () => {
    fc.assert(
      fc.property(spaces(), fc.nat(), (space, seed) => {
        checkSpace(space);
        const rng = mulberry32(seed);
        let drawn = 0;
        const params = uniformPoint(space, () => {
          drawn++;
          return rng();
        });
        expect(pointFault(space, params)).toBeUndefined();
        expect(drawn).toBe(Object.keys(params).length);
      }),
    );
  });

  test('[SA-2] decode undoes encode; coordinates are in range and NaN only where a parameter is not there', () => {
    fc.assert(
      fc.property(spaces(), fc.nat(), (space, seed) => {
        const domain = domainOf(space);
        const params = uniformPoint(space, mulberry32(seed));
        const coordinates = domain.encode(params);
        for (const [i, { parameter, levels, isCategorical }] of domain.scales.entries()) {
          const u = coordinates[i]!;
          expect(Number.isNaN(u)).toBe(!(parameter.name in params));
          if (!Number.isNaN(u)) expect(u >= 0 && u <= (isCategorical ? levels - 1 : 1)).toBe(true);
        }
        const back = domain.decode(coordinates);
        expect(Object.keys(back)).toEqual(Object.keys(params));
        for (const [name, value] of Object.entries(params)) {
          if (typeof value !== 'number' || Number.isInteger(value)) expect(back[name]).toBe(value);
          else expect(Math.abs((back[name] as number) - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
        }
        expect(domain.keyOf(back)).toBe(domain.keyOf(params));
      }),
    );
  });

  test('[SA-2] any coordinates decode to a valid point', () => {
    const coordinate = fc.oneof(fc.double({ min: -2, max: 9, noNaN: true }), fc.constant(NaN));
    fc.assert(
      fc.property(spaces(), fc.array(coordinate, { minLength: 5, maxLength: 5 }), (space, coordinates) => {
        expect(pointFault(space, domainOf(space).decode(coordinates))).toBeUndefined();
      }),
    );
  });

  test('[SA-2] each value has a cell of its own, the first and the last as wide as the others', () => {
    const { levels, decode, valueAt } = scaleOf(int(8, 40, { step: 4 }));
    expect(levels).toBe(9);
    for (let level = 0; level < levels; level++) {
      expect(decode((level + 0.001) / levels)).toBe(valueAt(level));
      expect(decode((level + 0.999) / levels)).toBe(valueAt(level));
    }
    expect(scaleOf(float(0, 1, { step: 0.1 })).valueAt(3)).toBe(0.3);
    expect(scaleOf(float(0.001, 10, { log: true })).decode(0.5)).toBeCloseTo(0.1, 12);
    expect(scaleOf(int(1, 1000, { log: true })).decode(0.5)).toBe(22);
  });

  test('[SA-3] the count of points is what a grid of all of them has, each with its own key', () => {
    fc.assert(
      fc.property(spaces({ isCounted: true }), (space) => {
        const count = pointCount(space);
        fc.pre(count <= 2000);
        const keys = [...gridPoints(space, Infinity)].map((params) => domainOf(space).keyOf(params));
        expect(keys).toHaveLength(count);
        expect(new Set(keys).size).toBe(count);
      }),
    );
    expect(pointCount({ parameters: [float(0, 1)] })).toBe(Infinity);
  });

  test('[SA-3] what the world made fail may be tried again, what the point made fail may not', () => {
    const domain = domainOf({ parameters: [int(0, 9)] });
    const trial = (n: number, failure?: 'error' | 'out-of-memory') =>
      ({ number: n, state: 'FAIL', params: { n }, intermediate: [], ...(failure ? { failure } : {}) }) as const;
    const keys = triedKeys(domain, [trial(0), trial(1, 'error'), trial(2, 'out-of-memory')]);
    expect([...keys]).toEqual([domain.keyOf({ n: 2 })]);
  });
});

describe('checks', () => {
  test.each<[string, Parameter[], RegExp]>([
    ['bounds in the wrong order', [float(2, 1)], /x: .*2 is over .*1/],
    ['a bound that is no number', [float(0, Number.POSITIVE_INFINITY)], /finite/],
    ['a whole number between broken bounds', [int(0.5, 3)], /whole/],
    ['a log scale from 0', [float(0, 1, { log: true })], /above 0/],
    ['a log scale with steps', [float(1, 9, { log: true, step: 2 })], /no steps/],
    ['a step of 0', [float(0, 1, { step: 0 })], /step 0/],
    ['a broken step of a whole number', [int(0, 9, { step: 0.5 })], /step 0.5/],
    ['no choices', [{ name: 'c', kind: 'categorical', choices: [] }], /no choices/],
    ['a choice twice', [{ name: 'c', kind: 'ordinal', choices: ['a', 'a'] }], /"a" stands twice/],
    ['a name twice', [pick, pick], /two of that name/],
    ['no name', [{ ...pick, name: '' }], /no name/],
    ['an unknown parent', [int(0, 1, { when: [{ parent: 'q', values: [1] }] })], /q is unknown/],
    ['a parent after its child', [int(0, 1, { when: [{ parent: 'c', values: ['a'] }] }), pick], /stands after/],
    ['itself as its parent', [int(0, 1, { when: [{ parent: 'n', values: [1] }] })], /itself/],
    ['a value that the parent never has', [pick, int(0, 1, { when: [{ parent: 'c', values: ['z'] }] })], /never "z"/],
    ['a condition without values', [pick, int(0, 1, { when: [{ parent: 'c', values: [] }] })], /no value/],
    [
      'conditions that exclude each other',
      [
        pick,
        int(0, 1, {
          when: [
            { parent: 'c', values: ['a'] },
            { parent: 'c', values: ['b'] },
          ],
        }),
      ],
      /never hold/,
    ],
    [
      'conditions that exclude each other through a parent',
      [
        pick,
        { name: 'd', kind: 'categorical', choices: [1, 2], when: [{ parent: 'c', values: ['a'] }] },
        int(0, 1, {
          when: [
            { parent: 'd', values: [1] },
            { parent: 'c', values: ['b'] },
          ],
        }),
      ],
      /never hold/,
    ],
  ])('[SA-4] %s is refused by name', (_, parameters, message) => {
    expect(() => checkSpace({ parameters })).toThrow(expect.objectContaining({ code: 'SPACE_INVALID' }));
    expect(() => checkSpace({ parameters })).toThrow(message);
  });

  test('[SA-4] a space without parameters is refused', () => {
    expect(() => checkSpace({ parameters: [] })).toThrow(expect.objectContaining({ code: 'SPACE_EMPTY' }));
  });

  test('[SA-4] a point that lacks, adds or breaks a value is told', () => {
    const space = { parameters: [pick, int(0, 9, { step: 3, when: [{ parent: 'c', values: ['a'] }] })] };
    expect(pointFault(space, { c: 'a', n: 3 })).toBeUndefined();
    expect(pointFault(space, { c: 'b' })).toBeUndefined();
    expect(pointFault(space, { c: 'a' })).toMatch(/n has no value/);
    expect(pointFault(space, { c: 'b', n: 3 })).toMatch(/condition does not hold/);
    expect(pointFault(space, { c: 'a', n: 4 })).toMatch(/n cannot be 4/);
    expect(pointFault(space, { c: 'b', z: 1 })).toMatch(/no z/);
  });
});
