import type { Json } from '../base/json.ts';
import { type ParseOptions, parseJson } from '../base/json-parse.ts';

/** Whether a name is that of a file cwf looks into. */
export function isJsonFile(name: string): boolean {
  return name.endsWith('.json') && !/(^|\/)\.[^/]*$/.test(name);
}

/** Reads bytes as JSON within the limits of a workflow file: an API file has a key per node. */
export function parseFile(bytes: Uint8Array, source: string, options: ParseOptions = {}): Json {
  return parseJson(bytes, { ...options, source, maxKeys: 100_000 });
}
