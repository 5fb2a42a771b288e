/** The gradient of a function by differences to both sides. */
export function slopesOf(value: (x: Float64Array) => number, at: Float64Array, step = 1e-5): number[] {
  return Array.from(at, (_, i) => {
    const side = (by: number): number => value(Float64Array.from(at, (each, k) => (k === i ? each + by : each)));
    return (side(step) - side(-step)) / (2 * step);
  });
}

/** Whether two rows of numbers agree to a share of their size, or to as much as an absolute error where they are small. */
export function areClose(a: ArrayLike<number>, b: ArrayLike<number>, share = 1e-4): boolean {
  const size = Math.max(1e-3, ...Array.from(b, Math.abs));
  return a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - b[i]!) <= share * size);
}
