/** One change of a row: `value` undefined removes it. */
export interface RowChange {
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * Rows sorted by the UTF-8 bytes of their keys: what the projection is kept in. Two implementations, a LevelDB slot
 * and plain memory, that give the same answers.
 */
export interface RowStore {
  /** Returns the value of a row, or undefined. */
  get(key: string): Promise<string | undefined>;
  /** Yields rows with `from` <= key < `to`, ascending. */
  range(from: string, to: string): AsyncIterable<[key: string, value: string]>;
  /** Makes all changes or none. */
  batch(changes: readonly RowChange[]): Promise<void>;
}

/** Rows in memory, for when every slot is busy or cannot be written. */
export class MemoryRows implements RowStore {
  private readonly rows = new Map<string, string>();
  private sorted: string[] | undefined;

  async get(key: string): Promise<string | undefined> {
    return this.rows.get(key);
  }

  async *range(from: string, to: string): AsyncIterable<[string, string]> {
    this.sorted ??= [...this.rows.keys()].sort(byBytes);
    for (const key of this.sorted) {
      if (byBytes(key, from) >= 0 && byBytes(key, to) < 0) yield [key, this.rows.get(key)!];
    }
  }

  async batch(changes: readonly RowChange[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === undefined) this.rows.delete(key);
      else this.rows.set(key, value);
    }
    this.sorted = undefined;
  }
}

// LevelDB orders by UTF-8 bytes, JavaScript by UTF-16 units: they differ above U+FFFF.
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
