import type { FileReport, ReportLine } from '../../src/porcelain/report.ts';
import type { Io } from '../io.ts';
import { clip, safe } from './safe.ts';
import { printTextChange } from './text-change.ts';

const SIGNS = { added: '+', removed: '-', changed: '~', renamed: '>' } as const;
const COLORS = { added: 'green', removed: 'red', changed: 'yellow', renamed: 'cyan' } as const;
const MARGIN = '    ';
/** A line may wrap before it is cut: what was set is at its end. */
const WIDE = 160;

/** How the changes of a file are printed. */
export interface ChangesOptions {
  /** Most lines for one file; the rest is counted. */
  readonly most?: number;
  /** Also every edit of the presentation, not only their number. */
  readonly presentation?: boolean;
  /** Only the line of the file. */
  readonly stat?: boolean;
  /** Long texts by the words that changed, not by their beginning. */
  readonly words?: boolean;
}

/** Prints changed files: a line each, and below it a line for each edit. */
export function printChanges(io: Io, files: readonly FileReport[], options: ChangesOptions = {}): void {
  for (const file of files) {
    io.print(fileLine(io, file));
    if (options.stat) continue;
    const lines = file.lines.filter((line) => options.presentation || !line.presentation);
    const most = options.most ?? Number.POSITIVE_INFINITY;
    for (const line of lines.slice(0, most)) {
      if (options.words && line.before !== undefined) printTextChange(io, line, MARGIN);
      else io.print(`${MARGIN}${paint(io, line)}`);
      if (line.note !== undefined) io.print(io.color.dim(`${MARGIN}  ${clip(line.note, Math.max(io.columns, WIDE))}`));
    }
    if (lines.length > most) io.print(io.color.dim(`${MARGIN}... and ${lines.length - most} more`));
  }
}

/** `  ~ portrait.json  2 edits, 3 in the layout`. */
export function fileLine({ color }: Io, file: Omit<FileReport, 'lines'>): string {
  const name = file.from === undefined ? safe(file.file) : `${safe(file.from)} -> ${safe(file.file)}`;
  const what = amount(file);
  return `  ${color[COLORS[file.kind]](SIGNS[file.kind])} ${color.bold(name)}${what ? `  ${color.dim(what)}` : ''}`;
}

function amount({ kind, graph, presentation }: Omit<FileReport, 'lines'>): string {
  if (kind === 'added') return 'new';
  if (kind === 'removed') return 'removed';
  return [
    ...(kind === 'renamed' ? ['renamed'] : []),
    ...(graph > 0 ? [`${graph} ${graph === 1 ? 'edit' : 'edits'}`] : []),
    ...(presentation > 0 ? [`${presentation} in the layout`] : []),
  ].join(', ');
}

function paint({ color, columns }: Io, line: ReportLine): string {
  const text = clip(line.text, Math.max(columns, WIDE));
  if (line.presentation) return color.dim(text);
  if (line.kind === 'add') return color.green(text);
  if (line.kind === 'remove') return color.red(text);
  return text.replace(/ -> (?!.* -> )/, color.dim(' -> '));
}
