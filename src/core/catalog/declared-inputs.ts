import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { InputDefinition, NodeDefinition } from './catalog.ts';
import { nestedInputs } from './nested-inputs.ts';

/** An input as a prompt names it: dotted where it lies below a dynamic combo or is a slot of a growing input. */
export interface DeclaredInput extends InputDefinition {
  /** The growing input (`COMFY_AUTOGROW_V3`) it is a slot of. */
  readonly growing?: string;
  /** The dynamic combo it lies below. */
  readonly below?: string;
}

/** The inputs that a node has: which ones depends on the keys its dynamic combos hold. */
export interface DeclaredInputs {
  /** By whole name, in the order of the definition; without hidden ones and without growing inputs themselves. */
  readonly byName: ReadonlyMap<string, DeclaredInput>;
  /** Those of them that must be given. */
  readonly required: readonly DeclaredInput[];
  /** The growing inputs, each with its slots in order. */
  readonly growing: ReadonlyMap<string, readonly DeclaredInput[]>;
  /** Dynamic combos whose key is absent or is none of their options: what lies below them is not known. */
  readonly open: readonly DeclaredInput[];
}

const COMBO = 'COMFY_DYNAMICCOMBO_V3';
const GROWING = 'COMFY_AUTOGROW_V3';
/** Slots of a growing input that states no limit. */
const MOST_SLOTS = 100;

const cache = new WeakMap<NodeDefinition, Map<string, DeclaredInputs>>();

/**
 * The inputs of a node of this class, given what its inputs hold. A growing input stands for its slots: `images` with
 * the prefix `image` for `images.image0`, `images.image1` ..., of which the first `min` are required; a dynamic combo
 * for itself and for the inputs of the chosen option. Source: ComfyUI, comfy_api/latest/_io.py.
 */
export function declaredInputs(definition: NodeDefinition, held: (name: string) => Json | undefined): DeclaredInputs {
  const keys: string[] = [];
  for (const input of definition.inputs) if (input.type === COMBO) collectKeys(input, input.name, held, keys);
  const signature = keys.length === 0 ? '' : JSON.stringify(keys);
  const known = cache.get(definition) ?? new Map<string, DeclaredInputs>();
  cache.set(definition, known);
  const found = known.get(signature) ?? expand(definition, held);
  known.set(signature, found);
  return found;
}

/** The keys that decide, outermost first; one that is no option counts as absent, so that the cache stays small. */
function collectKeys(
  combo: InputDefinition,
  name: string,
  held: (name: string) => Json | undefined,
  keys: string[],
): void {
  const key = held(name);
  const nested = key === undefined ? undefined : nestedInputs(combo, key);
  keys.push(name, nested ? String(key) : '');
  for (const input of nested?.inputs ?? []) {
    if (input.type === COMBO) collectKeys(input, `${name}.${input.name}`, held, keys);
  }
}

function expand(definition: NodeDefinition, held: (name: string) => Json | undefined): DeclaredInputs {
  const byName = new Map<string, DeclaredInput>();
  const open: DeclaredInput[] = [];
  const growing = new Map<string, readonly DeclaredInput[]>();
  const add = (input: InputDefinition, name: string, below: string | undefined): void => {
    const declared = { ...input, name, ...(below === undefined ? {} : { below }) };
    if (input.type === GROWING) {
      const slots = growingSlots(declared);
      growing.set(name, slots);
      for (const slot of slots) byName.set(slot.name, slot);
      return;
    }
    byName.set(name, declared);
    if (input.type !== COMBO) return;
    const key = held(name);
    const nested = key === undefined ? undefined : nestedInputs(input, key);
    if (!nested) open.push(declared);
    for (const one of nested?.inputs ?? []) add(one, `${name}.${one.name}`, name);
  };
  for (const input of definition.inputs) if (input.section !== 'hidden') add(input, input.name, undefined);
  const required = [...byName.values()].filter(({ section }) => section === 'required');
  return { byName, required, growing, open };
}

/** The slots of a growing input, named by its template: stated names, or a prefix and a number from 0. */
function growingSlots(input: DeclaredInput): DeclaredInput[] {
  const template = isObject(input.options.template) ? input.options.template : {};
  const sections = isObject(template.input) ? template.input : {};
  const [type, options] = templateInput(sections);
  const least = typeof template.min === 'number' ? template.min : 0;
  const names = Array.isArray(template.names)
    ? template.names.map(String)
    : Array.from(
        { length: typeof template.max === 'number' ? template.max : MOST_SLOTS },
        (_, i) => `${typeof template.prefix === 'string' ? template.prefix : ''}${i}`,
      );
  return names.map((slot, i) => ({
    name: `${input.name}.${slot}`,
    section: i < least && input.section === 'required' ? 'required' : 'optional',
    type,
    options,
    growing: input.name,
    ...(input.below === undefined ? {} : { below: input.below }),
  }));
}

function templateInput(sections: JsonObject): [string, JsonObject] {
  for (const section of ['required', 'optional']) {
    const members = sections[section];
    const spec = isObject(members) ? Object.values(members)[0] : undefined;
    if (!Array.isArray(spec)) continue;
    const options = isObject(spec[1]) ? spec[1] : {};
    return Array.isArray(spec[0]) ? ['COMBO', { options: spec[0], ...options }] : [String(spec[0]), options];
  }
  return ['*', {}];
}
