import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import type { InputDefinition, NodeDefinition } from '../../catalog/catalog.ts';
import { unionOrder } from './python-set.ts';
import { fromJson, type PyDict, type PyValue, pyEquals } from './python-value.ts';

/** The inputs that a node is asked for, by name; a name that is required and optional counts as required. */
export type DeclaredInputs = ReadonlyMap<string, InputDefinition>;

/** Inputs that stand for others, and how those are found. */
const DYNAMIC: Readonly<Record<string, Expand>> = {
  COMFY_AUTOGROW_V3: growInputs,
  COMFY_DYNAMICCOMBO_V3: selectInputs,
  COMFY_DYNAMICSLOT_V3: slotInputs,
};

type Expand = (out: Declaring, input: InputDefinition, values: PyDict) => void;

interface Declaring {
  readonly required: Map<string, InputDefinition>;
  readonly optional: Map<string, InputDefinition>;
}

const fixed = new WeakMap<NodeDefinition, DeclaredInputs>();

/** Whether a class has inputs that depend on the values of others. */
export function isDynamic(definition: NodeDefinition): boolean {
  return definition.inputs.some(({ type }) => Object.hasOwn(DYNAMIC, type));
}

/** The inputs of a class as they stand in its definition. */
export function fixedInputs(definition: NodeDefinition): DeclaredInputs {
  let inputs = fixed.get(definition);
  if (!inputs) {
    const out: Declaring = { required: new Map(), optional: new Map() };
    for (const input of definition.inputs) if (input.section !== 'hidden') out[input.section].set(input.name, input);
    inputs = merged(out);
    fixed.set(definition, inputs);
  }
  return inputs;
}

/**
 * The inputs of a class for a node with these values: below a dynamic combo those of the option that is chosen, and
 * none, not even the combo, where the value is no option; of a grown input each name, the first `min` as required.
 * Names below another input are dotted.
 */
export function grownInputs(definition: NodeDefinition, values: PyDict): DeclaredInputs {
  const out: Declaring = { required: new Map(), optional: new Map() };
  for (const input of definition.inputs) if (input.section !== 'hidden') declare(out, input, values);
  return merged(out);
}

/** In the order in which the engine looks at them. */
function merged({ required, optional }: Declaring): DeclaredInputs {
  const names = unionOrder([...required.keys()], [...optional.keys()]);
  return new Map(names.map((name) => [name, (required.get(name) ?? optional.get(name)) as InputDefinition]));
}

function declare(out: Declaring, input: InputDefinition, values: PyDict): void {
  const expand = Object.hasOwn(DYNAMIC, input.type) ? DYNAMIC[input.type] : undefined;
  if (expand) expand(out, input, values);
  else out[input.section as 'required' | 'optional'].set(input.name, input);
}

/** COMFY_DYNAMICCOMBO_V3 */
function selectInputs(out: Declaring, combo: InputDefinition, values: PyDict): void {
  const key = values.get(combo.name);
  if (key === undefined) return;
  const option = objects(combo.options.options).find((one) => pyEquals(keyOf(one), key));
  if (!option) return;
  for (const nested of nestedInputs(combo.name, option.inputs)) declare(out, nested, values);
  out[combo.section as 'required' | 'optional'].set(combo.name, combo);
}

function keyOf(option: JsonObject): PyValue {
  return option.key === undefined ? null : fromJson(option.key);
}

/** COMFY_DYNAMICSLOT_V3 */
function slotInputs(out: Declaring, slot: InputDefinition, values: PyDict): void {
  if (!values.has(slot.name)) return;
  for (const nested of nestedInputs(slot.name, slot.options.inputs)) declare(out, nested, values);
  out[slot.section as 'required' | 'optional'].set(slot.name, slot);
}

/** COMFY_AUTOGROW_V3: what is grown is declared, the input itself is not. */
function growInputs(out: Declaring, input: InputDefinition): void {
  const template = isObject(input.options.template) ? input.options.template : {};
  const [first] = nestedInputs(input.name, template.input);
  if (!first) return;
  const min = Number(template.min ?? 0);
  for (const [at, name] of grownNames(template).entries()) {
    const section = at < min && first.section === 'required' ? 'required' : 'optional';
    out[section].set(`${input.name}.${name}`, { ...first, name: `${input.name}.${name}`, section });
  }
}

function grownNames(template: JsonObject): readonly string[] {
  if (Array.isArray(template.names)) return template.names.map(String);
  if (template.prefix === undefined) return [];
  const count = Math.min(Number(template.max ?? 0), MAX_GROWN);
  return Array.from({ length: count }, (_, at) => `${template.prefix}${at}`);
}

/** ComfyUI lets an input grow to this many. */
const MAX_GROWN = 100;

function nestedInputs(prefix: string, sections: Json | undefined): InputDefinition[] {
  if (!isObject(sections)) return [];
  return (['required', 'optional'] as const).flatMap((section) =>
    Object.entries(isObject(sections[section]) ? sections[section] : {}).map(([name, spec]): InputDefinition => {
      const [type, options] = Array.isArray(spec) ? spec : [spec];
      const known = isObject(options) ? options : {};
      const shared = { name: `${prefix}.${name}`, section };
      if (Array.isArray(type)) return { ...shared, type: 'COMBO', options: { options: type, ...known }, listed: true };
      return { ...shared, type: String(type), options: known };
    }),
  );
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
