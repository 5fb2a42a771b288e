import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, finding } from './fsck-finding.ts';
import { checkLeftovers } from './fsck-leftovers.ts';
import { checkObjects, type ObjectReader } from './fsck-objects.ts';
import { checkRefs } from './fsck-refs.ts';
import { openSlot, SLOTS, type Slot, SlotDamaged } from './index-slots.ts';
import { readObjectLine } from './journal-objects.ts';
import { lockState } from './locks.ts';
import { Notes } from './notes.ts';
import { catchUp, type ProjectionSource } from './projection-fold.ts';
import { MemoryRows, type RowStore } from './row-store.ts';

/** What `fsckRepo` needs of a repository; `Repo` has it. */
export interface FsckTarget extends ObjectReader, ProjectionSource {
  readonly gitDir: string;
}

/** How `fsckRepo` works. */
export interface FsckOptions {
  /** Mend what can be mended without losing anything; off when not given. */
  readonly repair?: boolean;
  /** Milliseconds since 1970, for the age of left-over files. */
  readonly now?: number;
}

/**
 * Checks the structure of a repository: every object, every ref and what it names, reflogs, lock and temporary files,
 * what notes stand on, the index. Objects come first, so that a repaired ref is judged by what is really there.
 * Replaying patches is not part of it (that needs the document).
 */
export async function* fsckRepo(repo: FsckTarget, options: FsckOptions = {}): AsyncGenerator<Finding> {
  const repair = options.repair ?? false;
  let isSound = true;
  for await (const found of checkObjects(repo, repair)) {
    isSound = false;
    yield found;
  }
  for await (const found of checkRefs(repo, repair)) {
    isSound &&= found.severity !== 'error';
    yield found;
  }
  yield* checkLeftovers(repo, lockState, repair, options.now ?? Date.now());
  yield* checkJournal(repo.cwfDir);
  // What is folded from damaged objects would only repeat the same complaints.
  if (!isSound) return;
  yield* checkNotes(repo);
  yield* checkIndex(repo, repair);
}

/** Lines of the journal are `<8 hex digits of their SHA-1> <json>` or objects; the reader passes over those that do not fit. */
function* checkJournal(cwfDir: string): Generator<Finding> {
  const path = join(cwfDir, 'journal');
  if (!existsSync(path)) return;
  for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const isSound = line.startsWith('#')
      ? readObjectLine(line) !== undefined
      : line === '' || line.slice(0, 8) === createHash('sha1').update(line.slice(9)).digest('hex').slice(0, 8);
    if (!isSound) yield finding('JOURNAL_LINE', `line ${i + 1} of the journal is torn`, { path: 'cwf/journal' });
  }
}

async function* checkNotes(repo: FsckTarget): AsyncGenerator<Finding> {
  for (const { ref } of await repo.listRefs('refs/notes/cwf/')) {
    for await (const { oid } of new Notes(repo, ref.slice('refs/notes/cwf/'.length)).list()) {
      const isThere = await repo.readObject(oid).then(
        () => true,
        () => false,
      );
      if (!isThere) yield finding('NOTE_TARGET', `a note stands on ${oid}, which is not here`, { path: ref, oid });
    }
  }
}

/** Compares each slot, brought up to date, with rows folded anew; slots in use by others are passed over. */
async function* checkIndex(repo: FsckTarget, repair: boolean): AsyncGenerator<Finding> {
  for (let n = 0; n < SLOTS; n++) {
    const path = `cwf/level/${n}`;
    if (!existsSync(join(repo.cwfDir, 'level', String(n)))) continue;
    const slot = await openSlot(repo.cwfDir, n);
    if (slot === undefined) continue;
    const reason = await differenceOf(repo, slot);
    const isDestroyed = reason !== undefined && repair;
    await (isDestroyed ? slot.destroy() : slot.close());
    if (reason !== undefined)
      yield finding('INDEX_DIFFERS', `${path} ${reason}`, { path, ...(isDestroyed ? { repaired: 'deleted' } : {}) });
  }
}

async function differenceOf(repo: FsckTarget, slot: Slot): Promise<string | undefined> {
  const anew = new MemoryRows();
  try {
    if (!(await catchUp(repo, slot.rows))) return 'cannot be continued from its watermark';
    await catchUp(repo, anew);
    return (await digest(slot.rows)) === (await digest(anew)) ? undefined : 'is not what git says';
  } catch (error) {
    if (error instanceof SlotDamaged) return error.message;
    throw error;
  }
}

/** All rows but the watermarks, in order, as one hash. */
async function digest(rows: RowStore): Promise<string> {
  const hash = createHash('sha256');
  for await (const [key, value] of rows.range('b', 'n')) hash.update(`${key}\n${value}\n`);
  return hash.digest('hex');
}
