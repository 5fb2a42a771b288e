import { parseJson } from '../../base/json-parse.ts';
import { openSlot, type Slot, SlotDamaged } from './index-slots.ts';
import { catchUp, type ProjectionSource } from './projection-fold.ts';
import {
  type CommitRow,
  commitKey,
  type MetricRow,
  type PathChange,
  rangeAt,
  rangeBelow,
  rangeOfMetric,
  readChangeKey,
  readMetricKey,
} from './projection-rows.ts';
import { MemoryRows, type RowStore } from './row-store.ts';

/** Answers from the index: a view of git's commits and notes at the moment it was opened, never a source of truth. */
export class Projection {
  private readonly rows: RowStore;

  constructor(rows: RowStore) {
    this.rows = rows;
  }

  /** Returns what is known of a commit that some ref reaches, or undefined. */
  async commit(oid: string): Promise<CommitRow | undefined> {
    const text = await this.rows.get(commitKey(oid));
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Yields the reachable commits a metric was noted on, smallest number first; one row per number. */
  async *commitsWithMetric(metric: string): AsyncGenerator<MetricRow> {
    for await (const [key] of this.rows.range(...rangeOfMetric(metric))) {
      const row = readMetricKey(key);
      if ((await this.rows.get(commitKey(row.oid))) !== undefined) yield row;
    }
  }

  /**
   * Returns every change that can have touched this place of a file (JSON Pointer over the keyed form; empty for the
   * whole file): at it, below it, or above it. Highest generation first, so no commit comes before its children.
   */
  async changesOf(file: string, path = ''): Promise<PathChange[]> {
    const found: PathChange[] = [];
    const above = ancestorsOf(path);
    for (const range of [rangeBelow(file, path), ...[path, ...above].map((p) => rangeAt(file, p))]) {
      for await (const [key, value] of this.rows.range(...range)) {
        const change = readChangeKey(key);
        const isMeant = change.path === path || change.path.startsWith(`${path}/`) || above.includes(change.path);
        if (!isMeant) continue;
        const { oid, generation } = change;
        found.push({ oid, generation, path: change.path, ...(value === '' ? {} : { op: parseJson(value) }) });
      }
    }
    return found.sort((a, b) => b.generation - a.generation || compare(a.oid, b.oid) || compare(a.path, b.path));
  }
}

/**
 * Runs `fn` with an index that is up to date with git: in the lowest free slot, or from memory when all are busy. A
 * slot that turns out to be damaged is destroyed and `fn` runs once more, so it must only ask.
 */
export async function withIndex<T>(repo: ProjectionSource, fn: (index: Projection) => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const slot = await openSlot(repo.cwfDir);
    if (slot === undefined) break;
    const outcome = await useSlot(repo, slot, fn);
    if (outcome !== undefined) return outcome.value;
  }
  const rows = new MemoryRows();
  await catchUp(repo, rows);
  return fn(new Projection(rows));
}

/** What `fn` gave; undefined when the slot had to be destroyed. */
async function useSlot<T>(
  repo: ProjectionSource,
  slot: Slot,
  fn: (index: Projection) => Promise<T>,
): Promise<{ value: T } | undefined> {
  let isSound = false;
  try {
    isSound = await catchUp(repo, slot.rows);
    return isSound ? { value: await fn(new Projection(slot.rows)) } : undefined;
  } catch (error) {
    if (!(error instanceof SlotDamaged)) throw error;
    isSound = false;
    return undefined;
  } finally {
    // Somebody else may be destroying it, too; whoever comes next tries again.
    await (isSound ? slot.close() : slot.destroy().catch(() => undefined));
  }
}

/** The places a value lies in, from the whole file down to its parent. */
function ancestorsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
