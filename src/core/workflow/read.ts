import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { readApi } from './read-api.ts';
import type { ReadMemo } from './read-memo.ts';
import { readUi } from './read-ui.ts';
import type { Workflow } from './types.ts';

/** What a reader needs besides the document: names of widgets, and the file's name for messages. */
export interface ReadOptions {
  readonly catalog: Catalog;
  readonly source: string;
  /** What was read of earlier versions of the file; the document is then one that nobody changes. */
  readonly memo?: ReadMemo;
}

/** Nodes or links of one document [LIM]: ComfyUI's own page is unusable long before. */
const MAX_ITEMS = 100_000;

/**
 * Which of ComfyUI's two formats a document has, or undefined when it is no workflow: UI files have lists of nodes
 * and links, API files map ids to objects with a `class_type`.
 */
export function detectFormat(json: Json): 'api' | 'ui' | undefined {
  if (!isObject(json)) return undefined;
  if (Array.isArray(json.nodes) && (Array.isArray(json.links) || json.last_node_id !== undefined)) return 'ui';
  return Object.values(json).some((entry) => isObject(entry) && typeof entry.class_type === 'string')
    ? 'api'
    : undefined;
}

/**
 * Reads a document of either format into keyed form. Throws NOT_A_WORKFLOW, WORKFLOW_SHAPE (with the place),
 * WORKFLOW_DUPLICATE_NODE, JSON_SIZE. [CF-1]
 */
export function readWorkflow(json: Json, options: ReadOptions): Workflow {
  const format = detectFormat(json);
  if (format === undefined) {
    throw new CwfError('NOT_A_WORKFLOW', { source: options.source, reason: 'neither nodes and links nor class_type' });
  }
  const document = json as JsonObject;
  const count = format === 'api' ? Object.keys(document).length : (document.nodes as Json[]).length;
  if (count > MAX_ITEMS) {
    throw new CwfError('JSON_SIZE', { source: options.source, what: 'the number of nodes', limit: MAX_ITEMS });
  }
  return format === 'api' ? readApi(document, options) : readUi(document, options);
}

/** Reads the bytes of a file: strict JSON first (see parseJson for its errors), then readWorkflow. */
export function parseWorkflow(bytes: string | Uint8Array, options: ReadOptions): Workflow {
  return readWorkflow(parseJson(bytes, { source: options.source, maxKeys: MAX_ITEMS }), options);
}
