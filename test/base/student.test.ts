import { expect, it } from 'vitest';
import { studentBound } from '../../src/base/student.ts';

// Tables of R: qt(1 - p / 2, degrees).
it.each([
  [0.05, 1, 12.7062047],
  [0.05, 2, 4.3026527],
  [0.05, 3, 3.1824463],
  [0.05, 4, 2.7764451],
  [0.05, 5, 2.5705818],
  [0.05, 10, 2.2281389],
  [0.05, 30, 2.0422725],
  [0.01, 3, 5.8409093],
  [0.01, 9, 3.2498355],
  [0.5, 7, 0.7111418],
])('is exceeded with probability %f for %i degrees: %f', (p, degrees, bound) => {
  expect(Math.abs(studentBound(p, degrees) / bound - 1)).toBeLessThan(3e-5);
});
