import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { cloneJson } from '../../base/json-text.ts';
import { type Catalog, catalogOf, type InputDefinition } from './catalog.ts';
import { isWidget, nestedInputs } from './nested-inputs.ts';

const SECTIONS = ['required', 'optional', 'hidden'] as const;
const FLAGS = ['output_node', 'deprecated', 'experimental', 'api_node', 'is_input_list'] as const;
/** Members of an input's options that are words for people, not facts about values. */
const WORDS = new Set(['tooltip', 'display_name', 'label_on', 'label_off']);
const MAX_CLASSES = 100_000;
/** Names that are no data on any object: no workflow may use them, so a class or input of that name is left out. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * What is known of the order of the inputs below one option of a dynamic combo, best first: given a class, the combo's
 * input (dotted where it is below another) and the option's key.
 */
export type NestedOrder = (classType: string, input: string, key: string) => readonly (readonly string[])[];

/**
 * Reads a server's `/object_info` (V1 and V3 schemas) into a catalog. Descriptions are left out, so that the hash
 * depends on facts only. The inputs of a dynamic combo's options are in the order of their keys, as the server sends
 * them, unless `nested` says (or does not know) better: a dump with sorted keys has lost it. Throws CATALOG_INVALID.
 */
export function catalogFromObjectInfo(json: Json, engine: string, nested?: NestedOrder): Catalog {
  if (!isObject(json)) throw new CwfError('CATALOG_INVALID', { reason: 'it is not an object of classes' });
  const classes = Object.keys(json).filter((name) => !FORBIDDEN.has(name));
  if (classes.length > MAX_CLASSES) throw new CwfError('CATALOG_INVALID', { reason: `over ${MAX_CLASSES} classes` });
  const nodes: JsonObject = {};
  for (const name of classes.sort()) nodes[name] = withNestedOrder(name, readClass(name, json[name]!), nested);
  return catalogOf(engine, nodes);
}

function readClass(name: string, entry: Json): Json {
  if (!isObject(entry)) throw new CwfError('CATALOG_INVALID', { reason: `class ${name} is not an object` });
  const input = isObject(entry.input) ? entry.input : {};
  const order = isObject(entry.input_order) ? entry.input_order : {};
  const inputs: Json[] = [];
  for (const section of SECTIONS) {
    const members = input[section];
    if (!isObject(members)) continue;
    const listed = order[section];
    const names = Array.isArray(listed) ? listed.filter((one): one is string => typeof one === 'string') : [];
    const rest = Object.keys(members).filter((one) => !names.includes(one));
    for (const one of [...names, ...rest]) {
      if (Object.hasOwn(members, one) && !FORBIDDEN.has(one)) inputs.push(readInput(name, one, section, members[one]!));
    }
  }
  const flags = FLAGS.filter((flag) => entry[flag] === true);
  return { in: inputs, out: readOutputs(entry), ...(flags.length > 0 ? { flags: [...flags] } : {}) };
}

function readInput(node: string, name: string, section: string, spec: Json): Json {
  const [type, options] = Array.isArray(spec) ? spec : [spec];
  const facts: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(options) ? options : {})) {
    // A copy: the order of nested inputs is written into it.
    if (!WORDS.has(key) && !FORBIDDEN.has(key))
      facts[key] = type === 'COMFY_DYNAMICCOMBO_V3' ? cloneJson(value) : value;
  }
  // V1 gives the options of a combo as its type.
  if (Array.isArray(type)) return [name, section, 'COMBO', { options: type, ...facts }, true];
  if (typeof type !== 'string')
    throw new CwfError('CATALOG_INVALID', { reason: `class ${node}, input ${name} has no type` });
  return Object.keys(facts).length > 0 ? [name, section, type, facts] : [name, section, type];
}

function readOutputs(entry: JsonObject): Json {
  const types = Array.isArray(entry.output) ? entry.output : [];
  const names = Array.isArray(entry.output_name) ? entry.output_name : [];
  const lists = Array.isArray(entry.output_is_list) ? entry.output_is_list : [];
  return types.map((type, slot) => [names[slot] ?? type, type, ...(lists[slot] === true ? [true] : [])]);
}

/** Adds to every option of the dynamic combos of a class the order of its widgets, where it is known. */
function withNestedOrder(classType: string, node: Json, nested: NestedOrder | undefined): Json {
  for (const [name, , type, facts] of (node as { in: Json[][] }).in) {
    if (type === 'COMFY_DYNAMICCOMBO_V3' && isObject(facts)) orderOptions(classType, name as string, facts, nested);
  }
  return node;
}

function orderOptions(classType: string, path: string, facts: JsonObject, nested: NestedOrder | undefined): void {
  const combo: InputDefinition = { name: path, section: 'required', type: 'COMFY_DYNAMICCOMBO_V3', options: facts };
  facts.options = (Array.isArray(facts.options) ? facts.options : []).map((option) => {
    if (!isObject(option)) return option;
    const inputs = (nestedInputs(combo, option.key)?.inputs ?? []).filter(isWidget);
    for (const { name, type, options } of inputs) {
      if (type === combo.type) orderOptions(classType, `${path}.${name}`, options as JsonObject, nested);
    }
    const names = inputs.map(({ name }) => name);
    // Inputs that take links only have no place among the widgets.
    const known = (nested?.(classType, path, String(option.key)) ?? [names]).map((order) =>
      order.filter((one) => names.includes(one)),
    );
    const order = known.find((one) => one.length === names.length);
    return order && order.length > 0 ? { ...option, order } : option;
  });
}
