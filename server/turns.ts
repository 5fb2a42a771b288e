import { CwfError } from '../src/base/errors.ts';

/** More than that wait for nobody knows what. */
const MOST_WAITING = 200;

/**
 * Lets changes happen one after the other: they would wait for each other at the lock of the repository anyway, and
 * here they wait without trying. Other programs are kept out by that lock alone.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** Runs `change` when all before it are over. Throws TOO_BUSY, and what `change` throws. */
  async take<T>(change: () => Promise<T>): Promise<T> {
    if (this.waiting >= MOST_WAITING) throw new CwfError('TOO_BUSY', { count: this.waiting, what: 'changes waiting' });
    this.waiting++;
    const turn = this.last.then(change).finally(() => void this.waiting--);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.last;
  }
}
