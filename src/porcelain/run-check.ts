import { CwfError, isCwfError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { Diagnostic } from '../core/validate/diagnostic.ts';
import { validateAsEngine } from '../core/validate/engine/validate-as-engine.ts';
import type { EngineVerdict } from '../core/validate/engine/verdict.ts';
import { validateDocument } from '../core/validate/validate-document.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import { describeRemark } from './convert.ts';
import type { MadePrompt } from './run-prompt.ts';
import type { RunSource } from './run-source.ts';
import type { ValidatedFile } from './validate.ts';

/** A run that was not sent, since its runner would refuse it or run a part of it only. */
export interface InvalidRun {
  readonly kind: 'invalid';
  readonly source: RunSource;
  /** The faults, as `cwf validate` tells them. */
  readonly findings: ValidatedFile;
  readonly error: CwfError;
}

/** Judges a prompt as the runner with this catalog would; undefined for one that it would run as a whole. */
export function judgePrompt(
  { prompt, remarks }: MadePrompt,
  workflow: Workflow,
  source: RunSource,
  catalog: Catalog,
): InvalidRun | undefined {
  const broken = remarks.filter(({ severity }) => severity === 'error').map(describeRemark);
  const refusals = broken.length > 0 ? broken : refusalsOf(prompt, catalog);
  const [first, ...more] = refusals;
  if (first === undefined) return undefined;
  const data = { source: source.file, first, more: more.length || undefined };
  const findings: ValidatedFile = {
    file: source.file,
    type: 'JSON',
    format: workflow.format,
    diagnostics: faultsOf(writeWorkflow(workflow), source.file, catalog),
  };
  return { kind: 'invalid', source, findings, error: new CwfError('RUN_INVALID', data) };
}

/** What the server would say: of the prompt, or of nodes without which only a part would run. */
function refusalsOf(prompt: JsonObject, catalog: Catalog): string[] {
  const verdict = validateAsEngine({ prompt }, catalog);
  const nodes = Object.entries(verdict.node_errors).flatMap(([id, { class_type, errors }]) =>
    errors.map(({ message, details }) => `${class_type} (${id}): ${message}${details === '' ? '' : `: ${details}`}`),
  );
  if (nodes.length > 0) return nodes;
  return verdict.status === 200 ? [] : [wordsOf(verdict)];
}

function wordsOf({ error, exception }: EngineVerdict): string {
  if (error) return error.details === '' ? error.message : `${error.message}: ${error.details}`;
  return exception ? `${exception.type}: ${exception.message}` : 'it is no prompt';
}

function faultsOf(json: Json, file: string, catalog: Catalog): readonly Diagnostic[] {
  try {
    return validateDocument(json, file, catalog).diagnostics.filter(({ severity }) => severity === 'error');
  } catch (error) {
    // The server's own words are told all the same.
    if (isCwfError(error) && error.kind !== 'bug') return [];
    throw error;
  }
}
