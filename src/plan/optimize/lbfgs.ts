/** What is minimised: the value at x, whose gradient it writes. Not finite where there is no value. */
export type Smooth = (x: Float64Array, gradient: Float64Array) => number;

interface Limits {
  /** Bounds of each number. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Most steps, and most values asked for. */
  readonly steps: number;
  readonly values?: number;
  /** It is over when no free number has a steeper slope than this. */
  readonly slope: number;
}

const KEPT = 8;

/**
 * A local minimum within bounds, from `start`: L-BFGS (Nocedal, Mathematics of Computation 35, 1980) with the steps
 * projected onto the box and the numbers that press against a bound held there; halved steps until the value falls
 * enough (Armijo). Never worse than the start.
 */
export function minimize(smooth: Smooth, start: Float64Array, limits: Limits): { x: Float64Array; value: number } {
  const size = start.length;
  const { low, high } = limits;
  let x = Float64Array.from(start, (value, i) => Math.min(high[i]!, Math.max(low[i]!, value)));
  let gradient = new Float64Array(size);
  let value = smooth(x, gradient);
  let left = (limits.values ?? Number.POSITIVE_INFINITY) - 1;
  if (!Number.isFinite(value)) return { x, value };
  const memory: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let [next, nextGradient] = [new Float64Array(size), new Float64Array(size)];
  const direction = new Float64Array(size);
  const weights = new Float64Array(KEPT);
  const held = (i: number): boolean =>
    (x[i]! <= low[i]! && gradient[i]! > 0) || (x[i]! >= high[i]! && gradient[i]! < 0);

  for (let step = 0; step < limits.steps; step++) {
    let steepest = 0;
    for (let i = 0; i < size; i++) {
      direction[i] = held(i) ? 0 : -gradient[i]!;
      steepest = Math.max(steepest, Math.abs(direction[i]!));
    }
    if (!(steepest > limits.slope)) break;
    for (let m = memory.length - 1; m >= 0; m--) {
      const { s, y, rho } = memory[m]!;
      weights[m] = rho * inner(s, direction);
      for (let i = 0; i < size; i++) direction[i] = direction[i]! - weights[m]! * y[i]!;
    }
    const last = memory.at(-1);
    const size0 = last ? 1 / (last.rho * inner(last.y, last.y)) : Math.min(1, 1 / steepest);
    for (let i = 0; i < size; i++) direction[i] = direction[i]! * size0;
    memory.forEach(({ s, y, rho }, m) => {
      const weight = weights[m]! - rho * inner(y, direction);
      for (let i = 0; i < size; i++) direction[i] = direction[i]! + weight * s[i]!;
    });
    for (let i = 0; i < size; i++) if (held(i)) direction[i] = 0;
    if (!(inner(direction, gradient) < 0)) {
      if (memory.length === 0) break;
      memory.length = 0;
      continue;
    }

    let taken = false;
    for (let length = 1; length > 1e-6 && left > 0 && !taken; length /= length === 1 ? 4 : 2) {
      let fall = 0;
      for (let i = 0; i < size; i++) {
        next[i] = Math.min(high[i]!, Math.max(low[i]!, x[i]! + length * direction[i]!));
        fall += gradient[i]! * (next[i]! - x[i]!);
      }
      const there = smooth(next, nextGradient);
      left--;
      if (!(there <= value + 1e-4 * fall)) continue;
      const s = next.map((each, i) => each - x[i]!);
      const y = nextGradient.map((each, i) => each - gradient[i]!);
      const curvature = inner(s, y);
      if (curvature > 1e-12 * inner(y, y)) memory.push({ s, y, rho: 1 / curvature });
      if (memory.length > KEPT) memory.shift();
      value = there;
      [x, next] = [next, x];
      [gradient, nextGradient] = [nextGradient, gradient];
      taken = true;
    }
    if (!taken) {
      if (memory.length === 0 || left <= 0) break;
      memory.length = 0;
    }
  }
  return { x, value };
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
