import { type PyValue, typeName } from './python-value.ts';

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

/** A value that may be the key of a dict; throws PyError TypeError for one that may not. */
export function hashable(value: PyValue): PyValue {
  if (typeof value !== 'object' || value === null) return value;
  throw new PyError('TypeError', `unhashable type: '${typeName(value)}'`);
}

/** What Python raises for a method that the class of a value does not have. */
export function noAttribute(value: PyValue, name: string): PyError {
  return new PyError('AttributeError', `'${typeName(value)}' object has no attribute '${name}'`);
}

/** What Python raises for a member, asked for by name, of what has no named members. */
export function noMember(value: PyValue, name: string): PyError {
  if (typeof value === 'string') return new PyError('TypeError', "string indices must be integers, not 'str'");
  if (Array.isArray(value)) return new PyError('TypeError', 'list indices must be integers or slices, not str');
  if (value instanceof Map) return new PyError('KeyError', `'${name}'`);
  return new PyError('TypeError', `'${typeName(value)}' object is not subscriptable`);
}
