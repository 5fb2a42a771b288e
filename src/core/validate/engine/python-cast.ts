import { PyError, type PyValue, typeName } from './python-value.ts';

/** CPython refuses longer texts as integers, and longer integers as texts. */
const MAX_DIGITS = 4300;
/** What Python takes for white space around a number. */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
const AROUND = new RegExp(`^${SPACE}|${SPACE}$`, 'gu');
const DIGITS = '[0-9](?:_?[0-9])*';
const INT = new RegExp(`^[+-]?${DIGITS}$`);
const FLOAT = new RegExp(`^[+-]?(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`);
const WORD = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** `int(value)`: floats are cut, texts may have spaces, a sign and `_`. Throws PyError as Python does. */
export function pyInt(value: PyValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw new PyError('ValueError', 'cannot convert float NaN to integer');
    if (!Number.isFinite(value)) throw new PyError('OverflowError', 'cannot convert float infinity to integer');
    return BigInt(Math.trunc(value));
  }
  if (typeof value !== 'string') {
    const wanted = 'a string, a bytes-like object or a real number';
    throw new PyError('TypeError', `int() argument must be ${wanted}, not '${typeName(value)}'`);
  }
  const text = asciiNumber(value);
  const digits = text.replace(/[_+-]/g, '');
  if (!INT.test(text)) throw new PyError('ValueError', `invalid literal for int() with base 10: ${pyRepr(value)}`);
  if (digits.length > MAX_DIGITS) {
    throw new PyError('ValueError', `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion`);
  }
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

/** `float(value)`: texts as for int, and `nan`, `inf`, exponents. Throws PyError as Python does. */
export function pyFloat(value: PyValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') {
    const float = Number(value);
    if (!Number.isFinite(float)) throw new PyError('OverflowError', 'int too large to convert to float');
    return float;
  }
  if (typeof value !== 'string') {
    throw new PyError('TypeError', `float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  const text = asciiNumber(value);
  const word = WORD.exec(text);
  if (word) return word[2] === undefined ? Number.NaN : word[1] === '-' ? -Infinity : Infinity;
  if (!FLOAT.test(text)) throw new PyError('ValueError', `could not convert string to float: ${pyRepr(value)}`);
  return Number(text.replaceAll('_', ''));
}

/** `bool(value)`: empty and zero are false. */
export function pyBool(value: PyValue): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  // NaN is true in Python.
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}

/** `str(value)`. */
export function pyStr(value: PyValue): string {
  return typeof value === 'string' ? value : pyRepr(value);
}

/** `repr(value)`. */
export function pyRepr(value: PyValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pyRepr).join(', ')}]`;
  return `{${[...value].map(([key, one]) => `${pyRepr(key)}: ${pyRepr(one)}`).join(', ')}}`;
}

/** Digits of every script as ASCII ones, without the space around them. */
function asciiNumber(text: string): string {
  return text.replace(AROUND, '').replace(/[^\x20-\x7e]/gu, (char) => String(digitOf(char) ?? char));
}

/** Unicode keeps the decimal digits of a script together, from zero on. */
function digitOf(char: string): number | undefined {
  const isDigit = (code: number) => /^\p{Nd}$/u.test(String.fromCodePoint(code));
  const code = char.codePointAt(0) as number;
  if (!isDigit(code)) return undefined;
  let zero = code;
  while (isDigit(zero - 1)) zero--;
  return (code - zero) % 10;
}

/** Python writes an exponent below 1e-4 and from 1e16 on, and shows that a float is one. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
  const inner = text.replace(/[\\\p{Cc}]/gu, (char) => {
    return named[char] ?? `\\x${(char.codePointAt(0) as number).toString(16).padStart(2, '0')}`;
  });
  return quote + (quote === "'" ? inner.replaceAll("'", "\\'") : inner) + quote;
}
