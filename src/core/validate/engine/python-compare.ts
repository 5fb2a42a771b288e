import { PyError } from './python-error.ts';
import { type PyValue, typeName } from './python-value.ts';

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
