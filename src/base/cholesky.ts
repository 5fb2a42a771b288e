/** A symmetric positive definite matrix, row by row, factored as L·Lᵀ. */
export interface Factor {
  readonly size: number;
  /** L, row by row; above the diagonal nothing is meant. */
  readonly lower: Float64Array;
}

/** The Cholesky factor of a matrix; undefined when it is not positive definite. */
export function cholesky(matrix: Float64Array, size: number): Factor | undefined {
  const lower = Float64Array.from(matrix);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i > j) lower[i * size + j] = sum / lower[j * size + j]!;
      else if (!(sum > 0)) return undefined;
      else lower[i * size + i] = Math.sqrt(sum);
    }
  }
  return { size, lower };
}

/** The x of A·x = b, where A was factored. */
export function solve({ size, lower }: Factor, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - lower[i * size + k]! * x[k]!;
    x[i] = x[i]! / lower[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] = x[i]! - lower[k * size + i]! * x[k]!;
    x[i] = x[i]! / lower[i * size + i]!;
  }
  return x;
}

/** The inverse of the matrix that was factored, row by row. */
export function inverse(factor: Factor): Float64Array {
  const { size } = factor;
  const out = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    unit.fill(0);
    unit[i] = 1;
    out.set(solve(factor, unit), i * size);
  }
  return out;
}
