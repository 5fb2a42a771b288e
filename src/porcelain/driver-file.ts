import { type CwfError, isCwfError } from '../base/errors.ts';
import { defaultCatalog } from '../core/catalog/catalog.ts';
import { detectFormat, readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { parseFile } from './json-file.ts';

/**
 * What git hands to a driver. Git knows files by their names alone, so a driver meets any `*.json`: one that is no
 * workflow (`other`) is passed through in silence, one that seems to be a workflow and cannot be read (`broken`) is
 * passed through and named. [GD-2]
 */
export type DriverFile =
  | { readonly kind: 'workflow'; readonly workflow: Workflow }
  | { readonly kind: 'other' }
  | { readonly kind: 'broken'; readonly error: CwfError };

/** Members only a workflow has, in either format, and what a merge leaves in one. */
const SIGNS = /"class_type"\s*:|"last_node_id"\s*:|"widgets_values"\s*:/;

/** Looks into the bytes of a file; `source` is its name for messages. */
export function readDriverFile(bytes: Uint8Array, source: string): DriverFile {
  try {
    const json = parseFile(bytes, source);
    if (detectFormat(json) === undefined) return { kind: 'other' };
    return { kind: 'workflow', workflow: readWorkflow(json, { catalog: defaultCatalog(), source }) };
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    const isShaped = error.code === 'WORKFLOW_SHAPE' || error.code === 'WORKFLOW_DUPLICATE_NODE';
    return isShaped || SIGNS.test(Buffer.from(bytes).toString('latin1'))
      ? { kind: 'broken', error }
      : { kind: 'other' };
  }
}

/** What a driver says on stderr of a file that it leaves to git. */
export function leftToGit(error: CwfError): string {
  return `cwf: left to git: ${error.message}`;
}
