const CENTRE = [
  [2509.0809287301227, 5226.495278852854],
  [33430.57558358813, 28729.085735721943],
  [67265.7709270087, 39307.89580009271],
  [45921.95393154987, 21213.794301586597],
  [13731.69376550946, 5394.196021424751],
  [1971.5909503065513, 687.1870074920579],
  [133.14166789178438, 42.31333070160091],
  [3.3871328727963665, 1],
] as const;
const TAIL = [
  [0.0007745450142783414, 1.0507500716444169e-9],
  [0.022723844989269184, 0.0005475938084995345],
  [0.2417807251774506, 0.015198666563616457],
  [1.2704582524523684, 0.14810397642748008],
  [3.6478483247632045, 0.6897673349851],
  [5.769497221460691, 1.6763848301838038],
  [4.630337846156546, 2.053191626637759],
  [1.4234371107496835, 1],
] as const;

/**
 * The value below which a standard normal variable stays with probability `p`, for p from 1.4e-11 to 1 - 1.4e-11, to
 * 1e-15 (Wichura, algorithm AS 241, Applied Statistics 37, 1988).
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const x = ratio(TAIL, r - 1.6);
  return q < 0 ? -x : x;
}

/** A rational function; coefficients of the highest power first. */
function ratio(coefficients: readonly (readonly [number, number])[], x: number): number {
  let [above, below] = [0, 0];
  for (const [a, b] of coefficients) {
    above = above * x + a;
    below = below * x + b;
  }
  return above / below;
}

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** The density of a standard normal variable at x. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / ROOT_TWO_PI;
}

/**
 * The chance that a standard normal variable stays below x, to a relative 1e-13 or so down to the smallest numbers: the
 * series of the integral where it converges fast, Mills' ratio as a continued fraction in the tails (Abramowitz and
 * Stegun 26.2.11 and 26.2.14).
 */
export function normalCdf(x: number): number {
  if (x < -3.5) return normalDensity(x) * mills(-x);
  if (x > 3.5) return 1 - normalDensity(x) * mills(x);
  let term = x;
  let sum = x;
  const square = x * x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= square / k;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}

/** The logarithm of `normalCdf`, also where that is 0. */
export function logNormalCdf(x: number): number {
  if (x < -3.5) return -0.5 * x * x - Math.log(ROOT_TWO_PI) + Math.log(mills(-x));
  return Math.log(normalCdf(x));
}

/** The chance of being above x over the density at x, for x of 3.5 and more. */
export function mills(x: number): number {
  let fraction = x;
  for (let k = 40; k >= 1; k--) fraction = x + k / fraction;
  return 1 / fraction;
}
