import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';

/** Members of a list that still share one line: a link row has six, a bounding box four. */
const SHORT = 8;
/** Lists whose every member is a parameter of its own: one line each, so that an edit is one line. */
const ONE_PER_LINE = new Set(['widgets_values']);

/**
 * JSON with RFC 8785 keys, numbers and texts, laid out for people and line diffs [CF-6]: one member per line, one
 * space per level; a list of at most eight scalars on one line (the count decides, never the width, so that a changed
 * value never changes the layout); members of `widgets_values` one per line. Without its white space the text is
 * exactly the RFC 8785 text. Ends in a line feed.
 */
export function prettyJson(value: Json): string {
  const parts: string[] = [];
  write(value, '\n', '', parts);
  parts.push('\n');
  return parts.join('');
}

function write(value: Json, indent: string, key: string, parts: string[]): void {
  if (typeof value !== 'object' || value === null) {
    parts.push(canonicalJson(value));
  } else if (Array.isArray(value)) {
    if (value.length === 0 || (isShort(value) && !ONE_PER_LINE.has(key))) {
      parts.push('[', value.map((member) => canonicalJson(member)).join(', '), ']');
      return;
    }
    const inner = `${indent} `;
    let open = '[';
    for (const member of value) {
      parts.push(open, inner);
      write(member, inner, '', parts);
      open = ',';
    }
    parts.push(indent, ']');
  } else {
    const keys = Object.keys(value).sort();
    if (keys.length === 0) {
      parts.push('{}');
      return;
    }
    const inner = `${indent} `;
    let open = '{';
    for (const name of keys) {
      parts.push(open, inner, canonicalJson(name), ': ');
      write(value[name]!, inner, name, parts);
      open = ',';
    }
    parts.push(indent, '}');
  }
}

function isShort(list: readonly Json[]): boolean {
  return list.length <= SHORT && list.every((member) => typeof member !== 'object' || member === null);
}
