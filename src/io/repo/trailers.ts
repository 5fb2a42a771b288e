/**
 * Commit messages: a subject, an optional body, and the trailers in the last paragraph. The reader follows git's
 * trailer.c (`git interpret-trailers --parse --no-divider`) line by line, so that git and cwf never disagree on
 * what a commit says about itself.
 */
import { CwfError } from '../../base/errors.ts';

/** One `Key: value` line of the last paragraph; `value` is unfolded to one line. */
export interface Trailer {
  readonly key: string;
  readonly value: string;
}

// Lines git writes itself: one of them makes a paragraph count that is up to three quarters prose.
const GIT_GENERATED = ['Signed-off-by: ', '(cherry picked from commit '];
const KEY = /^[A-Za-z0-9-]+$/;

/** Returns the trailers of a commit message in order; empty when the last paragraph is not a trailer block. */
export function parseTrailers(message: string): Trailer[] {
  const { lines, start, end } = locate(message);
  const out: { key: string; value: string }[] = [];
  let last: { key: string; value: string } | undefined;
  for (const line of lines.slice(start, end)) {
    if (line.startsWith('#')) {
      // A folded line after a comment belongs to nothing.
      last = undefined;
      continue;
    }
    if (last !== undefined && isSpace(line[0])) {
      last.value += `\n${line}`;
      continue;
    }
    const at = separator(line);
    last = at < 1 ? undefined : { key: line.slice(0, at).trim(), value: line.slice(at + 1) };
    if (last !== undefined) out.push(last);
  }
  return out.map(({ key, value }) => ({ key, value: trim(value.replace(/\n[ \t\r\n]*/g, ' ')) }));
}

/** Returns the value of the last trailer with that key (keys compare without case), or undefined. */
export function trailerValue(trailers: readonly Trailer[], key: string): string | undefined {
  return trailers.findLast((t) => t.key.toLowerCase() === key.toLowerCase())?.value;
}

/**
 * Builds a commit message that `parseTrailers` reads back. Trailers the body already ends in are kept, except
 * `Cwf-*` ones: those belong to the commit they were copied from. Throws MESSAGE_INVALID on an empty subject, a NUL,
 * or a trailer that is not one line.
 */
export function formatMessage(subject: string, body: string | undefined, trailers: readonly Trailer[]): string {
  const head = subject.trim();
  if (head === '' || /[\n\r]/.test(head)) refuse('the subject must be one line of text');
  const text = (body ?? '').replace(/\r\n?/g, '\n').trim();
  if (head.includes('\0') || text.includes('\0')) refuse('it holds a NUL character');
  for (const { key, value } of trailers) {
    if (!KEY.test(key)) refuse(`"${key}" is no trailer key`);
    if (/[\n\r\0]/.test(value) || value !== value.trim() || value === '') refuse(`the value of ${key} is not one line`);
  }
  const plain = text === '' ? head : `${head}\n\n${text}`;
  const { lines, start, end } = locate(plain);
  const block = lines.slice(start, end);
  const kept = block.filter((line) => !/^Cwf-/i.test(line));
  // Only a block that is nothing but trailers can take more lines and stay one.
  const joins = kept.length > 0 && kept.every((line) => separator(line) >= 1 && !isSpace(line[0]) && line[0] !== '#');
  const above = (joins || kept.length === 0 ? lines.slice(0, start) : [...lines.slice(0, start), ...kept]).join('\n');
  const below = [...(joins ? kept : []), ...trailers.map(({ key, value }) => `${key}: ${value}`)];
  return below.length === 0 ? `${above.trimEnd()}\n` : `${above.trimEnd()}\n\n${below.join('\n')}\n`;
}

function refuse(reason: string): never {
  throw new CwfError('MESSAGE_INVALID', { reason });
}

/** Lines of a message, and the half-open range of its trailer block (empty at the end when there is none). */
function locate(message: string): { lines: string[]; start: number; end: number } {
  const lines = message.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let end = lines.length;
  while (end > 0 && (isBlank(lines[end - 1]!) || lines[end - 1]!.startsWith('#'))) end--;
  return { lines, start: trailerStart(lines, end), end };
}

/** find_trailer_start of git's trailer.c. */
function trailerStart(lines: readonly string[], end: number): number {
  let title = 0;
  while (title < end && (lines[title]!.startsWith('#') || !isBlank(lines[title]!))) title++;
  let trailerLines = 0;
  let otherLines = 0;
  let continuations = 0;
  let recognized = false;
  for (let i = end - 1; i >= title; i--) {
    const line = lines[i]!;
    if (line.startsWith('#')) {
      otherLines += continuations;
      continuations = 0;
    } else if (isBlank(line)) {
      otherLines += continuations;
      const isBlock = recognized ? trailerLines * 3 >= otherLines : trailerLines > 0 && otherLines === 0;
      return isBlock ? i + 1 : end;
    } else if (GIT_GENERATED.some((prefix) => line.startsWith(prefix))) {
      trailerLines++;
      continuations = 0;
      recognized = true;
    } else if (separator(line) >= 1 && !isSpace(line[0])) {
      trailerLines++;
      continuations = 0;
    } else if (isSpace(line[0])) {
      continuations++;
    } else {
      otherLines += 1 + continuations;
      continuations = 0;
    }
  }
  return end;
}

/** Position of the colon after a token, or -1: letters, digits and dashes, then blanks, then the colon. */
function separator(line: string): number {
  const match = /^[A-Za-z0-9-]*[ \t]*:/.exec(line);
  if (match === null || isSpace(line[0])) return -1;
  return match[0].length - 1;
}

// git's isspace() is ASCII: String.trim() would also eat U+00A0 and friends.
function trim(text: string): string {
  return text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
}

function isSpace(c: string | undefined): boolean {
  return c === ' ' || c === '\t' || c === '\n' || c === '\r';
}

function isBlank(line: string): boolean {
  return trim(line) === '';
}
