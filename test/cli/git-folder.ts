import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from '../porcelain/samples.ts';
import { cleanEnv, cwf, ensureBuilt, type Result } from './cwf.ts';

/** A folder under git, and both programs to run in it. */
export interface GitFolder {
  readonly dir: string;
  /** Runs git; throws with what it said unless it exits with 0. Returns what it printed. */
  git(...args: string[]): string;
  /** Runs git, whatever its exit code. */
  tryGit(args: readonly string[], env?: Record<string, string>, input?: string): Result;
  /** Runs cwf; throws unless it exits with 0. */
  cwf(...args: string[]): string;
  /** Writes a file: a text as it is, anything else as JSON. */
  write(file: string, content: unknown): void;
  read(file: string): string;
  /** Writes files and commits all of the folder. */
  commit(message: string, files?: Readonly<Record<string, unknown>>): void;
}

/**
 * Runs `use` in a new repository of plain git, in a folder whose name sh would divide and expand; `install` are the
 * words after `cwf git install`, none without.
 */
export async function inGit(
  install: readonly string[] | undefined,
  use: (folder: GitFolder) => unknown,
): Promise<void> {
  ensureBuilt();
  const top = mkdtempSync(join(tmpdir(), 'cwf-git-'));
  const dir = join(top, `it's a $HOME; 100%s`);
  mkdirSync(dir);
  const home = join(top, 'home');
  mkdirSync(home);
  const env = { ...cleanEnv(), HOME: home };
  const tryGit: GitFolder['tryGit'] = (args, more = {}, input = '') => {
    const options = { cwd: dir, env: { ...env, ...more }, encoding: 'utf8' as const, input, maxBuffer: 64 << 20 };
    const { status, stdout, stderr } = spawnSync('git', args, options);
    return { code: status ?? -1, stdout, stderr };
  };
  const ok = (what: string, { code, stdout, stderr }: Result): string => {
    if (code !== 0) throw new Error(`${what} exited with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  const folder: GitFolder = {
    dir,
    tryGit,
    git: (...args) => ok(`git ${args.join(' ')}`, tryGit(args)),
    cwf: (...args) => ok(`cwf ${args.join(' ')}`, cwf(dir, args, { HOME: home })),
    write: (file, content) =>
      writeFileSync(join(dir, file), typeof content === 'string' ? content : `${text(content)}\n`),
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    commit(message, files = {}) {
      for (const [file, content] of Object.entries(files)) folder.write(file, content);
      folder.git('add', '-A');
      folder.git('commit', '-q', '--allow-empty', '-m', message);
    },
  };
  try {
    folder.git('init', '-q', '-b', 'main');
    if (install) folder.cwf('git', 'install', ...install);
    await use(folder);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** The inputs of a node of an API file. */
export function inputsOf(json: string, node: string): Record<string, unknown> {
  return JSON.parse(json)[node].inputs;
}
