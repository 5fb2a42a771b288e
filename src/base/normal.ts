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
