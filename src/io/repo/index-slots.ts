/**
 * Numbered disposable slots of the index: `.git/cwf/level/<n>`, each a whole projection of its own, because LevelDB
 * lets one process in at a time and the command line, the server and the editor run side by side.
 *
 *   [IX-1] a process takes the lowest slot that is free; LEVEL_LOCKED means the next, at most SLOTS of them
 *   [IX-2] nothing is kept only here: a slot that cannot be opened or trusted is destroyed and built again
 *   [IX-3] every value carries a checksum of its key and itself: LevelDB does not check what it reads back
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RowChange, RowStore } from './row-store.ts';

/** How many processes can hold an index of one repository at once; further ones work from memory. */
export const SLOTS = 4;

/** An open slot; `close` gives it back. */
export interface Slot {
  readonly n: number;
  readonly rows: RowStore;
  close(): Promise<void>;
  /** Closes the slot and deletes what it holds. */
  destroy(): Promise<void>;
}

/** Thrown by the rows of a slot whose content cannot be trusted; the slot must be destroyed and built again. */
export class SlotDamaged extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`index slot is damaged: ${reason}`, options);
    this.name = 'SlotDamaged';
  }
}

type Level = import('level').Level<string, string>;

/**
 * Opens the lowest free slot under `cwfDir` (or just slot `only`), or returns undefined when all are busy or none can
 * be written.
 */
export async function openSlot(cwfDir: string, only?: number): Promise<Slot | undefined> {
  const { Level } = await import('level');
  const folder = join(cwfDir, 'level');
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    return undefined; // read-only repository
  }
  for (let n = only ?? 0; n < (only === undefined ? SLOTS : only + 1); n++) {
    const path = join(folder, String(n));
    // `level` re-exports classic-level's class, without the type of its static members.
    const destroy = (): Promise<void> => (Level as unknown as { destroy(path: string): Promise<void> }).destroy(path);
    // One more try after destroying what cannot be opened. Destroying takes LevelDB's lock, too: it can never take
    // a slot from under another process that was just as quick to build it again.
    const db = (await tryOpen(Level, path)) ?? ((await succeeds(destroy)) ? await tryOpen(Level, path) : undefined);
    if (db === undefined || db === 'locked') continue;
    const close = (): Promise<void> => db.close();
    return { n, rows: new LevelRows(db), close, destroy: () => close().then(destroy) };
  }
  return undefined;
}

/** The database; `locked` when another process has it; undefined when it cannot be opened as it is. */
async function tryOpen(Level: typeof import('level').Level, path: string): Promise<Level | 'locked' | undefined> {
  const db: Level = new Level<string, string>(path, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  try {
    await db.open();
    return db;
  } catch (error) {
    return codesOf(error).includes('LEVEL_LOCKED') ? 'locked' : undefined;
  }
}

class LevelRows implements RowStore {
  private readonly db: Level;

  constructor(db: Level) {
    this.db = db;
  }

  async get(key: string): Promise<string | undefined> {
    const stored = await guarded(() => this.db.get(key));
    return stored === undefined ? undefined : unseal(key, stored);
  }

  async *range(from: string, to: string): AsyncIterable<[string, string]> {
    const iterator = this.db.iterator({ gte: from, lt: to });
    try {
      for (;;) {
        const rows = await guarded(() => iterator.nextv(1000));
        for (const [key, stored] of rows) yield [key, unseal(key, stored)];
        if (rows.length === 0) return;
      }
    } finally {
      await iterator.close();
    }
  }

  async batch(changes: readonly RowChange[]): Promise<void> {
    await guarded(() =>
      this.db.batch(
        changes.map(({ key, value }) =>
          value === undefined ? { type: 'del', key } : { type: 'put', key, value: seal(key, value) },
        ),
      ),
    );
  }
}

async function guarded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new SlotDamaged(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function seal(key: string, value: string): string {
  return checksum(key, value) + value;
}

function unseal(key: string, stored: string): string {
  const value = stored.slice(8);
  if (stored.slice(0, 8) !== checksum(key, value))
    throw new SlotDamaged(`row ${JSON.stringify(key)} is not what was written`);
  return value;
}

/** FNV-1a over the UTF-16 units of key and value, eight hex digits. */
function checksum(key: string, value: string): string {
  let hash = 0x811c9dc5;
  for (const text of [key, '\0', value]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function codesOf(error: unknown): unknown[] {
  const codes: unknown[] = [];
  for (let e = error; e instanceof Error; e = e.cause) codes.push((e as NodeJS.ErrnoException).code);
  return codes;
}

async function succeeds(action: () => Promise<void>): Promise<boolean> {
  return action().then(
    () => true,
    () => false,
  );
}
