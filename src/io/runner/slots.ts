/** Places of which each is taken by one at a time; who waits is served in the order of asking. */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  private readonly all: number;

  constructor(count: number) {
    this.all = count;
    this.free = count;
  }

  /** How many have a place or wait for one. */
  get count(): number {
    return this.all - this.free + this.waiting.length;
  }

  /** Waits for a place; false where the signal ended the waiting. A place that was taken must be given back. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.free > 0) {
      this.free--;
      return true;
    }
    return await new Promise((resolve) => {
      const served = () => {
        signal.removeEventListener('abort', left);
        resolve(true);
      };
      const left = () => {
        this.waiting.splice(this.waiting.indexOf(served), 1);
        resolve(false);
      };
      this.waiting.push(served);
      signal.addEventListener('abort', left, { once: true });
    });
  }

  giveBack(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
