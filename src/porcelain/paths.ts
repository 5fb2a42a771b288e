import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { Context } from './context.ts';

/** Bytes that Linux takes of one name, and of a whole path. */
const MAX_NAME = 255;
const MAX_PATH = 4095;

/**
 * The repository's name of a file the user named: relative to the working tree, with `/`, symbolic links resolved. The
 * file need not exist. Throws PATH_OUTSIDE for everything that leads out of the working tree or into `.git`,
 * PATH_INVALID for a name that is empty or longer than disks take.
 */
export function repoPath(ctx: Pick<Context, 'repo' | 'cwd'>, file: string): string {
  if (file === '') throw new CwfError('PATH_INVALID', { file, reason: 'it is empty' }, { hint: 'Name a file.' });
  if (file.includes('\0') || /^[a-z][a-z0-9+.-]+:\/\//i.test(file) || /^\\\\/.test(file)) {
    throw outside(file);
  }
  const path = relative(realPath(ctx.repo.workDir), realPath(resolve(ctx.cwd, file)));
  const parts = path.split(sep);
  if (isAbsolute(path) || parts[0] === '..' || parts.some((part) => part.toLowerCase() === '.git')) throw outside(file);
  checkLengths(ctx.repo.workDir, parts);
  return parts.join('/');
}

/** The place on disk of a file named by `repoPath`. */
export function diskPath(ctx: Pick<Context, 'repo'>, file: string): string {
  return join(ctx.repo.workDir, ...file.split('/'));
}

/** Whether a file is one of the named ones or lies in one of the named folders; true for all when none is named. */
export function pathFilter(
  ctx: Pick<Context, 'repo' | 'cwd'>,
  files: readonly string[] | undefined,
): (file: string) => boolean {
  if (!files || files.length === 0) return () => true;
  const wanted = files.map((file) => repoPath(ctx, file));
  return (file) => wanted.some((want) => want === '' || file === want || file.startsWith(`${want}/`));
}

/** What no disk takes is told here, before a call of the system fails somewhere with it. */
function checkLengths(workDir: string, parts: readonly string[]): void {
  const isLong =
    parts.some((part) => Buffer.byteLength(part) > MAX_NAME) || Buffer.byteLength(join(workDir, ...parts)) > MAX_PATH;
  if (isLong) throw new CwfError('PATH_INVALID', { file: parts.join('/').slice(0, 60), reason: 'it is too long' });
}

/** Resolves the links of the part of a path that exists; the rest is taken as it is. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

function outside(file: string): CwfError {
  return new CwfError('PATH_OUTSIDE', { file: file.slice(0, 200) });
}
