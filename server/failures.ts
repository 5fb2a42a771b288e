/** Failures in a row that cost nothing: somebody looks for the right token. */
const BURST = 20;
/** After that one failure a second is answered. */
const PER_SECOND = 1;
/** Addresses that are remembered. */
const MOST = 1000;

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/**
 * Counts requests without a valid token by the address they come from, as a bucket that fills again. It only makes
 * guessing loud and cheap to answer: 256 bits are not guessed. A valid token is never refused here. [SV-8]
 */
export class Failures {
  private readonly buckets = new Map<string, Bucket>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Counts a failure; seconds to wait where there were too many, else undefined. */
  count(address: string): number | undefined {
    const at = this.now();
    const known = this.buckets.get(address) ?? { left: BURST, at };
    const left = Math.min(BURST, known.left + ((at - known.at) / 1000) * PER_SECOND);
    this.buckets.delete(address);
    this.buckets.set(address, { left: Math.max(0, left - 1), at });
    if (this.buckets.size > MOST) this.buckets.delete(this.buckets.keys().next().value!);
    return left >= 1 ? undefined : Math.ceil((1 - left) / PER_SECOND);
  }
}
