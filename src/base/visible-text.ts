/**
 * What a reader must never get from a file, a commit or an error: control characters (ANSI escapes, CR, NUL, C1),
 * bidirectional overrides that make text read in another order, line separators, halves of surrogate pairs, and what
 * is no character of XML 1.0.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Makes every dangerous character of a text a visible escape such as `\x1b`, but for those in `kept`. */
export function visibleText(text: string, kept = ''): string {
  return text.replace(UNSAFE, (char) => (kept.includes(char) ? char : visible(char)));
}

function visible(char: string): string {
  const code = char.charCodeAt(0);
  return SHORT[char] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
