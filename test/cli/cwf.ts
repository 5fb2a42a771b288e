import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the project. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** What a finished program left behind. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built `cwf` in a folder, as a person would, without a terminal and without anyone's settings. Builds first
 * when a source file is newer than the build.
 */
export function cwf(dir: string, args: readonly string[], env: Record<string, string> = {}, input = ''): Result {
  ensureBuilt();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/cwf.cjs'), ...args], {
    cwd: dir,
    env: { ...cleanEnv(), ...env },
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status ?? (signal ? -1 : 70), stdout, stderr };
}

/** The environment of a fresh machine: a path, a home without configuration, a fixed identity, no CWF_ variables. */
export function cleanEnv(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(tmpdir(), 'cwf-no-home'),
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  };
}

/** Runs `use` with an empty temporary folder and removes it afterwards. */
export async function inTemp<T>(use: (dir: string) => T | Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'cwf-cli-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

let checked = false;

/** Builds the program when it is missing or older than its sources; safe to call from several workers at once. */
export function ensureBuilt(): void {
  if (checked) return;
  const lock = join(ROOT, 'node_modules/.cache/cwf-build-lock');
  mkdirSync(dirname(lock), { recursive: true });
  const patience = Date.now() + 60_000;
  while (!tryMkdir(lock)) {
    // A worker that was killed leaves its lock; a build takes a few seconds.
    if (Date.now() > patience) rmdirSync(lock);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  try {
    const build = join(ROOT, 'dist/meta.json');
    const built = existsSync(build) ? statSync(build).mtimeMs : 0;
    const newest = Math.max(
      ...['src', 'cli', 'server', 'scripts', 'package.json'].map((each) => newestIn(join(ROOT, each))),
    );
    if (newest > built) execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT });
    checked = true;
  } finally {
    rmdirSync(lock);
  }
}

function tryMkdir(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function newestIn(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}
