import { join } from 'node:path';

/** The program git is to start, by absolute paths. */
export interface Program {
  readonly node: string;
  /** The executable of cwf, a script. */
  readonly script: string;
}

/** Which driver an attribute names, and which files have it. */
export const ATTRIBUTES = ['*.json diff=cwf merge=cwf filter=cwf'];

/**
 * The sections of git's configuration that run cwf. [GD-7] Every command names the program by absolute paths, is
 * quoted for sh, and has git's own behaviour behind it for the day the program is gone or fails. `isSemantic`:
 * `git diff` shows the edits, by a command of its own, in place of changed lines.
 */
export function configLines(program: Program, isSemantic: boolean): string[] {
  const cwf = programWords(program);
  const failed = (what: string): string => `echo "cwf did not run: ${what}" >&2`;
  const textconv = `f() { ${cwf} git textconv -- "$1" || { ${failed('this is the file as it is')}; cat <"$1"; }; }; f`;
  const gitDiff = 'git --no-pager diff --no-index --no-ext-diff --no-textconv -- "$2" "$5"';
  const external = `f() { ${cwf} git diff-driver -- "$@" || { ${failed('these are lines')}; ${gitDiff} || :; }; }; f`;
  // Git takes any failure for a conflict, with our side alone in the file; and 1 is how node itself fails.
  const merge = (flag: string): string =>
    [
      `${percent(cwf)} git merge-driver ${flag}-- %O %A %B %L %P %S %X %Y`,
      `case $? in 0) exit 0;; 4) exit 1;; esac; ${failed('merged by lines')}`,
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
    entry('process', filterCommand(program)),
  ];
}

/**
 * Git dies when a filter process ends before it has said hello. Where the program does not start (1: node found no
 * script, 2: it is not built, 126 and 127: no node), sh says hello in its place and offers nothing: git then stores
 * files as they are. After its hello the program ends with other codes.
 */
function filterCommand(program: Program): string {
  return [
    `${programWords(program)} git filter-process; case $? in 1|2|126|127) echo "cwf did not run: files are stored as they are" >&2`,
    `printf '0016git-filter-server\\n000eversion=2\\n00000000'`,
    'cat >/dev/null;; esac',
  ].join('; ');
}

/** The start of a command of sh that runs the program; where it is gone, node need not say so at length. */
export function programWords({ node, script }: Program): string {
  return `test -f ${shellWord(script)} && ${shellWord(node)} ${shellWord(script)}`;
}

/** A word for sh. */
function shellWord(word: string): string {
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
