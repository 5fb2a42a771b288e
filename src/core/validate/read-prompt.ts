import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { ReadOptions } from '../workflow/read.ts';
import { readApi } from '../workflow/read-api.ts';
import type { Workflow } from '../workflow/types.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Report } from './report.ts';
import { shown } from './words.ts';

/** A prompt as far as it can be read, and what could not be carried over. */
export interface ReadPrompt {
  readonly workflow: Workflow;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an API document that may be damaged: a node whose class or inputs are of no use stays, with the class '' and
 * no inputs, so that the rest can be judged and repaired around it. [VS-2] Throws NOT_A_WORKFLOW for anything but an
 * object with at least one entry that looks like a node.
 */
export function readPrompt(json: Json, options: ReadOptions): ReadPrompt {
  const report = new Report();
  if (!isObject(json) || !Object.values(json).some(looksLikeNode)) {
    throw new CwfError('NOT_A_WORKFLOW', { source: options.source, reason: 'no entry is a node with a class_type' });
  }
  const mended: JsonObject = {};
  for (const [id, entry] of Object.entries(json)) mended[id] = isObject(entry) ? mendNode(id, entry, report) : entry;
  return { workflow: readApi(mended, options), diagnostics: report.list() };
}

/** Whether an entry has members that only nodes have. */
function looksLikeNode(entry: Json): boolean {
  return isObject(entry) && ('class_type' in entry || 'inputs' in entry);
}

function mendNode(id: string, entry: JsonObject, report: Report): JsonObject {
  if (!looksLikeNode(entry)) return entry;
  const { class_type, inputs } = entry;
  const out = { ...entry };
  const place = { node: id, ...(typeof class_type === 'string' ? { class_type } : {}) };
  if (typeof class_type !== 'string') {
    const message = class_type === undefined ? 'it has no class_type' : `its class_type is ${shown(class_type)}`;
    report.add({ code: 'CLASS_MISSING', message, data: { value: class_type ?? null } }, place);
    out.class_type = '';
  }
  if (inputs !== undefined && !isObject(inputs)) {
    const message = `its inputs are ${shown(inputs)}, not an object`;
    report.add({ code: 'NODE_MALFORMED', message, data: { value: inputs } }, place);
    out.inputs = {};
  }
  return out;
}
