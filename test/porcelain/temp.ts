import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { type CwfError, type ErrorCode, isCwfError } from '../../src/base/errors.ts';
import { initRepo } from '../../src/io/repo/init.ts';
import { type Context, type ContextOptions, openContext } from '../../src/porcelain/context.ts';
import { text } from './samples.ts';

/** Environment in which neither this machine's git configuration nor its clock matter. */
export const ENV = {
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  PATH: process.env['PATH'],
};

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'cwf-test-'));
  made.push(dir);
  return dir;
}

/** A repository in a temporary folder with a context on it. */
export interface Temp {
  readonly dir: string;
  readonly ctx: Context;
  write(file: string, value: unknown): void;
  read(file: string): string;
  exists(file: string): boolean;
  git(...args: string[]): string;
  open(options?: Partial<ContextOptions>): Promise<Context>;
}

let clock = 1_700_000_000_000;

/** Makes a repository; texts are written as they are, other values as JSON. */
export async function tempRepo(
  files: Record<string, unknown> = {},
  options: Partial<ContextOptions> = {},
): Promise<Temp> {
  const dir = tempDir();
  await initRepo(dir);
  // Before it is opened: one of them may be its .cwfrc.
  for (const [file, value] of Object.entries(files)) writeIn(dir, file, value);
  return tempAt(dir, options);
}

/** Another folder with all that a repository has: for many tests that begin alike. */
export async function copyOf(temp: Temp): Promise<Temp> {
  const dir = tempDir();
  cpSync(temp.dir, dir, { recursive: true, preserveTimestamps: true });
  return tempAt(dir, {});
}

/** A repository that is there already. */
export async function tempAt(dir: string, options: Partial<ContextOptions> = {}): Promise<Temp> {
  const now = (): number => (clock += 1000);
  const open = (more: Partial<ContextOptions> = {}): Promise<Context> =>
    openContext({ cwd: dir, env: ENV, now, ...options, ...more });
  return {
    dir,
    ctx: await open(),
    write: (file, value) => writeIn(dir, file, value),
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    exists: (file) => existsSync(join(dir, file)),
    git: (...args) =>
      execFileSync('git', args, { cwd: dir, env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    open,
  };
}

function writeIn(dir: string, file: string, value: unknown): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), typeof value === 'string' || value instanceof Uint8Array ? value : text(value));
}

/** The error a promise ends with; it must be a CwfError with this code. */
export async function failure(code: ErrorCode, promise: Promise<unknown>): Promise<CwfError> {
  const error = await promise.then(
    (value) => new Error(`expected ${code}, got ${JSON.stringify(value)?.slice(0, 300)}`),
    (reason: unknown) => reason,
  );
  if (isCwfError(error, code)) return error;
  throw error;
}
