import { isCwfError } from '../../../base/errors.ts';
import { isObject, type JsonObject } from '../../../base/json.ts';
import { visibleText } from '../../../base/visible-text.ts';
import { catalogFromObjectInfo } from '../../../core/catalog/object-info.ts';
import type { Definitions } from '../runner.ts';
import type { Server } from './address.ts';
import { badAnswer } from './http.ts';

const MOST_NAME = 200;

/**
 * A server's `/object_info` as definitions of its version; without one it is judged by the newest rules. Throws
 * RUNNER_ANSWER for what is none.
 */
export function readDefinitions(server: Server, info: JsonObject, version: string | undefined): Definitions {
  const modules = new Map<string, string>();
  for (const [name, definition] of Object.entries(info)) {
    const module = isObject(definition) ? definition.python_module : undefined;
    if (typeof module === 'string') modules.set(name, visibleText(module.slice(0, MOST_NAME)));
  }
  try {
    const catalog = catalogFromObjectInfo(info, version ?? server.name);
    return { catalog, classes: new Set(catalog.classes()), modules };
  } catch (error) {
    if (!isCwfError(error, 'CATALOG_INVALID')) throw error;
    throw badAnswer(server, '/object_info', error.message);
  }
}
