import { width } from './safe.ts';

/** A line as it is written, and how many columns it takes. */
export interface PaintedLine {
  readonly text: string;
  readonly columns: number;
}

/** Some lines at the end of a terminal that are written over in place. */
export interface LiveScreen {
  /** Puts these lines in the place of those before. */
  draw(lines: readonly PaintedLine[]): void;
  /** Writes a line above them, where it stays. */
  above(text: string): void;
  /** Takes them away. */
  clear(): void;
  /** Leaves them where they are: what comes next stands below. */
  leave(): void;
}

/** Ask a terminal that knows it to show a frame at once; the cursor is hidden only within a frame. */
const BEGIN = '\x1b[?2026h\x1b[?25l';
const END = '\x1b[?25h\x1b[?2026l';

/**
 * Lines that are written over in place. A frame is one write, and after each the cursor is visible and stands below the
 * lines: a process that dies between two frames, however it does, leaves a terminal in order. `columns` tells how wide the
 * terminal is now: where it became narrower the lines of the last frame take more rows.
 */
export function liveScreen(write: (text: string) => void, columns: () => number): LiveScreen {
  let shown: readonly PaintedLine[] = [];
  const back = (): string => {
    const across = Math.max(1, columns());
    const rows = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.columns / across)), 0);
    return rows === 0 ? '\r' : `\r\x1b[${rows}A`;
  };
  const body = (lines: readonly PaintedLine[]): string => lines.map(({ text }) => `${text}\x1b[K\n`).join('');
  return {
    draw(lines) {
      write(`${BEGIN}${back()}${body(lines)}\x1b[J${END}`);
      shown = lines;
    },
    above(text) {
      write(`${BEGIN}${back()}${text}\x1b[K\n${body(shown)}\x1b[J${END}`);
    },
    clear() {
      if (shown.length > 0) write(`${BEGIN}${back()}\x1b[J${END}`);
      shown = [];
    },
    leave() {
      shown = [];
    },
  };
}

/** A text without colours as a line. */
export function plainLine(text: string): PaintedLine {
  return { text, columns: width(text) };
}
