import { pythonFloat, pythonQuoted } from '../../../base/python-text.ts';
import { isTensor, type Value } from './values.ts';

/** The name of a value's type in Python. */
export function pythonType(value: Value | undefined): string {
  if (value === null || value === undefined) return 'NoneType';
  if (isTensor(value)) return 'Tensor';
  if (Array.isArray(value)) return 'list';
  const names: Record<string, string> = { boolean: 'bool', bigint: 'int', number: 'float', string: 'str' };
  return names[typeof value] ?? 'dict';
}

/** Python's `str` of a value. */
export function pythonText(value: Value): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Python's `repr` of a value; a tensor by its shape alone. */
export function pythonRepr(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return pythonFloat(value);
  if (typeof value === 'string') return pythonQuoted(value);
  if (isTensor(value)) return `tensor(..., size=(${value.shape.join(', ')}))`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  const members = Object.entries(value).map(([key, one]) => `${pythonQuoted(key)}: ${pythonRepr(one as Value)}`);
  return `{${members.join(', ')}}`;
}

/**
 * Python's `json.dumps`: with `indent` one member a line. `ascii` escapes all that is not ASCII. Undefined for a value
 * that JSON does not know.
 */
export function jsonText(value: Value, options: { indent?: number; ascii: boolean }): string | undefined {
  const write = (one: Value, depth: number): string | undefined => {
    if (one === null) return 'null';
    if (typeof one === 'string') return jsonString(one, options.ascii);
    if (typeof one === 'bigint' || typeof one === 'boolean') return String(one);
    if (typeof one === 'number') return jsonNumber(one);
    if (isTensor(one)) return undefined;
    const isList = Array.isArray(one);
    const parts: string[] = [];
    for (const [key, member] of Object.entries(one)) {
      const written = write(member as Value, depth + 1);
      if (written === undefined) return undefined;
      parts.push(isList ? written : `${jsonString(key, options.ascii)}: ${written}`);
    }
    const [open, close] = isList ? '[]' : '{}';
    if (parts.length === 0) return `${open}${close}`;
    if (options.indent === undefined) return `${open}${parts.join(', ')}${close}`;
    const margin = `\n${' '.repeat(options.indent * (depth + 1))}`;
    return `${open}${margin}${parts.join(`,${margin}`)}\n${' '.repeat(options.indent * depth)}${close}`;
  };
  return write(value, 0);
}

function jsonNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? pythonFloat(value) : value > 0 ? 'Infinity' : '-Infinity';
}

function jsonString(text: string, ascii: boolean): string {
  const json = JSON.stringify(text);
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return ascii ? json.replace(/[\u007f-\uffff]/g, escaped) : json;
}

/** Python's `round` of a float to a whole number: halves to the even one. */
export function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}
