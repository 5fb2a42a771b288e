import { basename, resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { catalogFromObjectInfo } from '../core/catalog/object-info.ts';
import { parseFile } from './json-file.ts';
import { readBytes } from './plain-files.ts';

/** Bytes of a server's definitions: with many node packs and model files they are larger than any workflow. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The catalog of a server's `/object_info`, saved to a file. Throws CATALOG_INVALID with what is wrong, the JSON_*
 * errors of a damaged or too large file, and what reading throws.
 */
export function catalogFromFile(cwd: string, file: string): Catalog {
  const json = parseFile(readBytes(resolve(cwd, file), file), file, { maxBytes: MAX_BYTES });
  if (!isObject(json)) throw new CwfError('CATALOG_INVALID', { reason: `${file} is not an object of classes` });
  return catalogFromObjectInfo(json, basename(file));
}
