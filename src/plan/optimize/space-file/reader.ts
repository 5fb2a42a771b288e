import { CwfError } from '../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { nearest } from '../../../base/nearest.ts';
import type { ParamValue } from '../space.ts';

/** Keys and positions from the top of a file to a value in it. */
export type FieldPath = readonly (string | number)[];

/** The file that is read, for messages. */
export interface FieldSource {
  readonly source: string;
  /** The line of a field, from 1; undefined where the file has none to tell. */
  lineOf(path: FieldPath): number | undefined;
}

/** A value of a space file that knows where it stands: every fault names the file, the line and the field. [SP-16] */
export class Field {
  readonly json: Json;
  readonly path: FieldPath;
  private readonly file: FieldSource;

  constructor(json: Json, path: FieldPath, file: FieldSource) {
    this.json = json;
    this.path = path;
    this.file = file;
  }

  /** The error of this field. */
  fault(reason: string, cause?: unknown): CwfError {
    const { source } = this.file;
    const line = this.file.lineOf(this.path);
    return new CwfError('SPACE_FILE_INVALID', { source, line, field: this.path.join('.'), reason }, { cause });
  }

  /** A member; undefined where it is absent or null. */
  get(key: string): Field | undefined {
    const value = isObject(this.json) && Object.hasOwn(this.json, key) ? this.json[key] : undefined;
    return value === undefined || value === null ? undefined : new Field(value, [...this.path, key], this.file);
  }

  /** The members of an object whose keys must be some. */
  object(keys?: readonly string[]): JsonObject {
    if (!isObject(this.json)) throw this.fault(`${told(this.json)} where a mapping is expected`);
    const odd = keys && Object.keys(this.json).find((key) => !keys.includes(key));
    if (odd !== undefined) {
      const field = new Field(null, [...this.path, odd], this.file);
      throw field.fault(`no such field; did you mean ${nearest(odd, keys!, 3).join(', ')}?`);
    }
    return this.json;
  }

  entries(): [string, Field][] {
    return Object.keys(this.object()).map((key) => [
      key,
      new Field(this.json && (this.json as JsonObject)[key]!, [...this.path, key], this.file),
    ]);
  }

  /** The members of a list; a single value is a list of one. */
  list(): Field[] {
    if (!Array.isArray(this.json)) return [this];
    return this.json.map((one, at) => new Field(one, [...this.path, at], this.file));
  }

  text(): string {
    if (typeof this.json !== 'string') throw this.fault(`${told(this.json)} where a text is expected`);
    return this.json;
  }

  number(): number {
    const { json } = this;
    if (typeof json !== 'number' || !Number.isFinite(json))
      throw this.fault(`${told(json)} where a number is expected`);
    return json;
  }

  flag(): boolean {
    if (typeof this.json !== 'boolean') throw this.fault(`${told(this.json)} where true or false is expected`);
    return this.json;
  }

  /** A number, a text, true or false. */
  plain(): ParamValue {
    const { json } = this;
    if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
    throw this.fault(`${told(json)} where a number, a text, true or false is expected`);
  }
}

function told(json: Json): string {
  if (json === null) return 'nothing';
  if (Array.isArray(json)) return 'a list';
  if (typeof json === 'object') return 'a mapping';
  return typeof json === 'string' ? JSON.stringify(json.slice(0, 40)) : String(json);
}
