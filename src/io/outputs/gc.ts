import { linkSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isPinned } from './describe.ts';
import { isMissing, removeFile, temporaryIn, tried } from './disk.ts';
import { isOutputId, type OutputPlace, outputPath } from './place.ts';
import { listOutputs, type StoredOutput } from './store.ts';

/** What garbage collection may drop. */
export interface GcPolicy {
  /** `all`: nothing is dropped that there is room for. `noted`: what no note and no pointer file names goes. */
  readonly keep: 'all' | 'noted';
  /** Room, in bytes; without it there is no limit. */
  readonly maxBytes?: number;
  /** Outputs that a note names. */
  readonly named: ReadonlySet<string>;
  /** To drop named ones, too, where there is no room without; oldest first, after all others. */
  readonly evenNamed?: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly dryRun?: boolean;
}

/** What was dropped (or would be). `over`: bytes beyond the limit that are left because they are named or young. */
export interface GcResult {
  readonly dropped: readonly StoredOutput[];
  readonly kept: { readonly count: number; readonly size: number };
  readonly over: number;
}

/** A run that has just put its outputs has yet to write the note that names them. */
const YOUNG_MS = 3_600_000;

/** Drops outputs by a policy; one that is put again meanwhile stays. Throws STORAGE_FAILED, REPO_READ_ONLY. */
export function collectOutputs(place: OutputPlace, policy: GcPolicy): GcResult {
  const all = [...listOutputs(place)];
  const isNamed = (id: string): boolean => policy.named.has(id) || isPinned(place, id);
  const byAge = (a: StoredOutput, b: StoredOutput): number => a.time - b.time || (a.id < b.id ? -1 : 1);
  const old = all.filter(({ time }) => policy.now - time >= YOUNG_MS).sort(byAge);
  const named = old.filter(({ id }) => isNamed(id));
  const free = old.filter(({ id }) => !isNamed(id));
  const limit = policy.maxBytes ?? Number.POSITIVE_INFINITY;
  let size = all.reduce((sum, each) => sum + each.size, 0);
  const dropped: StoredOutput[] = [];
  const drop = (output: StoredOutput): void => {
    if (!policy.dryRun && !removeOutput(place, output, policy.now)) return;
    dropped.push(output);
    size -= output.size;
  };
  if (!policy.dryRun && old.length > 0) tried(place.tmp, () => mkdirSync(place.tmp, { recursive: true }));
  for (const output of free) if (policy.keep === 'noted' || size > limit) drop(output);
  if (policy.evenNamed) for (const output of named) if (size > limit) drop(output);
  if (!policy.dryRun) removeOrphans(place);
  return { dropped, kept: { count: all.length - dropped.length, size }, over: Math.max(0, size - limit) };
}

/**
 * Takes an output away, unless somebody has put it again since it was listed: it is moved aside first, so that there is
 * no moment between looking and removing, and a young one goes back.
 */
function removeOutput(place: OutputPlace, { id }: StoredOutput, now: number): boolean {
  const path = outputPath(place, id);
  const aside = temporaryIn(place.tmp);
  return tried(path, () => {
    try {
      renameSync(path, aside);
    } catch (cause) {
      if (isMissing(cause)) return true;
      throw cause;
    }
    if (now - statSync(aside).mtimeMs < YOUNG_MS) {
      try {
        linkSync(aside, path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(aside, path);
      }
      removeFile(aside);
      return false;
    }
    removeFile(aside);
    return true;
  });
}

/** What stands beside outputs that are gone. */
function removeOrphans(place: OutputPlace): void {
  for (const folder of foldersIn(place.folder)) {
    const names = new Set(readdirSync(join(place.folder, folder)));
    for (const name of names) {
      const [id = '', ending] = name.split('.');
      if (isOutputId(id) && ['json', 'webp', 'pin'].includes(ending ?? '') && !names.has(id))
        removeFile(join(place.folder, folder, name));
    }
  }
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{2}$/.test(name));
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}
