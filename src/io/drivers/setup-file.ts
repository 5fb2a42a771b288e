import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CwfError } from '../../base/errors.ts';

/** The text of a file of git's settings, every byte one character (latin1); undefined where there is none. */
export function readSetup(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CwfError('FILE_UNREADABLE', { file: path, reason: code ?? 'unknown' }, { cause });
  }
}

/**
 * Writes a file of git's settings as git does: whole, through `<file>.lock` that git respects, never through half a
 * file; a symbolic link stays one. The mode stays, or is `mode` for a new file. Throws STORAGE_FAILED.
 */
export function writeSetup(path: string, text: string, mode?: number): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const lock = `${target}.lock`;
  let fd: number | undefined;
  try {
    mkdirSync(dirname(target), { recursive: true });
    const kept = statSync(target, { throwIfNoEntry: false })?.mode;
    fd = openSync(lock, 'wx');
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    closeSync(fd);
    const wanted = kept ?? mode;
    if (wanted !== undefined) chmodSync(lock, wanted & 0o777);
    renameSync(lock, target);
  } catch (cause) {
    if (fd !== undefined && existsSync(lock)) unlinkSync(lock);
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? `${lock} is there: another program is writing it` : (code ?? message);
    throw new CwfError('STORAGE_FAILED', { path, reason }, { cause });
  }
}

/** Removes a file of git's settings, and its folder where that was made for it and is empty. Throws STORAGE_FAILED. */
export function removeSetup(path: string, withFolder: boolean): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CwfError('STORAGE_FAILED', { path, reason }, { cause });
  }
  if (!withFolder) return;
  try {
    rmdirSync(dirname(path));
  } catch {
    // Somebody has put something else into it: it is theirs now.
  }
}

/** Gives a file another name, bytes and mode as they are. Throws STORAGE_FAILED. */
export function moveSetup(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CwfError('STORAGE_FAILED', { path: to, reason }, { cause });
  }
}
