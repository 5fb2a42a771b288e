import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { Diagnostic } from '../core/validate/diagnostic.ts';
import { validateDocument } from '../core/validate/validate-document.ts';
import { own } from '../core/workflow/names.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import { newFaults } from '../plan/agents/faults.ts';

/** An error that an edit brought, with the same in one line. */
export interface Brought extends Diagnostic {
  /** `KSampler (3) model: message [CODE]`. */
  readonly text: string;
}

/** The errors of a workflow that it did not have before an edit. */
export function broughtErrors(before: Workflow, after: Workflow, catalog: Catalog, source: string): Brought[] {
  return broughtFaults(before, after, catalog, source).filter(({ severity }) => severity === 'error');
}

/** As `broughtErrors`, with the warnings; of a workflow that is new, all it has. */
export function broughtFaults(
  before: Workflow | undefined,
  after: Workflow,
  catalog: Catalog,
  source: string,
): Brought[] {
  const judge = (one: Workflow): Diagnostic[] =>
    validateDocument(writeWorkflow(one) as Json, source, catalog).diagnostics;
  return newFaults(judge(after), before ? judge(before) : []).map((one) => ({ ...one, text: lineOf(one, after) }));
}

/** Throws EDIT_REFUSED where there are any. */
export function refuseErrors(brought: readonly Brought[], source: string): void {
  const [first] = brought;
  if (!first) return;
  const count = brought.length === 1 ? 'an error' : `${brought.length} errors, the first`;
  throw new CwfError('EDIT_REFUSED', { source, count, first: first.text });
}

function lineOf({ scope, node, class_type, input, message, code }: Diagnostic, workflow: Workflow): string {
  const words = [
    ...(node === undefined ? [] : [`${class_type === undefined ? 'node' : nameOf(class_type, workflow)} (${node})`]),
    ...(input === undefined ? [] : [input]),
    ...(scope === undefined ? [] : [`in ${nameOf(scope, workflow)}`]),
  ];
  return `${words.length === 0 ? 'the workflow' : words.join(' ')}: ${message} [${code}]`;
}

/** A subgraph by its name; a class is its own. */
function nameOf(id: string, { subgraphs }: Workflow): string {
  return own(subgraphs, id)?.name || id;
}
