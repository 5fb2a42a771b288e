import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { CwfError } from '../base/errors.ts';

/** Only the owner may read or write it. */
const MODE = 0o600;

/** Writes a file that nobody else may read: it appears whole or not at all. Throws STORAGE_FAILED. */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, 'wx', MODE);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CwfError('STORAGE_FAILED', { path, reason }, { cause: error });
  }
}
