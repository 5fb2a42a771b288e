import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import type { Diagnostic, DiagnosticCode } from '../../core/validate/diagnostic.ts';
import { withFixes } from '../../core/validate/fixes/with-fixes.ts';
import { own } from '../../core/workflow/names.ts';
import type { NodePlace } from '../../core/workflow/scopes.ts';
import type { Workflow } from '../../core/workflow/types.ts';
import { memoryFixes, placeInPrompt } from './memory-fixes.ts';

/** What a run says of a workflow: in the codes of the validator, or what only a run can tell. */
export interface RunFinding extends Omit<Diagnostic, 'code'> {
  readonly code: DiagnosticCode | 'RUN_OUT_OF_MEMORY' | 'RUN_FAILED' | 'RUN_REFUSED';
}

/** A run that did not finish, in the words of its runner; `prompt` as it was sent. */
export type FailedRun =
  | { readonly kind: 'failed' | 'out-of-memory'; readonly prompt: JsonObject; readonly error: NodeError }
  | {
      readonly kind: 'refused';
      readonly prompt: JsonObject;
      readonly error: { readonly type: string; readonly message: string; readonly details: string };
      readonly nodeErrors: JsonObject;
    };

interface NodeError {
  readonly node: string;
  readonly classType: string;
  readonly type: string;
  readonly message: string;
}

/** ComfyUI's types of errors (execution.py, validate_inputs) in the codes of the validator. */
const CODES: Readonly<Record<string, DiagnosticCode>> = {
  required_input_missing: 'INPUT_MISSING',
  bad_linked_input: 'LINK_MALFORMED',
  return_type_mismatch: 'TYPE_MISMATCH',
  invalid_input_type: 'VALUE_WRONG_TYPE',
  value_smaller_than_min: 'VALUE_TOO_SMALL',
  value_bigger_than_max: 'VALUE_TOO_BIG',
  value_not_in_list: 'VALUE_NOT_IN_LIST',
  dependency_cycle: 'CYCLE',
  missing_node_type: 'CLASS_UNKNOWN',
  prompt_no_outputs: 'OUTPUT_MISSING',
};
const NO_FILE = /FileNotFoundError|No such file|cannot identify image file|Invalid (image|mask|video|audio) file/i;
/** What ends like the name of a file is one, whatever class takes it. */
const FILE_NAME = /\.[a-z][a-z0-9]{1,11}$/i;
const FILE_ADVICE = 'put the file on the server, or name one that it has: cwf does not choose another';

/** What a run that did not finish says, with what would cure it. Pure; the words of a server decide nothing else. */
export function runFindings(run: FailedRun, workflow: Workflow, catalog: Catalog): RunFinding[] {
  if (run.kind === 'refused') return refusals(run, workflow, catalog);
  const { node, classType, type, message } = run.error;
  const place = placeInPrompt(workflow, node);
  const at = { severity: 'error' as const, ...(place ?? { node }), class_type: classType };
  const told = type === '' ? message : `${type}: ${message}`;
  if (run.kind === 'out-of-memory') {
    const fixes = memoryFixes({ prompt: run.prompt, node }, workflow, catalog);
    const advice = 'use a runner with more memory, or a smaller picture or batch';
    return [{ ...at, code: 'RUN_OUT_OF_MEMORY', message: told, fixes, advice }];
  }
  if (NO_FILE.test(told)) return [{ ...at, code: 'FILE_MISSING', message: told, advice: FILE_ADVICE }];
  return [{ ...at, code: 'RUN_FAILED', message: told, advice: 'look at the node: what it failed of is not known' }];
}

function refusals(
  { error, nodeErrors }: Extract<FailedRun, { kind: 'refused' }>,
  workflow: Workflow,
  catalog: Catalog,
): RunFinding[] {
  const found = Object.entries(nodeErrors).flatMap(([id, about]) => {
    if (!isObject(about) || !Array.isArray(about.errors)) return [];
    const place = placeInPrompt(workflow, id) ?? { node: id };
    return about.errors.filter(isObject).map((one) => nodeError(one, place, textOf(about.class_type), catalog));
  });
  const all = found.length > 0 ? found : [wholeError(error)];
  return all.flatMap((one): RunFinding[] =>
    one.code === 'RUN_REFUSED'
      ? [one]
      : withFixes([one as Diagnostic], workflow, catalog).map((made) => ({ ...one, ...made })),
  );
}

function nodeError(error: JsonObject, place: NodePlace, class_type: string, catalog: Catalog): RunFinding {
  const extra = isObject(error.extra_info) ? error.extra_info : {};
  const input = textOf(extra.input_name);
  const details = textOf(error.details);
  const message = [textOf(error.message), details].filter((part) => part !== '').join(': ');
  const known = own(CODES, textOf(error.type));
  const received = extra.received_value;
  const isName = takesFile(catalog, class_type, input) || FILE_NAME.test(textOf(received));
  const isFile = NO_FILE.test(message) || (known === 'VALUE_NOT_IN_LIST' && isName);
  const code = isFile ? 'FILE_MISSING' : (known ?? 'RUN_REFUSED');
  return {
    code,
    severity: 'error',
    ...place,
    class_type,
    ...(input === '' ? {} : { input }),
    message,
    ...(received === undefined ? {} : { data: { value: received } }),
    ...(isFile ? { advice: FILE_ADVICE } : {}),
  };
}

function wholeError({ type, message, details }: { type: string; message: string; details: string }): RunFinding {
  const told = details === '' ? message : `${message}: ${details}`;
  return { code: own(CODES, type) ?? 'RUN_REFUSED', severity: 'error', message: told };
}

function takesFile(catalog: Catalog, class_type: string, name: string): boolean {
  const inputs = catalog.node(class_type)?.inputs ?? [];
  return inputs.some((input) => input.name === name && input.options.files !== undefined);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
