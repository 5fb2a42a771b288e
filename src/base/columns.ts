import { visibleText } from './visible-text.ts';

/** Cuts a text to a number of terminal columns, with an ellipsis where something is missing; the result is safe. */
export function clip(text: string, columns: number): string {
  // A title may hold a megabyte: look only at what could fit.
  const head = visibleText(text.slice(0, columns * 4 + 4));
  if (head.length <= columns && text.length <= columns * 4 + 4 && width(head) <= columns) return head;
  if (width(head) <= columns && head.length >= text.length) return head;
  let out = '';
  let used = 0;
  for (const char of head) {
    const next = charWidth(char);
    if (used + next > Math.max(0, columns - 1)) break;
    out += char;
    used += next;
  }
  return columns > 0 ? `${out}…` : '';
}

/** Number of terminal columns of a safe text without colours. */
export function width(text: string): number {
  let sum = 0;
  for (const char of text) sum += charWidth(char);
  return sum;
}

/** Pads a safe text with spaces to a number of columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

function charWidth(char: string): number {
  const code = char.codePointAt(0) as number;
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(char)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
