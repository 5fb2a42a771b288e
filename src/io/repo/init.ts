import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { NOTE_KINDS, NOTES_MERGE_STRATEGY } from './notes.ts';
import { isMissing } from './objects.ts';
import { findRepo, type RepoPlace } from './open.ts';
import { openRepo, type Repo } from './repo.ts';

/**
 * Makes a repository of a folder as `git init -b main` does, or moves into the one it lies in (then only `.git/cwf`
 * and the merge strategy of cwf's notes are added). [RP-1] Throws REPO_UNSUPPORTED, REPO_READ_ONLY.
 */
export async function initRepo(dir: string): Promise<Repo> {
  try {
    const place = findRepo(dir) ?? create(resolve(dir));
    for (const folder of ['tmp', 'level']) mkdirSync(join(place.gitDir, 'cwf', folder), { recursive: true });
    configureNotes(place.gitDir);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
      throw new CwfError('REPO_READ_ONLY', { dir }, { cause });
    throw cause;
  }
  return openRepo(dir);
}

function create(workDir: string): RepoPlace {
  const gitDir = join(workDir, '.git');
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
    mkdirSync(join(gitDir, folder), { recursive: true });
  }
  // A folder per first byte now, so that no commit waits for one.
  for (let byte = 0; byte < 256; byte++)
    mkdirSync(join(gitDir, 'objects', byte.toString(16).padStart(2, '0')), { recursive: true });
  const config =
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n';
  writeFileSync(join(gitDir, 'config'), config);
  writeFileSync(join(gitDir, 'description'), 'ComfyUI workflows, versioned by cwf.\n');
  writeFileSync(join(gitDir, 'info', 'exclude'), '');
  // HEAD last: a folder without it is no repository, so a crash before here leaves none.
  writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  return { workDir, gitDir };
}

/** Lets `git notes merge` take the union of both sides' lines. */
function configureNotes(gitDir: string): void {
  const path = join(gitDir, 'config');
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
  for (const kind of NOTE_KINDS) {
    const section = `[notes "cwf/${kind}"]`;
    if (!text.includes(section)) appendFileSync(path, `${section}\n\tmergeStrategy = ${NOTES_MERGE_STRATEGY}\n`);
  }
}
