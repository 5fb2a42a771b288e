import type { FileReport, ReportLine } from '../../src/porcelain/report.ts';
import type { Io } from '../io.ts';
import { clip, safe } from './safe.ts';

const SIGNS = { added: '+', removed: '-', changed: '~', renamed: '>' } as const;
const COLORS = { added: 'green', removed: 'red', changed: 'yellow', renamed: 'cyan' } as const;
/** Texts up to this length are read at a glance; longer ones are shown by what changed in them. */
const SHORT_TEXT = 60;
/** Words of unchanged text kept on each side of a change. */
const CONTEXT = 32;

/** How the changes of a file are printed. */
export interface ChangesOptions {
  /** Most lines for one file; the rest is counted. */
  readonly most?: number;
  /** Also every edit of the presentation, not only their number. */
  readonly presentation?: boolean;
  /** Only the file lines. */
  readonly stat?: boolean;
}

/** Prints changed files: a line each, and below it a line for each edit. */
export function printChanges(io: Io, files: readonly FileReport[], options: ChangesOptions = {}): void {
  for (const file of files) {
    io.print(fileLine(io, file));
    if (options.stat) continue;
    const lines = file.lines.filter((line) => options.presentation || !line.presentation);
    const most = options.most ?? Number.POSITIVE_INFINITY;
    for (const line of lines.slice(0, most)) printLine(io, line);
    if (lines.length > most) io.print(io.color.dim(`    ... and ${lines.length - most} more`));
  }
}

/** `~ portrait.json  2 edits, layout of 3`. */
export function fileLine({ color }: Io, file: Omit<FileReport, 'lines'>): string {
  const name = file.from === undefined ? safe(file.file) : `${safe(file.from)} -> ${safe(file.file)}`;
  const sign = color[COLORS[file.kind]](SIGNS[file.kind]);
  const what = amount(file);
  return `  ${sign} ${color.bold(name)}${what ? `  ${color.dim(what)}` : ''}`;
}

/** How much changed in a file, in words. */
export function amount({ kind, graph, presentation }: Omit<FileReport, 'lines'>): string {
  if (kind === 'added') return 'new';
  if (kind === 'removed') return 'removed';
  const parts = [
    ...(kind === 'renamed' ? ['renamed'] : []),
    ...(graph > 0 ? [`${graph} ${graph === 1 ? 'edit' : 'edits'}`] : []),
    ...(presentation > 0 ? [`${presentation} in the layout`] : []),
  ];
  return parts.join(', ');
}

function printLine(io: Io, line: ReportLine): void {
  const { before, after } = line;
  if (before === undefined || after === undefined || Math.max(before.length, after.length) <= SHORT_TEXT) {
    io.print(`    ${paint(io, line, clip(line.text, Math.max(io.columns, 60) - 4))}`);
    return;
  }
  io.print(`    ${safe(line.label ?? line.text)}`);
  for (const row of wrap(io, line.words ?? [])) io.print(`      ${row}`);
}

function paint({ color }: Io, line: ReportLine, text: string): string {
  if (line.presentation) return color.dim(text);
  if (line.kind === 'add') return color.green(text);
  if (line.kind === 'remove') return color.red(text);
  return text.replace(/ -> (?!.* -> )/, color.dim(' -> '));
}

/** The changed words with a little of what stands around them, `[-old-]{+new+}` where there is no colour. */
function wrap({ color }: Io, words: NonNullable<ReportLine['words']>): string[] {
  const colored = color.red('x') !== 'x';
  let out = '';
  words.forEach(({ kind, text }, i) => {
    if (kind === 'same') out += safe(shorten(text, i > 0, i < words.length - 1));
    else if (kind === 'old') out += colored ? color.red(safe(text)) : `[-${safe(text)}-]`;
    else out += colored ? color.green(safe(text)) : `{+${safe(text)}+}`;
  });
  return [out];
}

function shorten(text: string, left: boolean, right: boolean): string {
  const keep = (left ? CONTEXT : 0) + (right ? CONTEXT : 0);
  if (text.length <= keep + 5) return text;
  return `${left ? text.slice(0, CONTEXT) : ''}...${right ? text.slice(-CONTEXT) : ''}`;
}
