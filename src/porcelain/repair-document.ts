import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { FileLists } from '../core/catalog/check-value.ts';
import { withoutGroupNodes } from '../core/convert/group-nodes.ts';
import { fileOrder } from '../core/convert/renumber.ts';
import type { Diagnostic } from '../core/validate/diagnostic.ts';
import { validateWorkflow } from '../core/validate/validate.ts';
import { validateDocument } from '../core/validate/validate-document.ts';
import { own } from '../core/workflow/names.ts';
import { detectFormat } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import { type Repair, type RepairOptions, repairWorkflow } from '../plan/agents/coordinator.ts';
import { explained } from '../plan/agents/explain.ts';
import { countFaults, type FaultCounts, faultKey } from '../plan/agents/faults.ts';
import { repairWithModel } from '../plan/agents/repair-with-model.ts';
import type { RepairModel } from './repair-model.ts';

/** What a document is repaired by. */
export interface Repairing extends Omit<RepairOptions, 'validate' | 'files'> {
  readonly catalog: Catalog;
  readonly files?: FileLists;
  /** A language model to ask about the errors that the agents leave. */
  readonly model?: (workflow: Workflow) => RepairModel;
  /** Places of links whose output is written with a fraction, as the JSON reader tells them. */
  readonly fractions?: readonly string[];
}

/** A document, what it was before the repair as far as it can be read, and what became of it. */
export interface RepairedDocument {
  readonly before: Workflow;
  readonly found: FaultCounts;
  /** Faults of form that are gone by reading and writing the document: inputs that are no object, a slot `0.0`. */
  readonly mended: readonly Diagnostic[];
  readonly repair: Repair;
  /** The language model, where one stood by. */
  readonly model?: RepairModel;
}

const GROUP_NODES =
  'turn the group nodes of the file into subgraphs in ComfyUI first: they cannot be repaired in place';

/**
 * Reads a document that may be damaged and repairs it. A file with group nodes is judged and left as it is. Throws what
 * the readers throw for something that is no workflow.
 */
export async function repairDocument(json: Json, source: string, options: Repairing): Promise<RepairedDocument> {
  const { catalog, files, fractions = [], model: open, ...rest } = options;
  const known = files ? { files } : {};
  const { workflow, diagnostics } = validateDocument(json, source, catalog, { ...known, fractions });
  const isUi = detectFormat(json) === 'ui';
  const found = countFaults(diagnostics);
  if (isUi && withoutGroupNodes(json, catalog) !== json) {
    const left = explained(diagnostics, 1, new Map()).map((one) => ({ ...one, advice: GROUP_NODES }));
    return { before: workflow, found, mended: [], repair: { after: workflow, accepted: [], left, rounds: 0 } };
  }
  const order = isUi ? { order: fileOrder(json) } : {};
  const validate = (one: Workflow): readonly Diagnostic[] =>
    validateWorkflow(one, catalog, { ...known, ...order }).diagnostics;
  const read = new Set(validate(workflow).map(faultKey));
  const mended = diagnostics.filter((one) => !read.has(faultKey(one)));
  const settings = { ...rest, ...known, validate };
  if (!open) return { before: workflow, found, mended, repair: await repairWorkflow(workflow, catalog, settings) };
  const model = open(workflow);
  const repair = await repairWithModel(workflow, catalog, model.agent, settings);
  return { before: workflow, found, mended, repair, model };
}

/** A repaired prompt as a document: what is no class and was not cured stays what it was, not what it was read as. */
export function promptOf(json: Json, { repair: { after } }: RepairedDocument): Json {
  const written = writeWorkflow(after) as JsonObject;
  for (const [id, node] of Object.entries(written)) {
    const was = isObject(json) ? own(json, id) : undefined;
    if (!isObject(node) || node.class_type !== '' || !isObject(was)) continue;
    const { class_type: _none, ...rest } = node;
    written[id] = 'class_type' in was ? { ...rest, class_type: was.class_type! } : rest;
  }
  return written;
}

/** Whether a repair leaves errors behind. */
export function hasErrors({ left }: Pick<Repair, 'left'>): boolean {
  return left.some(({ severity }) => severity === 'error');
}
