import { relative } from 'node:path';
import type { SetupChange } from '../../src/porcelain/git-install.ts';
import type { Io } from '../io.ts';
import { safe } from './safe.ts';

const WORDS = {
  written: 'wrote',
  unchanged: 'kept',
  restored: 'restored',
  removed: 'removed',
  kept: 'left alone, another program wrote over it:',
} as const;

/** Prints what happened to the files of git's settings, a line each. */
export function printSetup(io: Io, files: readonly SetupChange[]): void {
  for (const { path, what, kind } of files) {
    const near = relative(io.cwd, path);
    io.print(`${WORDS[kind]} ${io.color.bold(safe(near.startsWith('..') ? path : near))} ${io.color.dim(`(${what})`)}`);
  }
}
