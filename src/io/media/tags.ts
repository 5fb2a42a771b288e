import { isCwfError } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { type Fail, isGraphKey, isTextKey, MEDIA_LIMITS } from './limits.ts';

const COMMENTS = ['comment', 'description'];

/**
 * Collects the texts of a video or a sound that hold a graph. Names count without their case, since Matroska writes
 * them in capitals. Of several under one name the last counts, as in PNG. Where none has a name of its own, a `comment`
 * may hold both as one JSON object: the VideoHelperSuite nodes save them so. In FLAC and Ogg ffmpeg calls a comment
 * `DESCRIPTION`, as the Vorbis specification does.
 */
export class Tags {
  private readonly own = new Map<string, string>();
  private comment: string | undefined;

  /** Whether texts of this name are of any use. */
  static isWanted(name: string): boolean {
    const key = name.toLowerCase();
    return isTextKey(key) || COMMENTS.includes(key);
  }

  add(name: string, text: string): void {
    const key = name.toLowerCase();
    if (isTextKey(key)) this.own.set(key, text);
    else if (key === 'comment' || (key === 'description' && this.comment === undefined)) this.comment = text;
  }

  get hasGraph(): boolean {
    return [...this.own.keys()].some(isGraphKey);
  }

  /** Throws what the JSON reader throws of a comment that is JSON and breaks its rules. */
  texts(): Map<string, string> {
    if (this.hasGraph || this.comment === undefined) return this.own;
    const parts = parsed(this.comment);
    if (!isObject(parts)) return this.own;
    const told = Object.entries(parts).flatMap(([key, value]) => {
      if (!isTextKey(key)) return [];
      // A graph stands there as an object, or as JSON in a text.
      return [[key, typeof value === 'string' ? value : canonicalJson(value)] as const];
    });
    return new Map([...told, ...this.own]);
  }
}

/** Refuses a text that is too long before it is read. */
export function checkLength(name: string, length: number, fail: Fail): void {
  if (length > MEDIA_LIMITS.textBytes) throw fail(`the text "${name}" is over ${MEDIA_LIMITS.textBytes} bytes`);
}

/** A comment that is no JSON is one that somebody wrote. */
function parsed(comment: string): Json | undefined {
  if (!/^\s*\{/.test(comment)) return undefined;
  try {
    return parseJson(comment, { source: 'comment', maxString: MEDIA_LIMITS.textBytes });
  } catch (error) {
    if (isCwfError(error, 'JSON_SYNTAX')) return undefined;
    throw error;
  }
}
