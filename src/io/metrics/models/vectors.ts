/** A vector of length 1; throws what `fail` makes for one without a length or with values that are not finite. */
export function unit(vector: Float32Array, fail: (reason: string) => Error): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (!Number.isFinite(squares) || squares === 0) throw fail('it answers with vectors that have no direction');
  const length = Math.sqrt(squares);
  return vector.map((value) => value / length);
}

/** The cosine of two vectors of length 1, kept inside -1 to 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, sum));
}

/**
 * Maximum mean discrepancy of two sets of embeddings as CMMD defines it (Jayasumana et al. 2024): a Gaussian kernel with
 * σ 10 over vectors of length 1, means over all pairs, times 1000.
 */
export function maximumMeanDiscrepancy(xs: readonly Float32Array[], ys: readonly Float32Array[]): number {
  return 1000 * Math.max(meanKernel(xs, xs) + meanKernel(ys, ys) - 2 * meanKernel(xs, ys), 0);
}

function meanKernel(xs: readonly Float32Array[], ys: readonly Float32Array[]): number {
  let sum = 0;
  for (const x of xs) for (const y of ys) sum += Math.exp(-(1 - cosine(x, y)) / 100);
  return sum / (xs.length * ys.length);
}
