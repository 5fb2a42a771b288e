/**
 * The file system isomorphic-git is given. That library writes objects and refs in place, knows no lock file, and
 * takes an empty file for a value; a kill -9 then leaves torn objects that are never repaired and empty refs that
 * silently fall back to an older packed value. Here every write under `.git` is whole or absent:
 *
 *   objects/**                  tmp file in objects/ + fsync + rename + fsync of the directory
 *   HEAD, refs/**, index, ...   <path>.lock, then tmp file + fsync + rename, then unlock
 *   reading                     a zero-length loose object is absent; a ref that holds no value is an error
 *
 * It cannot stop lost updates (isomorphic-git reads the parent before it writes the ref): branches are moved by our
 * own compare-and-swap only.
 */
import { randomBytes } from 'node:crypto';
import { promises as nodeFs, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { CwfError } from '../../base/errors.ts';

/** Takes `<path>.lock` and returns what gives it back; throws REF_LOCKED when it stays taken. */
export type TakeLock = (path: string) => Promise<() => Promise<void>>;

/** How `createSafeFs` writes. */
export interface SafeFsOptions {
  /** `normal` leaves the fsyncs out: safe against kill -9, not against power loss. */
  readonly durability?: 'durable' | 'normal';
  /** How long to wait for a lock, in milliseconds; 1000 when not given. */
  readonly lockTimeoutMs?: number;
  /** Another lock implementation (one that breaks the locks of dead processes); plain exclusive creation when not given. */
  readonly lock?: TakeLock;
  /** The file system below; tests put one here that fails or dies at its n-th call. */
  readonly fs?: Fs;
}

type Fs = typeof nodeFs;

/** What isomorphic-git takes as `fs`. */
export interface SafeFs {
  readonly promises: Record<string, (...args: never[]) => Promise<unknown>>;
}

type Role = 'loose' | 'pack' | 'ref' | 'locked' | 'other';
type WriteOptions = string | { encoding?: string; mode?: number } | undefined;

const LOCKED = new Set(['packed-refs', 'config', 'index', 'shallow', 'ORIG_HEAD', 'MERGE_HEAD', 'CHERRY_PICK_HEAD']);

/** Returns an `fs` for isomorphic-git whose writes below `gitDir` are atomic; the working tree is passed through. */
export function createSafeFs(gitDir: string, options: SafeFsOptions = {}): SafeFs {
  const fs = options.fs ?? nodeFs;
  const durable = options.durability !== 'normal';
  const lock = options.lock ?? ((path: string) => plainLock(fs, path, options.lockTimeoutMs ?? 1000));
  const role = (path: string): Role => roleOf(gitDir, path);

  async function readFile(path: string, how?: WriteOptions): Promise<Buffer | string> {
    const bytes = await fs.readFile(path);
    const kind = typeof path === 'string' ? role(path) : 'other';
    if (kind === 'loose' && bytes.length === 0) throw absent(path);
    if (kind === 'ref') checkRef(gitDir, path, bytes);
    const encoding = typeof how === 'string' ? how : how?.encoding;
    return encoding === undefined ? bytes : bytes.toString(encoding as BufferEncoding);
  }

  async function writeFile(path: string, data: string | Uint8Array, how?: WriteOptions): Promise<void> {
    const kind = role(path);
    const bytes =
      typeof data === 'string' ? Buffer.from(data, (typeof how === 'string' ? how : 'utf8') as BufferEncoding) : data;
    if (kind === 'other') {
      await fs.writeFile(path, bytes, typeof how === 'object' && how.mode !== undefined ? { mode: how.mode } : {});
    } else if (kind === 'loose' || kind === 'pack') {
      const stem =
        kind === 'loose' ? join(gitDir, 'objects', 'tmp_obj_') : join(gitDir, 'objects', 'pack', 'tmp_pack_');
      await fs.mkdir(dirname(path), { recursive: true });
      await replaceFile(fs, path, `${stem}${randomName()}`, bytes, { durable, mode: 0o444 });
    } else {
      await fs.mkdir(dirname(path), { recursive: true });
      const release = await lock(path);
      try {
        // Not beside the ref: git fsck would read a left-over as a ref.
        const dir = join(gitDir, 'cwf', 'tmp');
        await fs.mkdir(dir, { recursive: true });
        await replaceFile(fs, path, join(dir, `ref_${randomName()}`), bytes, { durable });
      } finally {
        await release();
      }
    }
  }

  async function unlink(path: string): Promise<void> {
    const kind = role(path);
    if (kind !== 'ref' && kind !== 'locked') return fs.unlink(path);
    await fs.lstat(path);
    const release = await lock(path);
    try {
      await fs.unlink(path);
    } finally {
      await release();
    }
  }

  const seen = (path: string, stats: Stats): Stats => {
    if (stats.size === 0 && stats.isFile() && role(path) === 'loose') throw absent(path);
    return stats;
  };

  // Lock files lie beside the refs; isomorphic-git would list them as branches.
  async function readdir(path: string): Promise<string[]> {
    const names = await fs.readdir(path);
    return isBelowRefs(gitDir, path) ? names.filter((name) => !name.endsWith('.lock')) : names;
  }

  return {
    promises: {
      readFile,
      writeFile,
      unlink,
      readdir,
      stat: async (path: string) => seen(path, await fs.stat(path)),
      lstat: async (path: string) => seen(path, await fs.lstat(path)),
      mkdir: (path: string) => fs.mkdir(path),
      rmdir: (path: string) => fs.rmdir(path),
      readlink: (path: string) => fs.readlink(path, { encoding: 'buffer' }),
      symlink: (target: string, path: string) => fs.symlink(target, path),
      rm: (path: string, how?: object) => fs.rm(path, how),
    },
  };
}

/** Replaces `path` by a file with these bytes: written to `tmp`, synced, renamed; `tmp` is gone when it fails. */
async function replaceFile(
  fs: Fs,
  path: string,
  tmp: string,
  bytes: Uint8Array,
  how: { durable: boolean; mode?: number },
): Promise<void> {
  try {
    const file = await fs.open(tmp, 'wx', how.mode ?? 0o666);
    try {
      await file.writeFile(bytes);
      if (how.durable) await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(fs, tmp, path);
  } catch (error) {
    await fs.rm(tmp, { force: true });
    throw error;
  }
  if (how.durable) await syncDirectory(fs, dirname(path));
}

// Deleted branches leave empty directories; like git, a new ref of that name takes their place.
async function renameOver(fs: Fs, from: string, to: string): Promise<void> {
  try {
    await fs.rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EISDIR') throw error;
    await fs.rmdir(to);
    await fs.rename(from, to);
  }
}

async function syncDirectory(fs: Fs, path: string): Promise<void> {
  const dir = await fs.open(path, 'r');
  try {
    await dir.sync();
  } catch (error) {
    // Some file systems refuse fsync on a directory; the rename itself is done.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await dir.close();
  }
}

async function plainLock(fs: Fs, path: string, timeoutMs: number): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  const deadline = Date.now() + timeoutMs;
  for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
    try {
      await (await fs.open(lock, 'wx')).close();
      return () => fs.rm(lock, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (Date.now() >= deadline) throw new CwfError('REF_LOCKED', { ref: path, lock, age: await ageOf(fs, lock) });
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
    }
  }
}

async function ageOf(fs: Fs, path: string): Promise<number | undefined> {
  try {
    return Math.round((Date.now() - (await fs.stat(path)).mtimeMs) / 1000);
  } catch {
    return undefined;
  }
}

function roleOf(gitDir: string, path: string): Role {
  const inside = relative(gitDir, path).split(sep).join('/');
  if (inside === '' || inside.startsWith('../') || inside.endsWith('.lock')) return 'other';
  if (/^objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/.test(inside)) return 'loose';
  if (/^objects\/pack\/[^/]+\.(pack|idx)$/.test(inside)) return 'pack';
  if (inside === 'HEAD' || inside.startsWith('refs/')) return 'ref';
  return LOCKED.has(inside) ? 'locked' : 'other';
}

function isBelowRefs(gitDir: string, path: string): boolean {
  const inside = relative(gitDir, path).split(sep).join('/');
  return inside === 'refs' || inside.startsWith('refs/');
}

/** An empty or torn loose ref must not fall through to its older packed value: that would drop history. */
function checkRef(gitDir: string, path: string, bytes: Buffer): void {
  const text = bytes.toString('latin1').trim();
  if (/^[0-9a-f]{40}$/.test(text) || /^ref: \S/.test(text)) return;
  const ref = relative(gitDir, path).split(sep).join('/');
  throw new CwfError('REF_CORRUPT', { ref, found: text === '' ? 'nothing' : JSON.stringify(text.slice(0, 60)) });
}

function absent(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: empty object file, '${path}'`), { code: 'ENOENT', path });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function randomName(): string {
  return randomBytes(9).toString('hex');
}
