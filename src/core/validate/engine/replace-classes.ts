import type { Catalog } from '../../catalog/catalog.ts';
import { REPLACEMENTS, type Replacement } from '../../catalog/replacements.ts';
import { setOrder } from './python-set.ts';
import { fromJson, type PyDict, PyError, type PyValue, pyContains, pyEquals, typeName } from './python-value.ts';

/** A link as the engine's tools see it: a text and a number. */
export function isLink(value: PyValue): value is [string, bigint | number | boolean] {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') return false;
  return ['bigint', 'number', 'boolean'].includes(typeof value[1]);
}

/**
 * Puts the new class in the place of each one that the engine no longer has, in the prompt itself, as the server does
 * before it validates. It looks at all nodes, so it is also what refuses most of what is no prompt. Throws PyError for
 * what makes the server answer 500.
 */
export function replaceClasses(prompt: PyValue, catalog: Catalog): asserts prompt is PyDict {
  if (!(prompt instanceof Map)) throw noAttribute(prompt, 'items');
  const links = new Map<string, [node: string, input: string, slot: PyValue][]>();
  const replaced: string[] = [];
  for (const [id, node] of prompt) {
    if (!pyContains(node, 'class_type') || !pyContains(node, 'inputs')) continue;
    if (!(node instanceof Map)) throw noMember(node, 'class_type');
    const classType = hashable(node.get('class_type') as PyValue);
    if (typeof classType === 'string' && !catalog.node(classType) && REPLACEMENTS.has(classType)) replaced.push(id);
    const inputs = node.get('inputs') as PyValue;
    if (!(inputs instanceof Map)) throw noAttribute(inputs, 'items');
    for (const [name, value] of inputs) {
      if (!isLink(value)) continue;
      const found = links.get(value[0]);
      if (found) found.push([id, name, value[1]]);
      else links.set(value[0], [[id, name, value[1]]]);
    }
  }
  for (const id of setOrder(replaced)) {
    const node = prompt.get(id) as PyDict;
    const { to, inputs, outputs } = REPLACEMENTS.get(node.get('class_type') as string) as Replacement;
    if (!catalog.node(to)) continue;
    prompt.set(id, replacedNode(node, to, inputs));
    for (const [reader, name, slot] of outputs ? (links.get(id) ?? []) : []) {
      const moved = outputs?.find(({ from }) => pyEquals(BigInt(from), slot));
      const link = ((prompt.get(reader) as PyDict).get('inputs') as PyDict).get(name);
      if (!moved) continue;
      if (!Array.isArray(link)) throw new PyError('KeyError', `'${name}'`);
      link[1] = BigInt(moved.to);
    }
  }
}

function replacedNode(node: PyDict, to: string, mapped: Replacement['inputs']): PyDict {
  const meta = node.get('_meta');
  if (meta === undefined) throw new PyError('KeyError', "'_meta'");
  // Texts and numbers have no copy(); lists and dicts do.
  if (typeof meta !== 'object' || meta === null) throw noAttribute(meta, 'copy');
  const old = node.get('inputs') as PyDict;
  const inputs: PyDict = new Map();
  for (const input of mapped ?? []) {
    if (!('from' in input)) inputs.set(input.name, fromJson(input.value));
    else if (old.has(input.from)) inputs.set(input.name, old.get(input.from) as PyValue);
    else throw new PyError('KeyError', `'${input.from}'`);
  }
  return new Map(node).set('inputs', inputs).set('class_type', to);
}

/** A value that may be the key of a dict; throws PyError TypeError for one that may not. */
export function hashable(value: PyValue): PyValue {
  if (typeof value !== 'object' || value === null) return value;
  throw new PyError('TypeError', `unhashable type: '${typeName(value)}'`);
}

/** What Python raises for a method that the class of a value does not have. */
export function noAttribute(value: PyValue, name: string): PyError {
  return new PyError('AttributeError', `'${typeName(value)}' object has no attribute '${name}'`);
}

/** What Python raises for a member, asked for by name, of what has no named members. */
export function noMember(value: PyValue, name: string): PyError {
  if (typeof value === 'string') return new PyError('TypeError', "string indices must be integers, not 'str'");
  if (Array.isArray(value)) return new PyError('TypeError', 'list indices must be integers or slices, not str');
  if (value instanceof Map) return new PyError('KeyError', `'${name}'`);
  return new PyError('TypeError', `'${typeName(value)}' object is not subscriptable`);
}
