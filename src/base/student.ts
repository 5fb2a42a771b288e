import { normalQuantile } from './normal.ts';

/**
 * The value that a variable of Student's t with `degrees` degrees of freedom (1 or more) exceeds in size with probability
 * `p`, in (0, 1): 2.776 for p = 0.05 and 4 degrees. Exact for 1 and 2, else to about six digits (Hill, algorithm 396,
 * Communications of the ACM 13, 1970).
 */
export function studentBound(p: number, degrees: number): number {
  if (degrees === 1) return Math.tan((Math.PI / 2) * (1 - p));
  if (degrees === 2) return Math.sqrt(2 / (p * (2 - p)) - 2);
  const n = degrees;
  const a = 1 / (n - 0.5);
  const b = 48 / a ** 2;
  let c = (((20700 * a) / b - 98) * a - 16) * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n;
  let y = (d * p) ** (2 / n);
  if (y > 0.05 + a) {
    const x = normalQuantile(p / 2);
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y * y);
  } else
    y =
      ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * ((n + 1) / (n + 2)) +
      1 / y;
  return Math.sqrt(n * y);
}
