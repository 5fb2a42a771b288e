import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { isMissing, writeAll } from './objects.ts';

const LIVE_WAIT_MS = 15_000;
const FOREIGN_WAIT_MS = 5_000;

interface Owner {
  readonly cwf: 1;
  readonly pid: number;
  readonly host: string;
  /** Start of the process in clock ticks since boot: a pid is used again, a pid with its start is not. */
  readonly start: string;
}

/** A lock file that is held; `release` may be called more than once. */
export interface Held {
  release(): void;
}

const owners = new Map<string, string>();

/**
 * Takes a lock file under git's own protocol (who creates `<path>` holds it), so that git and cwf exclude each other.
 * The file is made by one link() of an owner file, so that it never exists without saying whose it is; the lock of a
 * process that is gone is broken, one that git made never is [RP-6]. Throws REF_LOCKED after 15 s (5 s for git's).
 */
export async function takeLock(
  cwfDir: string,
  path: string,
  shown: string,
  foreignWait = FOREIGN_WAIT_MS,
): Promise<Held> {
  const start = Date.now();
  for (let attempt = 0; ; attempt++) {
    if (create(cwfDir, path)) return { release: () => remove(path) };
    const state = stateOf(path);
    if (state === 'none') continue;
    if (state === 'dead') {
      await breakDead(cwfDir, path);
      continue;
    }
    const waited = Date.now() - start;
    if (waited > (state === 'foreign' ? foreignWait : LIVE_WAIT_MS)) {
      const born = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      const age = Math.round((Date.now() - born) / 1000);
      throw new CwfError('REF_LOCKED', {
        ref: shown,
        lock: path,
        age,
        owner: state === 'foreign' ? 'git' : 'another cwf',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, 1 + attempt) * (0.5 + Math.random())));
  }
}

/** Whose lock file this is: a running process's, a dead one's, or one that cwf did not make (or none: foreign). */
export async function lockState(path: string): Promise<'alive' | 'dead' | 'foreign'> {
  const state = stateOf(path);
  return state === 'none' ? 'foreign' : state;
}

function create(cwfDir: string, path: string): boolean {
  const owner = ownerFile(cwfDir);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(owner, path);
      return true;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      if (code === 'EACCES' || code === 'EROFS')
        throw new CwfError('REPO_READ_ONLY', { dir: dirname(path) }, { cause });
      if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EMLINK' || code === 'EXDEV') return createPlain(path);
      if (!isMissing(cause)) throw cause;
      mkdirSync(dirname(path), { recursive: true });
      // Never written anew while it is there: other locks of this process are links to it and would be empty for a moment.
      if (!existsSync(owner)) writeOwner(owner);
    }
  }
  return false;
}

/** For file systems without link(): creation is still exclusive, only its content comes a moment later. */
function createPlain(path: string): boolean {
  try {
    writeFileSync(path, ownerText(), { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** The owner file of this process in one repository; outside `refs/`, where git's fsck would take it for a ref. */
function ownerFile(cwfDir: string): string {
  let path = owners.get(cwfDir);
  if (path === undefined) {
    path = join(cwfDir, 'tmp', `owner-${process.pid}-${randomBytes(4).toString('hex')}`);
    // One listener for all repositories of the process: node warns of more than ten.
    if (owners.size === 0) process.once('exit', () => [...owners.values()].forEach(remove));
    owners.set(cwfDir, path);
    writeOwner(path);
  }
  return path;
}

function writeOwner(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // On disk before it is linked: an empty lock after a power cut would be taken for another program's, and stay.
    writeAll(path, Buffer.from(ownerText()), true);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EROFS') throw new CwfError('REPO_READ_ONLY', { dir: dirname(path) }, { cause });
    throw cause;
  }
}

function ownerText(): string {
  const owner: Owner = { cwf: 1, pid: process.pid, host: hostname(), start: startOf(process.pid) };
  return `${JSON.stringify(owner)}\n`;
}

function stateOf(path: string): 'none' | 'alive' | 'dead' | 'foreign' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return 'none';
    throw cause;
  }
  let owner: Owner;
  try {
    owner = JSON.parse(text);
  } catch {
    return 'foreign';
  }
  if (owner?.cwf !== 1 || typeof owner.pid !== 'number') return 'foreign';
  // On another host nothing can be known of the process: it counts as running.
  if (owner.host !== hostname()) return 'alive';
  return isRunning(owner) ? 'alive' : 'dead';
}

function isRunning({ pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === '' || start === '' || now === start;
}

/** Field 22 of /proc/<pid>/stat; empty where there is no /proc. The name in field 2 may hold spaces and brackets. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/**
 * Removes a dead process's lock. Two waiters must not both remove "the dead one", the second being a new live lock:
 * whoever removes holds a mutex that the operating system frees when its holder dies (a LevelDB lock).
 */
async function breakDead(cwfDir: string, path: string): Promise<void> {
  const { Level } = await import('level');
  const mutex = new Level(join(cwfDir, 'breaker'));
  try {
    await mutex.open();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
    return;
  }
  try {
    if (stateOf(path) === 'dead') remove(path);
  } finally {
    await mutex.close();
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
}
