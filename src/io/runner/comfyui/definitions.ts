import { isCwfError } from '../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { visibleText } from '../../../base/visible-text.ts';
import { catalogFromObjectInfo } from '../../../core/catalog/object-info.ts';
import type { Definitions, PackVersion } from '../runner.ts';
import type { Server } from './address.ts';
import { badAnswer } from './http.ts';

const MOST_NAME = 200;
const MOST_PACKS = 10_000;

/**
 * A server's `/object_info` as definitions of its version; without one it is judged by the newest rules. Throws
 * RUNNER_ANSWER for what is none.
 */
export function readDefinitions(
  server: Server,
  info: JsonObject,
  version: string | undefined,
  packs: Definitions['packs'],
): Definitions {
  const modules = new Map<string, string>();
  for (const [name, definition] of Object.entries(info)) {
    const module = isObject(definition) ? definition.python_module : undefined;
    if (typeof module === 'string') modules.set(name, visibleText(module.slice(0, MOST_NAME)));
  }
  try {
    const catalog = catalogFromObjectInfo(info, version ?? server.name);
    return { catalog, classes: new Set(catalog.classes()), modules, packs };
  } catch (error) {
    if (!isCwfError(error, 'CATALOG_INVALID')) throw error;
    throw badAnswer(server, '/object_info', error.message);
  }
}

/** Whether a definition of a class says that it is of a pack. */
export function isOfPack(definition: Json): boolean {
  return isObject(definition) && String(definition.python_module).startsWith('custom_nodes.');
}

/**
 * The versions of node packs that ComfyUI-Manager tells under `/customnode/installed` (of its fourth version under `/v2`):
 * `{folder: {ver, cnr_id, aux_id}}`. Anything else tells nothing.
 */
export function readPacks(answer: Json): Map<string, PackVersion> {
  const packs = new Map<string, PackVersion>();
  for (const [folder, pack] of Object.entries(isObject(answer) ? answer : {}).slice(0, MOST_PACKS)) {
    if (!isObject(pack)) continue;
    const [version, registry, repository] = [pack.ver, pack.cnr_id, pack.aux_id].map(shownText);
    const source = registry ?? repository;
    packs.set(folder, { ...(version ? { version } : {}), ...(source ? { source } : {}) });
  }
  return packs;
}

function shownText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? visibleText(value.slice(0, MOST_NAME)) : undefined;
}
