import type { Json } from '../../../base/json.ts';

/**
 * A JSON value as Python holds it. An integer is a bigint and a float a number, since a slot `0` is a place in a list
 * and `0.0` is none; a dict is a Map, which keeps the order of its keys and knows no prototype.
 */
export type PyValue = null | boolean | bigint | number | string | PyValue[] | PyDict;
export type PyDict = Map<string, PyValue>;

/** Deeper JSON than this ends in a RecursionError in Python's own reader. */
export const MAX_NESTING = 900;

/** An exception that the engine's own code would raise: `type` is the name of its class. */
export class PyError extends Error {
  readonly type: string;
  /** The input and link that it is about, where that is known. */
  readonly input: string | undefined;

  constructor(type: string, message: string, input?: string) {
    super(message);
    this.name = 'PyError';
    this.type = type;
    this.input = input;
  }
}

/** A value of a program as Python reads its JSON: a whole number is an int. Throws PyError RecursionError. */
export function fromJson(value: Json, depth = 0): PyValue {
  if (depth > MAX_NESTING) throw new PyError('RecursionError', 'maximum recursion depth exceeded');
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => fromJson(one, depth + 1));
  return new Map(Object.keys(value).map((key) => [key, fromJson(value[key] as Json, depth + 1)]));
}

/** The same value for programs; a float that JSON cannot hold (nan, inf) becomes its Python name. */
export function toJson(value: PyValue): Json {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  // No prototype: a key may be `__proto__`.
  const out: { [key: string]: Json } = Object.create(null);
  for (const [key, one] of value) out[key] = toJson(one);
  return out;
}

/** The name of a value's class in Python. */
export function typeName(value: PyValue): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  return Array.isArray(value) ? 'list' : 'dict';
}

/** `a == b`: numbers and booleans compare by value, everything else only with its own class. */
export function pyEquals(a: PyValue, b: PyValue): boolean {
  const [x, y] = [numeric(a), numeric(b)];
  // A bigint and a number compare exactly.
  // biome-ignore lint/suspicious/noDoubleEquals: both are numbers
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && x == y;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, at) => pyEquals(one, b[at] as PyValue));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, one] of a) if (!b.has(key) || !pyEquals(one, b.get(key) as PyValue)) return false;
    return true;
  }
  return a === b;
}

/** `a < b`; throws PyError TypeError for what has no order. */
export function pyLess(a: PyValue, b: PyValue): boolean {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) return x < y;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  const types = `'${typeName(a)}' and '${typeName(b)}'`;
  throw new PyError('TypeError', `'<' not supported between instances of ${types}`);
}

/** `key in container`, for a key that is a text; throws PyError TypeError for what holds nothing. */
export function pyContains(container: PyValue, key: string): boolean {
  if (container instanceof Map) return container.has(key);
  if (Array.isArray(container)) return container.includes(key);
  if (typeof container === 'string') return container.includes(key);
  throw new PyError('TypeError', `argument of type '${typeName(container)}' is not iterable`);
}

function numeric(value: PyValue): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}
