import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import type { Faults } from './faults.ts';
import { isMissing, syncFolder, writeAll } from './objects.ts';
import type { Durability } from './types.ts';
import { checkPath } from './write-tree.ts';

/** Where working files are written, and how. */
export interface WorkTarget {
  readonly workDir: string;
  readonly cwfDir: string;
  readonly durability: Durability;
  readonly faults?: Faults;
}

/** A change of a working file whose bytes are on disk already: what is left to do is a rename. */
export interface StagedFile {
  readonly path: string;
  /** Puts the file in place if it still is as `before` says; false when somebody changed it, who then keeps it. */
  apply(before: Uint8Array | null): boolean;
  /** Removes what was prepared; nothing after `apply`. */
  discard(): void;
}

/** Node cannot hold 2 GB of a file in one buffer; a file is hashed and packed as a whole. */
const MAX_BYTES = 2 ** 30;

let counter = 0;

/**
 * Absolute path of a file of the working tree. Throws PATH_INVALID, or PATH_OUTSIDE when the file or a folder on the
 * way is a symbolic link, which could lead anywhere. [RP-10]
 */
export function workingPath(workDir: string, path: string): string {
  checkPath(path);
  let at = workDir;
  for (const part of path.split('/')) {
    at = join(at, part);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) break;
    if (stat.isSymbolicLink()) throw new CwfError('PATH_OUTSIDE', { file: path });
    if (!stat.isDirectory() && at !== join(workDir, path)) {
      throw new CwfError('PATH_INVALID', { file: path, reason: 'a part of it is a file' });
    }
  }
  return join(workDir, path);
}

/** Bytes of a working file, or undefined when there is none. Throws PATH_INVALID, PATH_OUTSIDE or FILE_UNREADABLE. */
export function readWorking(workDir: string, path: string): Buffer | undefined {
  const target = workingPath(workDir, path);
  try {
    const stat = lstatSync(target);
    // A pipe would be waited for; a folder fails by itself.
    const reason = !stat.isFile() && !stat.isDirectory() ? 'it is no plain file' : undefined;
    if (reason !== undefined || stat.size > MAX_BYTES)
      throw new CwfError('FILE_UNREADABLE', { file: path, reason: reason ?? 'it is larger than 1 GB' });
    return readFileSync(target);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (cause instanceof CwfError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CwfError('FILE_UNREADABLE', { file: path, reason }, { cause });
  }
}

/** Whether what was read of a working file is these bytes (null: no file). */
export function holds(actual: Uint8Array | undefined, wanted: Uint8Array | null): boolean {
  return actual === undefined || wanted === null ? (actual ?? null) === wanted : Buffer.compare(actual, wanted) === 0;
}

/**
 * Prepares a working file as a whole: bytes and mode go into a temporary file now, so that a full disk is met before
 * any ref moves. `bytes` null takes the file away, and the folders that become empty.
 */
export function stageWorking(target: WorkTarget, path: string, bytes: Uint8Array | null): StagedFile {
  const file = workingPath(target.workDir, path);
  const temporary = join(target.cwfDir, 'tmp', `file-${process.pid}-${++counter}`);
  target.faults?.('file:write');
  checkWritable(file, path);
  if (bytes !== null) {
    const mode = lstatSync(file, { throwIfNoEntry: false })?.mode ?? 0o644;
    writeAll(temporary, bytes, target.durability === 'durable', mode & 0o777);
  }
  return {
    path,
    apply: (before) => {
      target.faults?.('file:rename');
      workingPath(target.workDir, path);
      if (!holds(readWorking(target.workDir, path), before)) return false;
      if (bytes === null) removeWorking(target.workDir, file);
      else place(temporary, file);
      // Lost in a power cut, the old file would look like an edit that takes the commit back.
      if (target.durability === 'durable' && existsSync(dirname(file))) syncFolder(dirname(file));
      return true;
    },
    discard: () => {
      if (bytes !== null) remove(temporary);
    },
  };
}

/** Whether a rename into the folder can succeed is asked before any ref moves. */
function checkWritable(file: string, path: string): void {
  let folder = dirname(file);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new CwfError('REPO_READ_ONLY', { dir: dirname(path) }, { cause });
  }
}

function place(temporary: string, file: string): void {
  try {
    moveInto(temporary, file);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    mkdirSync(dirname(file), { recursive: true });
    moveInto(temporary, file);
  }
}

/** The repository may lie on another disk than the working tree: then the file is copied beside its place first. */
function moveInto(temporary: string, file: string): void {
  try {
    renameSync(temporary, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EXDEV') throw cause;
    const beside = `${file}.cwf-${process.pid}`;
    copyFileSync(temporary, beside);
    renameSync(beside, file);
    remove(temporary);
  }
}

function removeWorking(workDir: string, file: string): void {
  try {
    unlinkSync(file);
    for (let folder = dirname(file); folder.length > workDir.length; folder = dirname(folder)) rmdirSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!isMissing(cause) && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw cause;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
}
