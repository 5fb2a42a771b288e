import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';

/** The bytes of a plain file anywhere. Throws FILE_NOT_FOUND, FILE_IS_FOLDER or FILE_UNREADABLE. */
export function readBytes(path: string, file: string): Buffer {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new CwfError('FILE_IS_FOLDER', { file });
    // A pipe or a device has no end that one could wait for.
    if (!stat.isFile()) throw new CwfError('FILE_UNREADABLE', { file, reason: 'not a plain file' });
    return readFileSync(path);
  } catch (error) {
    if (isCwfError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new CwfError('FILE_NOT_FOUND', { file }, { cause: error });
    throw new CwfError('FILE_UNREADABLE', { file, reason: code ?? 'unknown' }, { cause: error });
  }
}

/**
 * A file appears whole or not at all, and never through a link that lies in its place. One that says the same already
 * stays: replacing a file waits for the disk, making one does not. Throws STORAGE_FAILED.
 */
export function writeWhole(path: string, content: string | Buffer): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const bytes = Buffer.from(content as string);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there?.isFile() && there.size === bytes.length && readFileSync(path).equals(bytes)) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, bytes, {
      flag: 'wx',
      flush: there !== undefined,
      mode: there?.isFile() ? there.mode & 0o777 : 0o666,
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CwfError('STORAGE_FAILED', { path, reason }, { cause: error });
  }
}
