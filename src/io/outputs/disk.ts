import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import type { OutputPlace } from './place.ts';

let counter = 0;

/** Bytes read or written at a time. */
const CHUNK = 1 << 20;

/** Bytes that come one part after another; an array of one buffer will do. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A new name for a file that is being written. */
export function temporaryIn(folder: string): string {
  return join(folder, `output_${process.pid}_${++counter}`);
}

/**
 * Writes parts to a new file, with fsync when asked; a failure leaves none. `look` sees each part before it is written.
 * Throws STORAGE_FAILED or REPO_READ_ONLY, and whatever the source or `look` throws.
 */
export async function writeParts(
  path: string,
  parts: Chunks,
  options: { readonly sync: boolean; readonly mode: number; readonly look?: (part: Uint8Array) => void },
): Promise<void> {
  const fd = tried(path, () => openSync(path, 'wx', options.mode));
  try {
    try {
      for await (const part of parts) {
        options.look?.(part);
        tried(path, () => {
          for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
        });
      }
      if (options.sync) tried(path, () => fsyncSync(fd));
    } finally {
      // Some network drives say only here that the disk is full.
      tried(path, () => closeSync(fd));
    }
  } catch (error) {
    removeFile(path);
    throw error;
  }
}

/** Moves a finished file to its place in the store, over whatever is there, and makes its name durable. */
export function moveIn(place: OutputPlace, temporary: string, path: string): void {
  tried(path, () => {
    try {
      const folder = dirname(path);
      try {
        renameSync(temporary, path);
      } catch (cause) {
        if (!isMissing(cause)) throw cause;
        const first = mkdirSync(folder, { recursive: true });
        renameSync(temporary, path);
        if (place.durable && first !== undefined) {
          for (let made = folder; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
        }
      }
      if (place.durable) syncFolder(folder);
    } catch (cause) {
      removeFile(temporary);
      throw cause;
    }
  });
}

/** Which part of a file to read, and how. */
export interface ReadOptions {
  /** Bytes from the beginning; all when not given. */
  readonly limit?: number;
  /** Name of the file in errors. */
  readonly shown?: string;
  /** Whether a symbolic link is followed: a person's own file, never one of the store. */
  readonly follow?: boolean;
}

/** The bytes of a file, part by part; nothing but a plain file is opened. Throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export function* readParts(path: string, options: ReadOptions = {}): Generator<Buffer> {
  const { limit = Number.POSITIVE_INFINITY, shown = path, follow = false } = options;
  const fd = openPlain(path, shown, follow);
  try {
    for (let left = limit; left > 0; ) {
      const part = Buffer.allocUnsafe(Math.min(CHUNK, left));
      const count = readSync(fd, part, 0, part.length, null);
      if (count === 0) return;
      yield part.subarray(0, count);
      left -= count;
    }
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw cause;
    throw new CwfError('FILE_UNREADABLE', { file: shown, reason: code }, { cause });
  } finally {
    closeSync(fd);
  }
}

/** Removes a file, if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there any more, or a disk that takes nothing: `cwf fsck` finds it.
  }
}

/** Runs what writes; a failure of the disk becomes STORAGE_FAILED or REPO_READ_ONLY. */
export function tried<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw cause;
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
      throw new CwfError('REPO_READ_ONLY', { dir: dirname(path) }, { cause });
    const reason = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code;
    throw new CwfError('STORAGE_FAILED', { path, reason }, { cause });
  }
}

/** Whether a caught error says that a file is not there. */
export function isMissing(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function openPlain(path: string, file: string, follow: boolean): number {
  let fd: number;
  try {
    // O_NONBLOCK: a pipe of that name would wait for its writer for ever.
    const noLinks = follow ? 0 : (constants.O_NOFOLLOW ?? 0);
    fd = openSync(path, constants.O_RDONLY | noLinks | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (isMissing(cause)) throw new CwfError('FILE_NOT_FOUND', { file }, { cause });
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ELOOP' ? 'it is a symbolic link' : (code ?? 'unknown');
    throw new CwfError('FILE_UNREADABLE', { file, reason }, { cause });
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new CwfError('FILE_UNREADABLE', { file, reason: 'it is no plain file' });
}

function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    // Some file systems refuse fsync on a folder; the rename itself is done.
    if (!['EINVAL', 'EISDIR', 'EPERM', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
  }
}
