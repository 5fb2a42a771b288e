import { constants, copyFileSync, linkSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { pinOutput, thumbnailOf } from './describe.ts';
import { type Chunks, removeFile, temporaryIn, tried, writeParts } from './disk.ts';
import type { OutputPlace } from './place.ts';
import { type Pointer, pointerText } from './pointer.ts';
import { findOutput, outputHead, outputParts } from './store.ts';
import { outputType, TYPE_BYTES } from './type.ts';

/** What of an output to write: its bytes, a git-lfs pointer to it, or its thumbnail. */
export type ExportForm = 'bytes' | 'pointer' | 'thumbnail';

/**
 * Copies an output to a new file and returns its path; into a folder under its own name. The file is there whole or
 * not at all, and nothing that exists is written over or through, a symbolic link least of all. Throws
 * OUTPUT_FILE_NOT_FOUND, OUTPUT_CORRUPT, FILE_EXISTS, STORAGE_FAILED, and IMAGE_INVALID for a thumbnail of what is none.
 */
export async function exportOutput(
  place: OutputPlace,
  id: string,
  to: string,
  form: ExportForm = 'bytes',
): Promise<string> {
  const { size } = findOutput(place, id);
  const there = lstatSync(to, { throwIfNoEntry: false });
  const ending = form === 'thumbnail' ? '.webp' : outputType(outputHead(place, id, TYPE_BYTES)).ending;
  const path = there?.isDirectory() ? join(to, id.slice(0, 16) + ending) : to;
  const taken = path === to ? there : lstatSync(path, { throwIfNoEntry: false });
  if (taken) throw exists(path, taken.isSymbolicLink());
  if (form === 'pointer') await pinOutput(place, id);
  await writeNew(path, await partsOf(place, { id, size }, form));
  return path;
}

async function partsOf(place: OutputPlace, pointer: Pointer, form: ExportForm): Promise<Chunks> {
  if (form === 'pointer') return [Buffer.from(pointerText(pointer))];
  return form === 'thumbnail' ? [await thumbnailOf(place, pointer.id)] : outputParts(place, pointer.id);
}

/** A hard link takes a name only when it is free and follows nothing, and what it shows is finished. */
async function writeNew(path: string, parts: Chunks): Promise<void> {
  const temporary = temporaryIn(dirname(path));
  await writeParts(temporary, parts, { sync: false, mode: 0o666 });
  try {
    tried(path, () => linkOrCopy(temporary, path));
  } finally {
    removeFile(temporary);
  }
}

function linkOrCopy(from: string, path: string): void {
  try {
    linkSync(from, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exists(path, false, cause);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw cause;
    // A file system without hard links.
    copyNew(from, path);
  }
}

function copyNew(from: string, path: string): void {
  try {
    copyFileSync(from, path, constants.COPYFILE_EXCL);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw exists(path, false, cause);
    removeFile(path);
    throw cause;
  }
}

function exists(file: string, isLink: boolean, cause?: unknown): CwfError {
  const hint = isLink ? 'It is a symbolic link: choose another name, or remove it first.' : 'Choose another name.';
  return new CwfError('FILE_EXISTS', { file }, { hint, cause });
}
