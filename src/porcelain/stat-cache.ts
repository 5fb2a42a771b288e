import { type BigIntStats, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is known of a file whose stat has not changed: the oid of its canonical text, or null when it is no workflow. */
export type Known = string | null;

/** Raise when the canonical text or the detection of workflows changes: older caches are then dropped. */
const VERSION = 1;
/** A file as young as this may still change within one tick of the file system's clock; some only count seconds. */
const TICK_MS = { fine: 50, coarse: 2100 } as const;

/**
 * Remembers, by path and stat, what each file of the working tree was. Lies in `.git/cwf`, can be deleted at any time:
 * it only saves reading files again. Written as a whole, so that two writers at worst forget each other's rows.
 */
export class StatCache {
  private readonly path: string;
  private readonly stale: Map<string, [stamp: string, known: Known]>;
  private readonly fresh = new Map<string, [stamp: string, known: Known]>();
  private changed = false;

  constructor(cwfDir: string) {
    this.path = join(cwfDir, 'worktree.json');
    this.stale = load(this.path);
  }

  /** What the file was the last time, if nothing says that it was touched since. */
  get(file: string, stat: BigIntStats): Known | undefined {
    const row = this.stale.get(file);
    if (row === undefined || row[0] !== stampOf(stat)) return undefined;
    this.fresh.set(file, row);
    return row[1];
  }

  /** Remembers a file as it was read; `stat` is from before the reading. */
  set(file: string, stat: BigIntStats, known: Known): void {
    const tick = stat.ctimeNs % 1_000_000_000n === 0n ? TICK_MS.coarse : TICK_MS.fine;
    if (Date.now() - Number(stat.ctimeMs) < tick) return;
    this.fresh.set(file, [stampOf(stat), known]);
    this.changed = true;
  }

  /** Writes what was asked and set since the opening, when it differs; a cache that cannot be written is no error. */
  save(): void {
    if (!this.changed && this.fresh.size === this.stale.size) return;
    const temporary = `${this.path}.${process.pid}`;
    try {
      writeFileSync(temporary, JSON.stringify({ version: VERSION, files: [...this.fresh] }));
      renameSync(temporary, this.path);
    } catch {
      // A read-only repository is read without a cache.
    }
  }
}

function load(path: string): Map<string, [string, Known]> {
  try {
    const json = JSON.parse(readFileSync(path, 'utf8'));
    if (json.version === VERSION) return new Map(json.files);
  } catch {
    // None yet, or damaged: as good as none.
  }
  return new Map();
}

function stampOf(stat: BigIntStats): string {
  return `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;
}
