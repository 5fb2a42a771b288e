import { join } from 'node:path';

/** The program git is to start, by absolute paths: node, then the executable of cwf. */
export type Program = readonly string[];

/** Which driver an attribute names, and which files have it. */
export const ATTRIBUTES = ['*.json diff=cwf merge=cwf filter=cwf'];

/** Name under which an existing hook is kept. */
export const KEPT_HOOK = 'pre-commit.before-cwf';

/**
 * The sections of git's configuration that run cwf. [GD-7] Every command names the program by absolute paths, is
 * quoted for sh, and has git's own behaviour behind it for the day the program is gone or fails. `isSemantic`:
 * `git diff` shows the edits, by a command of its own, in place of changed lines.
 */
export function configLines(program: Program, isSemantic: boolean): string[] {
  const cwf = program.map(shellWord).join(' ');
  const failed = (what: string): string => `echo "cwf did not run: ${what}" >&2`;
  const textconv = `f() { ${cwf} git textconv -- "$1" || { ${failed('this is the file as it is')}; cat <"$1"; }; }; f`;
  const gitDiff = 'git --no-pager diff --no-index --no-ext-diff --no-textconv -- "$2" "$5"';
  const external = `f() { ${cwf} git diff-driver -- "$@" || { ${failed('these are lines')}; ${gitDiff} || :; }; }; f`;
  // Above 1: nothing was written. Git takes whatever else for a conflict, with our side alone in the file.
  const merge = (flag: string): string =>
    [
      `${percent(cwf)} git merge-driver ${flag}-- %O %A %B %L %P %S %X %Y; s=$?`,
      `test $s -le 1 && exit $s; ${failed('merged by lines')}`,
      'git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B || exit 1',
    ].join('; ');
  const entry = (name: string, value: string): string => `\t${name} = ${configValue(value)}`;
  return [
    '[diff "cwf"]',
    entry('textconv', textconv),
    entry('xfuncname', '^([^:]+ \\([^)]+\\))$'),
    ...(isSemantic ? [entry('command', external)] : []),
    '[merge "cwf"]',
    entry('name', 'ComfyUI workflows, node by node'),
    entry('driver', merge('')),
    entry('recursive', 'cwf-base'),
    '[merge "cwf-base"]',
    entry('name', 'ComfyUI workflows, node by node, as a common base'),
    entry('driver', merge('--base ')),
    '[filter "cwf"]',
    entry('clean', `${percent(cwf)} git clean -- %f`),
    entry('process', `${cwf} git filter-process`),
  ];
}

/**
 * The pre-commit hook. [GD-9] A hook that was there runs first; a check that cannot run lets the commit pass and says
 * so: exit code 3 alone refuses it.
 */
export function hookLines(program: Program): string[] {
  const cwf = program.map(shellWord).join(' ');
  return [
    `kept="$(dirname "$0")/${KEPT_HOOK}"`,
    'if test -x "$kept"; then "$kept" "$@" || exit $?; fi',
    `${cwf} git pre-commit`,
    's=$?',
    'test $s -eq 3 && exit 1',
    'test $s -eq 0 || echo "cwf did not run: this commit was not checked" >&2',
    'exit 0',
  ];
}

/** A word for sh. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Where git keeps attributes that are in no commit. */
export function infoAttributes(gitDir: string): string {
  return join(gitDir, 'info/attributes');
}

/** In commands whose placeholders git fills, a percent sign stands twice. */
function percent(command: string): string {
  return command.replaceAll('%', '%%');
}

/** A value of git's configuration: UTF-8 bytes as latin1 text, in double quotes. */
function configValue(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${Buffer.from(escaped).toString('latin1')}"`;
}
