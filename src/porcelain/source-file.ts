import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { MediaFile } from '../io/media/file.ts';
import { MEDIA_LIMITS } from '../io/media/limits.ts';
import { NOT_PLAIN, readFailure } from './worktree.ts';

/**
 * Gives `use` a workflow, image, video or sound file that may lie anywhere: it is read as `use` asks, and closed behind
 * it. Throws FILE_NOT_FOUND, FILE_IS_FOLDER, FILE_UNREADABLE (a pipe, a device, no permission). [BI-4]
 */
export function withSource<T>(cwd: string, source: string, use: (file: MediaFile) => T): T {
  if (source === '') throw new CwfError('FILE_NOT_FOUND', { file: '""' });
  try {
    const fd = openSync(resolve(cwd, source), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // A pipe or a device has no end that one could wait for, and opening a pipe waits for its other end.
      const stat = fstatSync(fd);
      if (stat.isDirectory())
        throw new CwfError('FILE_IS_FOLDER', { file: source }, { hint: 'Name an image or a workflow file in it.' });
      if (!stat.isFile()) throw new CwfError('FILE_UNREADABLE', { file: source, reason: NOT_PLAIN });
      return use({ size: stat.size, read: (at, length) => readPart(fd, at, Math.min(length, stat.size - at)) });
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Anything without a code is no fault of the file.
    throw typeof (error as NodeJS.ErrnoException).code === 'string' ? readFailure(source, error) : error;
  }
}

function readPart(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, length));
  let count = 0;
  while (count < bytes.length) {
    const more = readSync(fd, bytes, count, bytes.length - count, at + count);
    if (more === 0) break;
    count += more;
  }
  return bytes.subarray(0, count);
}

/** All bytes of a stream, within the limit of an image. Throws IMAGE_INVALID. */
export async function readStream(stream: AsyncIterable<Uint8Array>, source: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > MEDIA_LIMITS.fileBytes) throw overLimit(source);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function overLimit(source: string): CwfError {
  const reason = `it is over ${MEDIA_LIMITS.fileBytes} bytes`;
  return new CwfError('IMAGE_INVALID', { source, type: 'image', reason });
}
