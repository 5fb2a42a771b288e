import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { Catalog, InputDefinition } from '../core/catalog/catalog.ts';
import { declaredInputs } from '../core/catalog/declared-inputs.ts';
import { convertToApi } from '../core/convert/convert.ts';
import { withoutGroupNodes } from '../core/convert/group-nodes.ts';
import type { Remark } from '../core/convert/remarks.ts';
import { type FileOrder, fileOrder } from '../core/convert/renumber.ts';
import type { InputPlace } from '../core/workflow/effective.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import { linkOf } from '../core/workflow/read-api.ts';
import { nodeAt, withNode, withValue } from '../core/workflow/scopes.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import type { RunValue } from './run-note.ts';

/** A document with what its prompt depends on. */
export interface Readable {
  readonly workflow: Workflow;
  /** The order of the lists of a file of the page. */
  readonly order?: FileOrder;
}

/** The prompt of a workflow, and where its literals stand in the workflow. */
export interface MadePrompt {
  readonly prompt: JsonObject;
  readonly remarks: readonly Remark[];
  place(node: string, input: string): InputPlace;
}

/** A seed of a prompt: the literal that decides, where it is linked that of the primitive. */
export interface Seed extends RunValue {
  /** The greatest that its input takes. */
  readonly most: number | bigint;
}

/** Names of inputs that ComfyUI's page treats as seeds even where the definition does not say so. */
const SEED_NAMES: ReadonlySet<string> = new Set(['seed', 'noise_seed']);
const MOST_SEED = 2n ** 64n - 1n;

/** Reads a document for running. Throws what `readWorkflow` throws. */
export function readForRun(json: Json, source: string, catalog: Catalog): Readable {
  const shown = isObject(json) && Array.isArray(json.nodes) ? withoutGroupNodes(json, catalog) : json;
  const workflow = readWorkflow(shown, { catalog, source });
  return workflow.format === 'ui' ? { workflow, order: fileOrder(shown) } : { workflow };
}

/** What ComfyUI is sent: an API document as it is, a file of the page as the page would send it. */
export function promptOf({ workflow, order }: Readable, catalog: Catalog, now: Date): MadePrompt {
  if (workflow.format === 'api') {
    const prompt = writeWorkflow(workflow) as JsonObject;
    return { prompt, remarks: [], place: (node, input) => ({ node, input }) };
  }
  // Of several choices in a text the first: the same file always gives the same prompt.
  const made = convertToApi(workflow, catalog, { now, choose: () => 0, ...(order ? { order } : {}) });
  const place = (node: string, input: string): InputPlace => {
    const origin = made.origins.get(node)!;
    return origin.values.get(input) ?? { ...origin.place, input };
  };
  return { prompt: made.prompt as unknown as JsonObject, remarks: made.diagnostics, place };
}

/** The workflow with a value at a place; as it was where nothing holds one there. */
export function withValueAt(workflow: Workflow, place: InputPlace, value: Json): Workflow {
  const node = nodeAt(workflow, place);
  return node && Object.hasOwn(node.widgets, place.input)
    ? withNode(workflow, place, withValue(node, place.input, value))
    : workflow;
}

/** A prompt with one literal set. */
export function withLiteral(prompt: JsonObject, { node, input, value }: RunValue): JsonObject {
  const old = prompt[node] as JsonObject;
  return { ...prompt, [node]: { ...old, inputs: { ...(old.inputs as JsonObject), [input]: value } } };
}

/** The seeds of a prompt, each once. */
export function seedsOf(prompt: JsonObject, catalog: Catalog): Seed[] {
  const seeds = new Map<string, Seed>();
  for (const { node, input, definition, value } of literalsOf(prompt, catalog, isSeed)) {
    const { max } = definition.options;
    const most = typeof max === 'number' || typeof max === 'bigint' ? max : MOST_SEED;
    seeds.set(`${node}\n${input}`, { node, input, value, most });
  }
  return [...seeds.values()];
}

/** One literal input of a prompt with its definition. */
export interface Literal extends RunValue {
  readonly classType: string;
  readonly definition: InputDefinition;
}

/** The literals behind the inputs of a prompt that a test picks by their definition; links to primitives are followed. */
export function* literalsOf(
  prompt: JsonObject,
  catalog: Catalog,
  isWanted: (definition: InputDefinition) => boolean,
): Generator<Literal> {
  for (const [id, node] of Object.entries(prompt)) {
    if (!isObject(node) || typeof node.class_type !== 'string' || !isObject(node.inputs)) continue;
    const { class_type: classType, inputs } = node;
    const known = catalog.node(classType);
    if (!known) continue;
    const declared = declaredInputs(known, (name) => (Object.hasOwn(inputs, name) ? inputs[name] : undefined));
    for (const [input, definition] of declared.byName) {
      if (!isWanted(definition) || !Object.hasOwn(inputs, input)) continue;
      const value = inputs[input]!;
      const link = linkOf(value);
      if (!link) yield { node: id, input, value, classType, definition };
      else if (holdsNumber(prompt[link.from]))
        yield { node: link.from, input: 'value', value: heldBy(prompt[link.from]!), classType, definition };
    }
  }
}

function isSeed({ name, type, options }: InputDefinition): boolean {
  return type === 'INT' && (options.control_after_generate === true || SEED_NAMES.has(name.split('.').at(-1)!));
}

/** Whether a node only gives the number that its `value` holds. */
function holdsNumber(node: Json | undefined): boolean {
  const value = isObject(node) && node.class_type === 'PrimitiveInt' ? heldBy(node) : undefined;
  return typeof value === 'number' || typeof value === 'bigint';
}

function heldBy(node: Json): Json {
  return isObject(node) && isObject(node.inputs) ? (node.inputs.value ?? null) : null;
}
