const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * How long to wait before a server is asked again after `failures` failures in a row: 0.5 to 1 s at first, twice that
 * each time, 15 to 30 s at most. `random` (0 to 1) keeps clients that lost a server together from coming back together.
 */
export function backoff(failures: number, random: number): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.round(most / 2 + (most / 2) * random);
}
