import type { Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';

/** Whether a name is that of a file cwf looks into. */
export function isJsonFile(name: string): boolean {
  return name.endsWith('.json') && !/(^|\/)\.[^/]*$/.test(name);
}

/** Reads bytes as JSON within the limits of a workflow file: an API file has a key per node. */
export function parseFile(bytes: Uint8Array, source: string): Json {
  return parseJson(bytes, { source, maxKeys: 100_000 });
}
