import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isCwfError } from '../../base/errors.ts';
import type { Journal } from './journal.ts';
import { journaledObjects } from './journal-objects.ts';
import { isMissing } from './objects.ts';
import { writeRef } from './ref-update.ts';
import { readRawRef } from './refs.ts';
import type { Repo } from './repo.ts';
import type { Operation } from './types.ts';

/** Lines of a reflog that are looked at. */
const REFLOG_LINES = 64;
/** The time of an operation is in whole milliseconds, that of a file is not. */
const CLOCK_MS = 1;

/** Makes every object of the journal whole again: a crash may have come before it was put in its place. [OP-7] */
export async function putObjectsBack(repo: Repo): Promise<void> {
  for (const { oid, bytes } of journaledObjects(repo.cwfDir)) await repo.objects.putBack(oid, bytes);
}

/**
 * Brings back the refs that the machine's last stop may have taken: the journal was synced, they were not [OP-7]. Each
 * has the last value its operations gave it, unless somebody moved it on purpose. The caller holds the transaction
 * lock.
 */
export async function restoreRefs(repo: Repo, { done, pending }: Journal): Promise<void> {
  // The line that says an operation is complete is not synced: what was prepared was carried out, or about to be.
  const operations = pending === undefined ? done : [...done, pending.operation];
  for (const [ref, past] of pastOf(operations)) await restoreRef(repo, ref, past);
}

interface Past {
  /** The values the operations gave to a ref, oldest first, after the one it had before them. */
  readonly values: readonly (string | null)[];
  /** When the last one did, in milliseconds. */
  readonly time: number;
}

function pastOf(operations: readonly Operation[]): Map<string, Past> {
  const out = new Map<string, Past>();
  for (const { refs, time } of operations) {
    for (const { ref, old, new: now } of refs) {
      if (ref !== 'HEAD') out.set(ref, { values: [...(out.get(ref)?.values ?? [old]), now], time });
    }
  }
  return out;
}

async function restoreRef(repo: Repo, ref: string, { values, time }: Past): Promise<void> {
  const last = values.at(-1)!;
  const now = currentValue(repo, ref);
  // Refs are made and deleted in synced steps: one that is there, or not there, against its last value is on purpose.
  if (last === null || now === null || now === last) return;
  const isLost = now === undefined || (values.includes(now) && !wasMovedOn(repo.gitDir, ref, last, time));
  // Without its objects the journal line came to the disk before they did, in the stop itself: nobody was told.
  if (isLost && (await repo.objects.has(last))) writeRef(repo, ref, last);
}

/** Undefined for a file that the stop left without a readable value. */
function currentValue(repo: Repo, ref: string): string | null | undefined {
  try {
    return readRawRef(repo.gitDir, ref) ?? null;
  } catch (error) {
    if (isCwfError(error, 'REF_CORRUPT')) return undefined;
    throw error;
  }
}

/**
 * Whether the ref left this value again, so that where it stands is where it was put: its file is younger than the
 * operation that gave it the value, or the reflog tells.
 */
function wasMovedOn(gitDir: string, ref: string, value: string, time: number): boolean {
  const written = ageOf(join(gitDir, ref)) ?? ageOf(join(gitDir, 'packed-refs'));
  if (written !== undefined && written > time + CLOCK_MS) return true;
  try {
    const lines = readFileSync(join(gitDir, 'logs', ref), 'latin1')
      .trimEnd()
      .split('\n')
      .slice(-REFLOG_LINES);
    return lines.some((line) => line.startsWith(`${value} `));
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
}

/** When a file was last written, in milliseconds. */
function ageOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.mtimeMs : undefined;
}
