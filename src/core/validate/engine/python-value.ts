/**
 * A JSON value as Python holds it. An integer is a bigint and a float a number, since a slot `0` is a place in a list
 * and `0.0` is none; a dict is a Map, which keeps the order of its keys and knows no prototype.
 */
export type PyValue = null | boolean | bigint | number | string | PyValue[] | PyDict;
export type PyDict = Map<string, PyValue>;

/** The name of a value's class in Python. */
export function typeName(value: PyValue): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  return Array.isArray(value) ? 'list' : 'dict';
}
