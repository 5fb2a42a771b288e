import { CwfError } from '../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import type { Catalog, NodeDefinition } from '../../../core/catalog/catalog.ts';
import { type DeclaredInputs, declaredInputs } from '../../../core/catalog/declared-inputs.ts';
import { truthy } from './arguments.ts';
import type { Operation } from './operation.ts';
import { pythonText } from './python.ts';
import { operationOf } from './registry.ts';
import type { Value, ValueMap } from './values.ts';

/** An input: a value, or the output slot of another node. */
export type PromptInput = { readonly value: Value } | { readonly from: string; readonly slot: number };

/** A node that is ready to run: its class known, its literals of the types of its inputs. */
export interface PromptNode {
  readonly id: string;
  readonly operation: Operation;
  readonly definition: NodeDefinition;
  readonly inputs: ReadonlyMap<string, PromptInput>;
  readonly declared: DeclaredInputs;
  readonly isOutput: boolean;
  readonly json: JsonObject;
}

/** A prompt that the embedded engine can run. */
export type Prompt = ReadonlyMap<string, PromptNode>;

/** Nodes of one prompt; the largest official workflow has 68. */
const MOST_NODES = 10_000;

/**
 * Reads a prompt (API format) for the embedded engine. Throws ENGINE_CLASSES with all classes that it does not run, and
 * ENGINE_PROMPT for a prompt that no server would take: a node without inputs, a link to nowhere.
 */
export function readPrompt(json: JsonObject, catalog: Catalog): Prompt {
  const entries = Object.entries(json);
  const fail = (node: string, reason: string) => new CwfError('ENGINE_PROMPT', { node, reason });
  if (entries.length > MOST_NODES) throw fail('*', `it has more than ${MOST_NODES} nodes`);
  const foreign = new Set<string>();
  const nodes = new Map<string, PromptNode>();
  for (const [id, node] of entries) {
    if (!isObject(node) || typeof node.class_type !== 'string' || !isObject(node.inputs)) {
      throw fail(id, 'it has no class_type or no inputs');
    }
    const operation = operationOf(node.class_type);
    const definition = catalog.node(node.class_type);
    if (!operation || !definition) foreign.add(node.class_type);
    else nodes.set(id, readNode(id, node, operation, definition));
  }
  if (foreign.size > 0) throw new CwfError('ENGINE_CLASSES', { classes: [...foreign].sort() });
  for (const { id, inputs } of nodes.values()) {
    for (const [name, input] of inputs) {
      if ('from' in input && !nodes.has(input.from))
        throw fail(id, `its input ${name} is linked to ${input.from}, which is not there`);
    }
  }
  return nodes;
}

function readNode(id: string, json: JsonObject, operation: Operation, definition: NodeDefinition): PromptNode {
  const given = json.inputs as JsonObject;
  const declared = declaredInputs(definition, (name) => (Object.hasOwn(given, name) ? given[name] : undefined));
  const inputs = new Map<string, PromptInput>();
  for (const [name, value] of Object.entries(given)) {
    inputs.set(
      name,
      linkOf(value!) ?? { value: coerced(fromJson(unwrapped(value!)), declared.byName.get(name)?.type) },
    );
  }
  const isOutput = definition.flags.includes('output_node');
  return { id, operation, definition, inputs, declared, isOutput, json };
}

/** As ComfyUI tells links: a text and a number. */
function linkOf(value: Json): PromptInput | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [from, slot] = value;
  if (typeof from !== 'string' || (typeof slot !== 'number' && typeof slot !== 'boolean')) return undefined;
  return { from, slot: Number(slot) };
}

/** A list of a widget comes as `{__value__: list}`, so that it is not taken for a link. */
function unwrapped(value: Json): Json {
  return isObject(value) && Object.hasOwn(value, '__value__') ? value.__value__! : value;
}

/** JSON as Python reads it: a whole number is an int. */
export function fromJson(json: Json): Value {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, fromJson(value!)])) as ValueMap;
}

/** A literal in the type of its input, as the server makes it when it validates; what cannot be is left alone. */
function coerced(value: Value, type: string | undefined): Value {
  if (type === 'STRING') return pythonText(value);
  if (type === 'BOOLEAN') return truthy(value);
  if (type === 'INT') {
    if (typeof value === 'boolean') return value ? 1n : 0n;
    if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
    if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return BigInt(value.trim().replace(/^\+/, ''));
  }
  if (type === 'FLOAT') {
    if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
    if (typeof value === 'string') return floatOf(value) ?? value;
  }
  return value;
}

function floatOf(text: string): number | undefined {
  const plain = text.trim().toLowerCase();
  const named: Record<string, number> = { nan: Number.NaN, inf: 1 / 0, infinity: 1 / 0 };
  const [, sign, name] = /^([+-]?)(nan|inf|infinity)$/.exec(plain) ?? [];
  if (name !== undefined) return (sign === '-' ? -1 : 1) * named[name]!;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain) ? Number(plain) : undefined;
}

/** The prompt as ComfyUI writes it into a PNG: with the literals as they ran. */
export function promptValue(prompt: Prompt, changed: ReadonlyMap<string, string>): Value {
  const nodes = [...prompt.values()].map(({ id, json, inputs }): [string, Value] => {
    const members = Object.entries(json).map(([key, value]): [string, Value] =>
      key === 'inputs' ? [key, Object.fromEntries([...inputs].map(inputValue))] : [key, fromJson(value!)],
    );
    const found = changed.get(id);
    return [id, Object.fromEntries(found === undefined ? members : [...members, ['is_changed', [found]]])];
  });
  return Object.fromEntries(nodes);
}

function inputValue([name, input]: [string, PromptInput]): [string, Value] {
  return [name, 'from' in input ? [input.from, BigInt(input.slot)] : input.value];
}
