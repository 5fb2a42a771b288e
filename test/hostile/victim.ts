import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { cleanEnv, cwf, inTemp, type Result } from '../cli/cwf.ts';
import { apiGraph, text } from '../porcelain/samples.ts';

/** A repository of two commits (`ok.json`: steps 20, then 30) that hostile input is tried on, through the built `cwf`. */
export interface Victim {
  readonly dir: string;
  /** Runs a command, whatever comes of it. */
  run(args: readonly string[], env?: Record<string, string>): Result;
  /** Runs a command that must succeed; returns what it printed. */
  done(...args: string[]): string;
  /**
   * Runs a command that must be refused: with this exit code, an error that holds every one of the pieces and a next
   * step, no stack, and nothing changed: refs, HEAD, working files, locks.
   */
  refused(args: readonly string[], exit: number, pieces: readonly string[], env?: Record<string, string>): void;
  write(file: string, content: unknown): void;
  read(file: string): string;
  git(...args: string[]): string;
  /** Writes an object whatever it holds; returns its oid. */
  object(type: string, body: Uint8Array | string): string;
}

/** Makes the repository, runs `use` with it and removes it. */
export function victim(use: (it: Victim) => void | Promise<void>): Promise<void> {
  return inTemp((dir) => use(begun(dir)));
}

/** One repository for all tests of a `describe`: for inputs that are refused, and so leave it as it was. */
export function sharedVictim(): { readonly it: Victim } {
  let made: Victim | undefined;
  beforeAll(() => {
    made = begun(mkdtempSync(join(tmpdir(), 'cwf-hostile-')));
  });
  afterAll(() => {
    if (made) rmSync(made.dir, { recursive: true, force: true });
  });
  return {
    get it() {
      return made!;
    },
  };
}

function begun(dir: string): Victim {
  const it = victimIn(dir);
  it.done('init');
  it.write('ok.json', apiGraph());
  it.done('commit', '-m', 'as downloaded');
  it.done('set', 'ok.json', '3.steps', '30');
  return it;
}

function victimIn(dir: string): Victim {
  const env = { ...cleanEnv(), GIT_AUTHOR_DATE: '1700000000 +0000', GIT_COMMITTER_DATE: '1700000000 +0000' };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const run = (args: readonly string[], more?: Record<string, string>): Result => cwf(dir, args, more);
  return {
    dir,
    run,
    done(...args) {
      const result = run(args);
      expect({ args, ...result }).toMatchObject({ code: 0 });
      return result.stdout;
    },
    refused(args, exit, pieces, more) {
      const before = stateOf(dir);
      const result = run(args, more);
      const said = `${args.join(' ')}\n${result.stderr}`;
      expect(result.code, said).toBe(exit);
      for (const piece of ['error: ', 'hint: ', ...pieces]) expect(result.stderr, said).toContain(piece);
      expect(result.stderr, said).not.toMatch(/\n\s+at |bug in cwf|undefined|\[object/);
      expect(stateOf(dir), said).toEqual(before);
    },
    write(file, content) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      const isRaw = typeof content === 'string' || content instanceof Uint8Array;
      writeFileSync(join(dir, file), isRaw ? content : text(content));
    },
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    git,
    object(type, body) {
      const args = ['hash-object', '-t', type, '--literally', '-w', '--stdin'];
      return execFileSync('git', args, { cwd: dir, env, input: body, encoding: 'utf8' }).trim();
    },
  };
}

/** All that a refused command must leave alone: refs and HEAD as they lie on disk, working files, locks. */
function stateOf(dir: string): Record<string, string> {
  const state: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(dir, folder)).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (path.startsWith('.git/') && !/^\.git\/(refs|HEAD|packed-refs|index)|\.lock$/.test(path)) continue;
      const stat = lstatSync(join(dir, path));
      if (stat.isDirectory()) visit(path);
      else if (stat.isSymbolicLink()) state[path] = `-> ${readlinkSync(join(dir, path))}`;
      else state[path] = stat.isFile() ? readFileSync(join(dir, path), 'latin1') : 'special';
    }
  };
  visit('');
  return state;
}

/** Whether git itself finds nothing wrong. */
export function gitIsContent(it: Victim): boolean {
  const { status, stderr } = spawnSync('git', ['fsck', '--strict'], { cwd: it.dir, env: cleanEnv(), encoding: 'utf8' });
  return status === 0 && !/^(error|warning|missing)/m.test(stderr);
}
