import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { MEDIA_LIMITS } from '../io/media/limits.ts';
import { NOT_PLAIN, readFailure } from './worktree.ts';

/**
 * The bytes of a workflow file or an image that may lie anywhere. Throws FILE_NOT_FOUND, FILE_IS_FOLDER, FILE_UNREADABLE
 * (a pipe, a device, no permission) or IMAGE_INVALID (over the limit of an image). [BI-4]
 */
export async function readSource(cwd: string, source: string): Promise<Buffer> {
  if (source === '') throw new CwfError('FILE_NOT_FOUND', { file: '""' });
  try {
    const handle = await open(resolve(cwd, source), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // A pipe or a device has no end that one could wait for, and opening a pipe waits for its other end.
      const stat = await handle.stat();
      if (stat.isDirectory())
        throw new CwfError('FILE_IS_FOLDER', { file: source }, { hint: 'Name an image or a workflow file in it.' });
      if (!stat.isFile()) throw new CwfError('FILE_UNREADABLE', { file: source, reason: NOT_PLAIN });
      if (stat.size > MEDIA_LIMITS.fileBytes) throw overLimit(source);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readFailure(source, error);
  }
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
