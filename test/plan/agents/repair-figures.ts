import { isObject, type Json, type JsonObject } from '../../../src/base/json.ts';
import { canonicalJson, jsonEqual } from '../../../src/base/json-text.ts';
import { type Catalog, defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { declaredInputs } from '../../../src/core/catalog/declared-inputs.ts';
import { validateAsEngine } from '../../../src/core/validate/engine/validate-as-engine.ts';
import { readPrompt } from '../../../src/core/validate/read-prompt.ts';
import { validateWorkflow } from '../../../src/core/validate/validate.ts';
import { writeWorkflow } from '../../../src/core/workflow/write.ts';
import { type Repair, repairWorkflow } from '../../../src/plan/agents/coordinator.ts';
import { isFewer, nodesOf } from '../../../src/plan/agents/faults.ts';
import type { Base, MutatedCase } from '../../core/validate/mutations/cases.ts';

/** What became of the cases of one kind. */
export interface KindFigures {
  readonly kind: string;
  cases: number;
  /** Cases that had an error at all. */
  broken: number;
  /** Broken ones that nobody can repair without knowing what was meant: see `needsIntent`. */
  intent: number;
  /** Broken ones that end without an error, by the strict validation and by ComfyUI's own. */
  valid: number;
  /** ... of those that need no intent. */
  validWithoutIntent: number;
  /** The prompt is again what it was before the damage. */
  equal: number;
  /** Neither more faults, nor a node changed that no proposal names. */
  harmless: number;
  /** Places that the damage left alone and the repair did not. */
  collateral: number;
}

type Files = Readonly<Record<string, readonly string[]>>;

/** Kinds of damage after which several prompts are as right as the old one, with the question that is left open. */
export const KINDS_OF_INTENT: Readonly<Record<string, string>> = {
  delete_upstream: 'which node stood there, and what it held',
  node_not_dict: 'which node stood there, and what it held',
  delete_all_outputs: 'which results are to be saved, and by what',
  dyn_key_other: 'what the inputs of the other option are to hold',
};

/** Repairs all cases and counts, by kind; cases with several kinds are one kind of their own. */
export async function repairFigures(cases: readonly MutatedCase[], files: Files): Promise<KindFigures[]> {
  const byKind = new Map<string, KindFigures>();
  for (const one of cases) {
    const kind = one.kinds.length === 1 ? one.kinds[0]! : 'several at once';
    const empty = {
      kind,
      cases: 0,
      broken: 0,
      intent: 0,
      valid: 0,
      validWithoutIntent: 0,
      equal: 0,
      harmless: 0,
      collateral: 0,
    };
    const row = byKind.get(kind) ?? empty;
    byKind.set(kind, row);
    await judgeCase(one, row, files);
  }
  return [...byKind.values()];
}

/** Prompts in which the strict validation finds no error either: only of those can it be said what the damage did. */
export function withoutErrors(bases: readonly Base[], files: Files): Base[] {
  const catalog = defaultCatalog();
  return bases.filter(({ name, prompt }) => {
    const { workflow } = readPrompt(prompt, { catalog, source: name });
    return validateWorkflow(workflow, catalog, { files }).diagnostics.every(({ severity }) => severity !== 'error');
  });
}

async function judgeCase(one: MutatedCase, row: KindFigures, files: Files): Promise<void> {
  const catalog = defaultCatalog();
  row.cases++;
  if (!Object.values(one.prompt).some((node) => isObject(node) && ('class_type' in node || 'inputs' in node))) return;
  const { workflow, diagnostics } = readPrompt(one.prompt, { catalog, source: one.name });
  const before = [...diagnostics, ...validateWorkflow(workflow, catalog, { files }).diagnostics];
  const repair = await repairWorkflow(workflow, catalog, { files });
  const after = writeWorkflow(repair.after) as JsonObject;
  const isBroken = before.some(({ severity }) => severity === 'error');
  const isIntent = isBroken && needsIntent(one, catalog);
  const isValid = !repair.left.some(({ severity }) => severity === 'error') && isAccepted(after, catalog, files);
  if (isBroken) row.broken++;
  if (isIntent) row.intent++;
  if (isBroken && isValid) row.valid++;
  if (isBroken && isValid && !isIntent) row.validWithoutIntent++;
  if (sameGraph(after, one.base.prompt)) row.equal++;
  const read = validateWorkflow(workflow, catalog, { files }).diagnostics;
  const isWorse = repair.accepted.length > 0 && !isFewer(repair.left, read);
  if (!isWorse && othersAreSame(one.prompt, after, repair)) row.harmless++;
  row.collateral += changedBeside(one, after);
}

function isAccepted(prompt: Json, catalog: Catalog, files: Files): boolean {
  const verdict = validateAsEngine({ prompt: structuredClone(prompt) }, catalog, {
    files: new Map(Object.entries(files)),
  });
  return verdict.status === 200 && Object.keys(verdict.node_errors).length === 0;
}

/**
 * Whether the damage took away what nobody but the author knows: a kind that asks a question, the name of a file, or an
 * option that was put in words no list has.
 */
export function needsIntent({ kinds, base, prompt }: MutatedCase, catalog: Catalog): boolean {
  if (kinds.some((kind) => Object.hasOwn(KINDS_OF_INTENT, kind))) return true;
  return Object.entries(base.prompt).some(([id, node]) => {
    const now = prompt[id];
    const { class_type, inputs } = node as { class_type: string; inputs: JsonObject };
    const definition = catalog.node(class_type);
    if (!definition || jsonEqual(now, node)) return false;
    const { byName } = declaredInputs(definition, (name) => inputs[name]);
    return Object.entries(inputs).some(([name, value]) => {
      const input = byName.get(name);
      if (!input) return false;
      if (input.options.files !== undefined) return !holds(now, value);
      const held = isObject(now) && isObject(now.inputs) ? now.inputs[name] : undefined;
      const isChoice = input.type === 'COMBO' || input.type === 'COMFY_DYNAMICCOMBO_V3';
      return isChoice && typeof held === 'string' && held !== '' && held.startsWith('__');
    });
  });
}

function holds(container: Json | undefined, value: Json): boolean {
  if (container === undefined) return false;
  if (jsonEqual(container, value)) return true;
  if (Array.isArray(container)) return container.some((one) => holds(one, value));
  return isObject(container) && Object.values(container).some((one) => holds(one, value));
}

function sameGraph(a: JsonObject, b: JsonObject): boolean {
  return canonicalJson(graphOf(a)) === canonicalJson(graphOf(b));
}

function graphOf(prompt: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(prompt).map(([id, node]): [string, Json] => {
      return; // What is no class is read as none.
      const class_type = isObject(node) && typeof node.class_type === 'string' ? node.class_type : '';
      return isObject(node) ? [id, { class_type, inputs: node.inputs ?? null }] : [id, node];
    }),
  );
}

/** Whether nodes that no accepted proposal names are what they were. */
function othersAreSame(before: JsonObject, after: JsonObject, { accepted }: Repair): boolean {
  const named = new Set(
    accepted.flatMap(({ proposal }) => proposal.evidence.flatMap(nodesOf)).map((key) => key.trimStart()),
  );
  return Object.entries(before).every(([id, node]) => {
    if (named.has(id) || !isObject(node) || !isObject(node.inputs)) return true;
    return jsonEqual(graphOf({ [id]: node }), graphOf({ [id]: after[id] ?? null }));
  });
}

/** Inputs of the old prompt that the damage left alone, and the repair did not. */
function changedBeside({ base, prompt }: MutatedCase, after: JsonObject): number {
  let count = 0;
  for (const [id, node] of Object.entries(base.prompt)) {
    const [was, is] = [prompt[id], after[id]];
    if (!isObject(node) || !isObject(node.inputs) || !isObject(was) || !isObject(was.inputs)) continue;
    const inputs = isObject(is) && isObject(is.inputs) ? is.inputs : {};
    for (const [name, value] of Object.entries(node.inputs)) {
      if (jsonEqual(was.inputs[name], value) && !jsonEqual(inputs[name], value)) count++;
    }
  }
  return count;
}
