import { expect, it } from 'vitest';
import { dhash64, hashDistance } from '../../../src/io/metrics/fingerprint.ts';
import { failedGates } from '../../../src/io/metrics/gates.ts';
import { factsOf } from '../../../src/io/metrics/measure.ts';
import { noisy, paint, scene } from './images.ts';

const gates = (...args: Parameters<typeof failedGates>) => failedGates(...args).map(({ gate }) => gate);
const earlier = (image: ReturnType<typeof scene>, name = 'trial 3') => [{ ...factsOf(image), name }];

it('a sound image passes [MT-8]', () => {
  expect(gates(factsOf(scene(1)))).toEqual([]);
  expect(gates(factsOf(scene(1)), { width: 96, height: 64, earlier: earlier(scene(2)) })).toEqual([]);
});

it('black, one colour and burnt out images fail [MT-8]', () => {
  expect(gates(factsOf(paint(32, 32, () => [0, 0, 0])))).toEqual(['black']);
  expect(gates(factsOf(paint(32, 32, (x) => [0, 0, x % 16 === 0 ? 3 : 0])))).toEqual(['black']);
  expect(gates(factsOf(paint(32, 32, () => [127, 127, 127])))).toEqual(['single-color']);
  expect(gates(factsOf(paint(32, 32, () => [255, 255, 255])))).toEqual(['single-color', 'clipped']);
  expect(gates(factsOf(paint(32, 32, (x) => (x < 11 ? [255, 254, 253] : [x, 9, 9]))))).toEqual(['clipped']);
  expect(gates(factsOf(paint(32, 32, (x) => (x < 9 ? [255, 254, 253] : [x, 9, 9]))))).toEqual([]);
});

it('repeated images fail, by pixels and by looks [MT-8]', () => {
  const image = scene(1);
  expect(failedGates(factsOf(image), { earlier: earlier(scene(1), 'trial 7') })).toEqual([
    { gate: 'duplicate', reason: 'the pixels are those of trial 7' },
  ]);
  expect(gates(factsOf(noisy(image, 2)), { earlier: [...earlier(scene(2)), ...earlier(image)] })).toEqual([
    'near-duplicate',
  ]);
  // The hash of a flat image is that of every flat image.
  const grey = (level: number) => paint(32, 32, () => [level, level, level]);
  expect(gates(factsOf(grey(90)), { earlier: earlier(grey(91)) })).toEqual(['single-color']);
  expect(gates(factsOf(grey(90)), { earlier: earlier(grey(90)) })).toEqual(['single-color', 'duplicate']);
});

it('another size than asked for fails [MT-8]', () => {
  expect(failedGates(factsOf(scene(1)), { width: 128, height: 64 })).toEqual([
    { gate: 'size', reason: 'the image is 96x64, and 128x64 was asked for' },
  ]);
  expect(gates(factsOf(scene(1)), { width: 96 })).toEqual([]);
});

it('hashes of what looks alike are near, of other scenes far', () => {
  const hash = dhash64(scene(1));
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(hashDistance(hash, hash)).toBe(0);
  expect(hashDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
  expect(hashDistance('8000000000000001', '0000000000000000')).toBe(2);
  expect(hashDistance(hash, dhash64(noisy(scene(1), 4)))).toBeLessThan(hashDistance(hash, dhash64(scene(2))));
});
