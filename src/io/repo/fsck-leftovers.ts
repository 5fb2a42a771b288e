import { type Dirent, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, finding } from './fsck-finding.ts';

/** Tells whose lock file this is: a process that runs, one that is gone, or another program's. */
export type LockState = (path: string) => Promise<'alive' | 'dead' | 'foreign'>;

const HOUR_MS = 3_600_000;
const TEMPORARY = /^(tmp_obj_|tmp_pack_|tmp_idx_|tmp_rev_)/;

/**
 * Lists what dead processes left: lock files, and temporary files older than an hour. `repair` removes both, but
 * never a lock of a living process or of another program.
 */
export async function* checkLeftovers(
  repo: { gitDir: string; cwfDir: string },
  lockState: LockState,
  repair: boolean,
  now: number,
): AsyncGenerator<Finding> {
  const places = [
    filesIn(repo.gitDir, '', false),
    filesIn(repo.gitDir, 'refs', true),
    filesIn(repo.gitDir, 'cwf', false),
  ];
  for (const path of places.flatMap((files) => [...files])) {
    if (!path.endsWith('.lock')) continue;
    const state = await lockState(join(repo.gitDir, path));
    if (state === 'alive') continue;
    const repaired = repair && state === 'dead' ? removed(join(repo.gitDir, path)) : undefined;
    const age = Math.round((now - modified(join(repo.gitDir, path))) / 1000);
    const what = state === 'dead' ? 'was left by a process that is gone' : 'was made by another program';
    yield finding(state === 'dead' ? 'LOCK_DEAD' : 'LOCK_FOREIGN', `${path} ${what} (${age} s old)`, {
      path,
      repaired,
    });
  }
  for (const path of temporaryFiles(repo.gitDir)) {
    if (now - modified(join(repo.gitDir, path)) < HOUR_MS) continue;
    // A process names itself in a file it links its locks to, for as long as it runs.
    if (path.startsWith('cwf/tmp/owner-') && (await lockState(join(repo.gitDir, path))) === 'alive') continue;
    const repaired = repair ? removed(join(repo.gitDir, path)) : undefined;
    yield finding('LEFT_OVER', `${path} was left by a write that did not finish`, { path, repaired });
  }
}

function* temporaryFiles(gitDir: string): Generator<string> {
  for (const path of filesIn(gitDir, 'objects', true)) {
    if (TEMPORARY.test(path.slice(path.lastIndexOf('/') + 1))) yield path;
  }
  yield* filesIn(gitDir, 'cwf/tmp', true);
}

function* filesIn(gitDir: string, folder: string, isDeep: boolean): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(gitDir, folder), { withFileTypes: true });
  } catch {
    return; // not there
  }
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) yield path;
    else if (isDeep) yield* filesIn(gitDir, path, true);
  }
}

// A file that goes away while we look belongs to somebody who is alive.
function modified(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function removed(path: string): string {
  rmSync(path, { force: true });
  return 'removed';
}
