import { randomUUID } from 'node:crypto';
import { rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { NodeFailure } from './failure.ts';

/**
 * Writes a file that is there whole or not at all; one of that name stays until the new one is. Throws a NodeFailure in
 * the words of Python where the system refuses: a full disk, a folder that takes none.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.cwf-${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    const { errno } = error as NodeJS.ErrnoException;
    const [, said] = (errno !== undefined && getSystemErrorMap().get(errno)) || [];
    if (errno === undefined || said === undefined) throw error;
    throw new NodeFailure('OSError', `[Errno ${-errno}] ${said[0]!.toUpperCase()}${said.slice(1)}`);
  }
}
