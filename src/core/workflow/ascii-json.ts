import { isObject, type Json } from '../../base/json.ts';
import { scalarText } from '../../base/json-text.ts';

/**
 * JSON as Python's `json.dumps` lays it out, in ASCII and in the order of its members: what ComfyUI writes into files.
 * Integers beyond 2^53 keep their digits.
 */
export function asciiJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(asciiJson).join(', ')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${ascii(key)}: ${asciiJson(member)}`);
    return `{${members.join(', ')}}`;
  }
  return typeof value === 'string' ? ascii(value) : scalarText(value);
}

function ascii(text: string): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, escaped);
}
