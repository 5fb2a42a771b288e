import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatWorkflow } from '../core/workflow/write.ts';
import { fdChannel, serveFilter } from '../io/drivers/filter-process.ts';
import { blobOid } from '../io/repo/blob-oid.ts';
import { type IndexEntry, readIndexFile } from '../io/repo/git-index.ts';
import { leftToGit, readDriverFile } from './driver-file.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What git stores of a file, and what to tell about it. */
export interface Cleaned {
  readonly bytes: Uint8Array;
  readonly note?: string;
}

/** The oid git's index has for a path. */
export type OidInIndex = (path: string) => string | undefined;

/**
 * The bytes git stores for a working file: canonical text for a workflow, so that a save with other key order, node
 * order or view is no change; the very same bytes for anything else. [GD-4] A workflow that was committed in another
 * layout and still has those bytes keeps them: else git would take every such file for changed.
 */
export function clean(bytes: Uint8Array, path: string, inIndex: OidInIndex): Cleaned {
  const file = readDriverFile(bytes, path);
  if (file.kind === 'other') return { bytes };
  if (file.kind === 'broken') return { bytes, note: leftToGit(file.error) };
  const text = Buffer.from(formatWorkflow(file.workflow));
  return { bytes: text.equals(bytes) || inIndex(path) !== blobOid(bytes) ? text : bytes };
}

/**
 * Looks into the index of the working tree that git starts its filters at the top of; nothing where there is none, or
 * with CWF_RENORMALIZE=1, which lets `git add --renormalize` bring old files to canonical text. Read again when the
 * file has changed.
 */
export function indexOf(cwd: string, env: Env): OidInIndex {
  if (env['CWF_RENORMALIZE'] === '1') return () => undefined;
  let known: { stamp: string; entries: ReadonlyMap<string, IndexEntry> } | undefined;
  const path = indexPath(cwd, env);
  return (file) => {
    try {
      const { size, mtimeNs, ino } = statSync(path, { bigint: true });
      const stamp = `${size}:${mtimeNs}:${ino}`;
      if (known?.stamp !== stamp) known = { stamp, entries: readIndexFile(path) ?? new Map() };
      return known.entries.get(file)?.oid;
    } catch {
      return undefined;
    }
  };
}

/** Cleans file after file as git asks for them on stdin, until it closes it; `note` tells what was left as it is. */
export function filterProcess(
  inIndex: OidInIndex,
  write: (bytes: Uint8Array) => void,
  note: (line: string) => void,
): void {
  serveFilter(fdChannel(0, write), (content, path) => {
    try {
      const cleaned = clean(content, path, inIndex);
      if (cleaned.note) note(cleaned.note);
      return cleaned.bytes;
    } catch (error) {
      note(`cwf: ${path}: stored as it is: ${(error as Error).message}`);
      throw error;
    }
  });
}

function indexPath(cwd: string, env: Env): string {
  if (env['GIT_INDEX_FILE']) return resolve(cwd, env['GIT_INDEX_FILE']);
  if (env['GIT_DIR']) return resolve(cwd, env['GIT_DIR'], 'index');
  const dotGit = join(cwd, '.git');
  if (statSync(dotGit, { throwIfNoEntry: false })?.isFile() !== true) return join(dotGit, 'index');
  // A linked worktree or a submodule: a file that says where.
  const [, dir = ''] = /^gitdir: (.*)$/m.exec(readFileSync(dotGit, 'utf8')) ?? [];
  return resolve(cwd, dir, 'index');
}
