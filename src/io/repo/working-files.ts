import { copyFileSync, lstatSync, mkdirSync, readFileSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { isMissing, writeAll } from './objects.ts';
import { checkPath } from './write-tree.ts';

/**
 * Absolute path of a file of the working tree. Throws PATH_INVALID or PATH_OUTSIDE: neither the file nor a folder on
 * the way may be a symbolic link, which could lead anywhere. [RP-10]
 */
export function workingPath(workDir: string, path: string): string {
  checkPath(path);
  const parts = path.split('/');
  for (let i = 1; i <= parts.length; i++) {
    const at = join(workDir, ...parts.slice(0, i));
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) throw new CwfError('PATH_OUTSIDE', { file: path });
  }
  return join(workDir, ...parts);
}

/** Bytes of a working file, or undefined when there is none. */
export function readWorking(workDir: string, path: string): Buffer | undefined {
  try {
    return readFileSync(workingPath(workDir, path));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

/** Puts a working file in place as a whole (temporary file, rename), or removes it with folders that become empty. */
export function writeWorking(
  workDir: string,
  cwfDir: string,
  path: string,
  bytes: Uint8Array | null,
  sync: boolean,
): void {
  const target = workingPath(workDir, path);
  if (bytes === null) {
    removeWorking(workDir, target);
    return;
  }
  const temporary = join(cwfDir, 'tmp', `file-${process.pid}`);
  const mode = lstatSync(target, { throwIfNoEntry: false })?.mode ?? 0o644;
  writeAll(temporary, bytes, sync, mode & 0o777);
  try {
    moveInto(temporary, target);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    mkdirSync(dirname(target), { recursive: true });
    moveInto(temporary, target);
  }
}

/** The repository may lie on another disk than the working tree: then the file is copied beside its place first. */
function moveInto(temporary: string, target: string): void {
  try {
    renameSync(temporary, target);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EXDEV') throw cause;
    const beside = `${target}.cwf-${process.pid}`;
    copyFileSync(temporary, beside);
    renameSync(beside, target);
    unlinkSync(temporary);
  }
}

function removeWorking(workDir: string, target: string): void {
  try {
    unlinkSync(target);
    for (let folder = dirname(target); folder.length > workDir.length; folder = dirname(folder)) rmdirSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!isMissing(cause) && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw cause;
  }
}
