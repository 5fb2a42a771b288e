import type { Json } from '../base/json.ts';
import { type ParsedVersion, type ParseOptions, parseJson, parseVersion } from '../base/json-parse.ts';
import type { JsonPart } from '../base/json-parts.ts';

const MAX_KEYS = 100_000;

/** Whether a name is that of a file cwf looks into. */
export function isJsonFile(name: string): boolean {
  return name.endsWith('.json') && !/(^|\/)\.[^/]*$/.test(name);
}

/** Reads bytes as JSON within the limits of a workflow file: an API file has a key per node. */
export function parseFile(bytes: Uint8Array, source: string, options: ParseOptions = {}): Json {
  return parseJson(bytes, { ...options, source, maxKeys: MAX_KEYS });
}

/** As parseFile, for a file of which an earlier version gave these parts. */
export function parseFileVersion(bytes: Uint8Array, source: string, before: readonly JsonPart[]): ParsedVersion {
  return parseVersion(bytes, { source, maxKeys: MAX_KEYS }, before);
}
