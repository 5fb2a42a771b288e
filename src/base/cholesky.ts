/** A symmetric positive definite matrix, row by row, factored as L·Lᵀ. */
export interface Factor {
  readonly size: number;
  /** L, row by row; above the diagonal nothing is meant. */
  readonly lower: Float64Array;
}

/** The Cholesky factor of a matrix, of which only the lower triangle is read; undefined when it is not positive definite. */
export function cholesky(matrix: Float64Array, size: number): Factor | undefined {
  const lower = Float64Array.from(matrix);
  return factorInPlace(lower, size) ? { size, lower } : undefined;
}

/** Puts L in the place of the lower triangle of a matrix; false when it is not positive definite. */
export function factorInPlace(matrix: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j < i; j++) {
      const other = j * size;
      matrix[row + j] = (matrix[row + j]! - dot(matrix, row, matrix, other, j)) / matrix[other + j]!;
    }
    const rest = matrix[row + i]! - dot(matrix, row, matrix, row, i);
    if (!(rest > 0)) return false;
    matrix[row + i] = Math.sqrt(rest);
  }
  return true;
}

/** The x of A·x = b, where A was factored. */
export function solve({ size, lower }: Factor, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  solveInPlace(lower, size, x);
  return x;
}

/** As `solve`, in the place of b. */
export function solveInPlace(lower: Float64Array, size: number, b: Float64Array): void {
  forwardInPlace(lower, size, b);
  for (let i = size - 1; i >= 0; i--) {
    const each = b[i]! / lower[i * size + i]!;
    b[i] = each;
    for (let k = 0; k < i; k++) b[k] = b[k]! - lower[i * size + k]! * each;
  }
}

/** Puts the x of L·x = b in the place of the first `size` numbers of b. */
export function forwardInPlace(lower: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) b[i] = (b[i]! - dot(lower, i * size, b, 0, i)) / lower[i * size + i]!;
}

/** The inverse of the matrix that was factored, row by row: (L⁻¹)ᵀ·L⁻¹. */
export function inverse({ size, lower }: Factor): Float64Array {
  // Row a of `columns` is column a of L⁻¹, so that all sums run along rows.
  const columns = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    const row = a * size;
    columns[row + a] = 1 / lower[row + a]!;
    for (let k = a + 1; k < size; k++)
      columns[row + k] = -dot(lower, k * size + a, columns, row + a, k - a) / lower[k * size + k]!;
  }
  const out = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      const sum = dot(columns, a * size + a, columns, b * size + a, size - a);
      out[a * size + b] = sum;
      out[b * size + a] = sum;
    }
  }
  return out;
}

/** The sum of products of `count` numbers from two places; four sums side by side, since one waits for its own last. */
export function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[fromA + k]! * b[fromB + k]!;
    s1 += a[fromA + k + 1]! * b[fromB + k + 1]!;
    s2 += a[fromA + k + 2]! * b[fromB + k + 2]!;
    s3 += a[fromA + k + 3]! * b[fromB + k + 3]!;
  }
  for (; k < count; k++) s0 += a[fromA + k]! * b[fromB + k]!;
  return s0 + s1 + (s2 + s3);
}
