import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { moveSetup, readSetup, removeSetup, writeSetup } from '../io/drivers/setup-file.ts';
import type { GitInstallInput, SetupChange } from './git-install.ts';
import { type Program, programWords } from './git-lines.ts';
import { readGitSettings } from './git-settings.ts';

/** The hook of `install` as it will be written. */
export interface HookPlan {
  readonly path: string;
  /** The hook that was there; undefined where there was none. */
  readonly before?: string;
  readonly after: string;
  /** It was somebody else's, and moves to the name it is kept under. */
  readonly isForeign: boolean;
}

/** Name under which an existing hook is kept. */
const KEPT = 'pre-commit.before-cwf';
const FIRST =
  '#!/bin/sh\n# The pre-commit hook of `cwf git install --pre-commit`; `cwf git uninstall` takes it away.\n';
/** A line of the hook: its folder goes with it. */
const MADE = '# The folder was made for it.\n';
const EXECUTABLE = 0o755;
const WHAT = 'pre-commit hook';

/** Where git looks for the hook, unless core.hooksPath says otherwise. */
export function hookPath(gitDir: string): string {
  return join(gitDir, 'hooks/pre-commit');
}

/** What is to become of the hook; nothing is written. Throws HOOKS_ELSEWHERE or FILE_EXISTS. */
export function planHook(gitDir: string, { env, program }: Pick<GitInstallInput, 'env' | 'program'>): HookPlan {
  const elsewhere = readGitSettings(gitDir, env).get('core.hookspath');
  if (elsewhere !== undefined) throw new CwfError('HOOKS_ELSEWHERE', { dir: elsewhere });
  const path = hookPath(gitDir);
  const before = readSetup(path);
  const isForeign = before !== undefined && !before.startsWith(FIRST);
  const kept = join(dirname(path), KEPT);
  if (isForeign && existsSync(kept)) {
    const hint = 'Another program wrote a hook over that of cwf: join the two, and remove one.';
    throw new CwfError('FILE_EXISTS', { file: kept }, { hint });
  }
  const isMade = isForeign || before === undefined ? !existsSync(dirname(path)) : before.includes(MADE);
  const script = `${FIRST}${isMade ? MADE : ''}${hookLines(program).join('\n')}\n`;
  return { path, before, after: Buffer.from(script).toString('latin1'), isForeign };
}

/** Writes a planned hook. Throws STORAGE_FAILED. */
export function writeHook({ path, before, after, isForeign }: HookPlan): SetupChange {
  if (before === after) return { path, what: WHAT, kind: 'unchanged' };
  if (isForeign) moveSetup(path, join(dirname(path), KEPT));
  writeSetup(path, after, EXECUTABLE);
  return { path, what: WHAT, kind: 'written' };
}

/** Takes our hook away and puts the one that was there before back. Throws STORAGE_FAILED. */
export function restoreHook(path: string): SetupChange[] {
  const text = readSetup(path);
  const kept = join(dirname(path), KEPT);
  if (text === undefined || !text.startsWith(FIRST)) {
    // Somebody replaced ours: what it kept is not put over theirs.
    return existsSync(kept) ? [{ path: kept, what: WHAT, kind: 'kept' }] : [];
  }
  if (existsSync(kept)) {
    moveSetup(kept, path);
    return [{ path, what: WHAT, kind: 'restored' }];
  }
  removeSetup(path, text.includes(MADE));
  return [{ path, what: WHAT, kind: 'removed' }];
}

/**
 * The script. [GD-9] A hook that was there runs first; a check that cannot run lets the commit pass and says so: exit
 * code 3 alone refuses it.
 */
function hookLines(program: Program): string[] {
  return [
    `kept="$(dirname "$0")/${KEPT}"`,
    'if test -x "$kept"; then "$kept" "$@" || exit $?; fi',
    `${programWords(program)} git pre-commit`,
    's=$?',
    'test $s -eq 3 && exit 1',
    'test $s -eq 0 || echo "cwf did not run: this commit was not checked" >&2',
    'exit 0',
  ];
}
