import { clip, width as columnsOf, pad } from '../../../base/columns.ts';
import type { Span, StyledLine, Tone } from '../../../base/styled-text.ts';
import type { Scale } from '../../../core/chart/scale.ts';

/** How much room a terminal has, and whether it is only to get ASCII. */
export interface TerminalOptions {
  /** Columns of the terminal. */
  readonly columns: number;
  /** Rows of the field of a chart. */
  readonly rows?: number;
  readonly ascii?: boolean;
}

/** A sign to be put at a place, 0 to 1 from the left and from below; later ones cover earlier ones. */
export interface TerminalMark {
  readonly x: number;
  readonly y: number;
  readonly sign: keyof typeof UNICODE;
  readonly tone?: Tone;
}

const UNICODE = { trial: '·', best: '●', infeasible: '○', wrong: '×', line: '─' } as const;
const ASCII: Readonly<Record<keyof typeof UNICODE, string>> = {
  trial: '.',
  best: '*',
  infeasible: 'o',
  wrong: 'x',
  line: '-',
};
const FRAME = { side: '│', tick: '┤', corner: '└', floor: '─', mark: '┬' };
const ASCII_FRAME: typeof FRAME = { side: '|', tick: '+', corner: '+', floor: '-', mark: '+' };
/** Rows and columns below which a chart says nothing. */
const LEAST = { rows: 4, columns: 20 };

/** The sign of a kind of mark. */
export function signOf(sign: keyof typeof UNICODE, { ascii }: TerminalOptions): string {
  return (ascii ? ASCII : UNICODE)[sign];
}

/** A text in ASCII where a terminal is to get no more; everything else becomes `?`. */
export function plain(text: string, { ascii }: TerminalOptions): string {
  if (!ascii) return text;
  return text
    .replaceAll('−', '-')
    .replaceAll('±', '+-')
    .replaceAll('→', '->')
    .replaceAll('…', '~')
    .replace(/[^ -~]/gu, '?');
}

/** A chart of characters: axes with their ticks, marks between them. */
export function drawTerminal(
  marks: readonly TerminalMark[],
  { x, y }: { readonly x: Scale<never>; readonly y: Scale<never> },
  options: TerminalOptions,
): StyledLine[] {
  const frame = options.ascii ? ASCII_FRAME : FRAME;
  const rows = Math.max(LEAST.rows, options.rows ?? 12);
  const labels = new Map(y.ticks.map(({ at, text }) => [rowOf(at, rows), plain(text, options)]));
  const margin = Math.max(3, ...[...labels.values()].map(columnsOf));
  const columns = Math.max(LEAST.columns, options.columns - margin - 2);
  const field: Span[][] = Array.from({ length: rows }, () => Array<Span>(columns).fill({ text: ' ' }));
  for (const { x: across, y: up, sign, tone } of marks) {
    const column = Math.min(columns - 1, Math.max(0, Math.floor(across * columns)));
    field[rowOf(up, rows)]![column] = { text: signOf(sign, options), ...(tone && { tone }) };
  }
  const lines = field.map((row, i): StyledLine => {
    const text = labels.get(i);
    const side = `${(text ?? '').padStart(margin)} ${text === undefined ? frame.side : frame.tick}`;
    return [{ text: side, tone: 'dim' }, ...joined(row)];
  });
  return [...lines, ...drawFloor(x, columns, margin, options)];
}

function drawFloor(x: Scale<never>, columns: number, margin: number, options: TerminalOptions): StyledLine[] {
  const frame = options.ascii ? ASCII_FRAME : FRAME;
  const floor = Array<string>(columns).fill(frame.floor);
  let texts = '';
  for (const { at, text } of x.ticks) {
    const column = Math.min(columns - 1, Math.floor(at * columns));
    const shown = plain(text, options);
    const start = Math.max(0, Math.min(columns - columnsOf(shown), column - Math.floor(columnsOf(shown) / 2)));
    // A label that would touch the one before it is left out, with its tick.
    if (texts !== '' && start <= columnsOf(texts)) continue;
    floor[column] = frame.mark;
    texts = pad(texts, start) + shown;
  }
  return [
    [{ text: `${' '.repeat(margin + 1)}${frame.corner}${floor.join('')}`, tone: 'dim' }],
    [{ text: `${' '.repeat(margin + 2)}${texts}`, tone: 'dim' }],
  ];
}

function rowOf(at: number, rows: number): number {
  return Math.min(rows - 1, Math.max(0, Math.floor((1 - at) * rows)));
}

/** Neighbours of one tone as one part. */
function joined(cells: readonly Span[]): Span[] {
  const out: { text: string; tone?: Tone }[] = [];
  for (const { text, tone } of cells) {
    const last = out.at(-1);
    if (last && last.tone === tone) last.text += text;
    else out.push({ text, ...(tone && { tone }) });
  }
  const end = out.at(-1);
  if (end && end.tone === undefined) end.text = end.text.trimEnd();
  return out.filter(({ text }) => text !== '');
}

/** A bar of a part of a width, in eighths of a column. */
export function barText(part: number, width: number, { ascii }: TerminalOptions): string {
  const eighths = Math.round(Math.min(1, Math.max(0, part)) * width * 8);
  if (ascii) return '#'.repeat(Math.round(eighths / 8));
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!;
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

/** A text of a file cut to columns, safe to print. */
export function cut(text: string, columns: number, options: TerminalOptions): string {
  // First to ASCII, where an arrow is wider, then cut; the sign of the cut becomes ASCII, too.
  return plain(clip(plain(text, options), columns), options);
}

/** As `cut`, and padded with spaces. */
export function cell(text: string, columns: number, options: TerminalOptions): string {
  return pad(cut(text, columns, options), columns);
}
