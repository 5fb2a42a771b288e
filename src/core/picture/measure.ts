import { visibleText } from '../../base/visible-text.ts';

/** Widths of characters in parts of the font size, estimated on the wide side: whoever looks has a font of their own. */
const NARROW = /[ijlI.,:;'|!()[\]{}/\\` ]/;
const BROAD = /[mwMW@%…→−]/;
const CAPITAL = /[A-Z0-9_#&~+<>=$?-]/;

/** Width of a text in pixels at a font size. */
export function textWidth(text: string, size: number): number {
  let sum = 0;
  for (const char of text) sum += charWidth(char);
  return sum * size;
}

/** A text made visible and cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, width: number, size: number): string {
  // A title may hold a megabyte: only what could fit is looked at.
  const most = Math.max(4, Math.ceil((width / size) * 4));
  const shown = visibleText(text.slice(0, most));
  if (text.length <= most && textWidth(shown, size) <= width) return shown;
  let out = '';
  let used = charWidth('…') * size;
  for (const char of shown) {
    used += charWidth(char) * size;
    if (used > width) break;
    out += char;
  }
  return `${out.trimEnd()}…`;
}

function charWidth(char: string): number {
  const code = char.codePointAt(0)!;
  if (code >= 0x2e80 && char !== '\ufffd') return 1.1;
  if (NARROW.test(char)) return 0.34;
  if (BROAD.test(char)) return 0.95;
  return CAPITAL.test(char) ? 0.68 : 0.58;
}
