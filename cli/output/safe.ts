import { visibleText } from '../../src/base/visible-text.ts';

export { clip, pad, width } from '../../src/base/columns.ts';

/** Makes a text safe to print on a terminal: every dangerous character becomes a visible escape such as `\x1b`. */
export function safe(text: string): string {
  return visibleText(text);
}

/** As `safe`, for texts of several lines: line feeds stay. */
export function safeLines(text: string): string {
  return visibleText(text, '\n');
}

/** Makes an already composed line safe: keeps line feeds, tabs and the colours of `color.ts` when they are on. */
export function safeOutput(text: string, colored: boolean): string {
  if (!colored) return visibleText(text, '\n\t');
  const parts = text.split(/(\x1b\[[0-9;]{1,12}m)/);
  return parts.map((part, at) => (at % 2 === 1 ? part : safeOutput(part, false))).join('');
}
