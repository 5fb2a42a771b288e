/** A thing to time: returns, or resolves, when done. May return its own milliseconds, to leave preparation out. */
export type Case = () => number | undefined | Promise<number | undefined> | Promise<void>;

/**
 * Times several cases side by side: each round runs every case once, in turn and in alternating order, so that a slow
 * moment of the machine hits all of them. The first round only warms up. Returns all milliseconds per case.
 */
export async function interleaved<K extends string>(
  cases: Readonly<Record<K, Case>>,
  rounds: number,
): Promise<Record<K, number[]>> {
  const names = Object.keys(cases) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const started = performance.now();
      const own = await cases[name]();
      if (round > 0) times[name].push(own ?? performance.now() - started);
    }
  }
  return times;
}

/** The middle value; for an even number the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
