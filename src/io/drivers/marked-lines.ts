/**
 * Lines of ours in a file of somebody else: between a first and a last line that say so, at the end of the file. All
 * other bytes stay as they are, and taking the lines out gives the file back byte for byte [GD-1]: the first line says
 * what had to be made for them. Texts are latin1, so that every byte is one character.
 */
import { CwfError } from '../../base/errors.ts';

/** A file as lines of ours are looked for in it; no text stands for no file. */
export interface MarkedFile {
  /** For messages. */
  readonly path: string;
  readonly text: string | undefined;
  /** What stands before the first line's comment, in a file where comments belong to what is above them. */
  readonly lead?: string;
}

/** What a file was before it got our lines. */
type Before = 'whole lines' | 'no line feed at its end' | 'no file' | 'no folder';

const FIRST = '# cwf git install: begin';
const LAST = '# cwf git install: end';
const HINT = 'cwf git uninstall takes these lines out';

interface Found {
  readonly start: number;
  readonly end: number;
  readonly before: Before;
}

/** The file's text with these lines in it, in the place of those it has already. Throws CONFIG_INVALID, as all here. */
export function withLines(file: MarkedFile, lines: readonly string[], hasFolder = true): string {
  const found = find(file);
  const { text = '' } = file;
  const before = found?.before ?? beforeOf(file.text, hasFolder);
  const block = [`${file.lead ?? ''}${FIRST} (${HINT}; before them: ${before})`, ...lines, LAST, ''].join('\n');
  if (found) return text.slice(0, found.start) + block + text.slice(found.end);
  return `${text}${before === 'no line feed at its end' ? '\n' : ''}${block}`;
}

/** The file's text without our lines; `null` where it was made for them, and whether its folder was. */
export function withoutLines(file: MarkedFile): { readonly text: string | null; readonly folder: boolean } | undefined {
  const found = find(file);
  if (!found) return undefined;
  const [head, tail] = [file.text!.slice(0, found.start), file.text!.slice(found.end)];
  const isMade = found.before === 'no file' || found.before === 'no folder';
  if (isMade && head + tail === '') return { text: null, folder: found.before === 'no folder' };
  const isLast = found.before === 'no line feed at its end' && tail === '';
  return { text: isLast ? head.replace(/\n$/, '') : head + tail, folder: false };
}

function beforeOf(text: string | undefined, hasFolder: boolean): Before {
  if (text === undefined) return hasFolder ? 'no file' : 'no folder';
  return text === '' || text.endsWith('\n') ? 'whole lines' : 'no line feed at its end';
}

function find({ path, text = '' }: MarkedFile): Found | undefined {
  const first = /^(?:\[\w+\] )?# cwf git install: begin \(.*before them: (.*)\)\n/m.exec(text);
  if (!first) return undefined;
  const start = first.index;
  const last = text.indexOf(`\n${LAST}\n`, start);
  if (last < 0) {
    const reason = `the line "${LAST}" is gone`;
    throw new CwfError('CONFIG_INVALID', { source: path, reason }, { hint: 'Put it back below the lines of cwf.' });
  }
  return { start, end: last + LAST.length + 2, before: first[1] as Before };
}
