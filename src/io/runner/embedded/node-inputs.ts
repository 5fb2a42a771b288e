import { NodeFailure } from './failure.ts';
import type { Inputs } from './operation.ts';
import type { PromptNode } from './prompt.ts';
import type { Value, ValueMap } from './values.ts';

/** What reaches a node, each input as a list: a node runs once for each member, the last one repeated. */
export interface Arriving {
  readonly lists: ReadonlyMap<string, readonly Value[]>;
  /** Links whose value is not there yet: they count as null. */
  readonly missing: ReadonlySet<string>;
}

/** Classes that take any literal, declared or not. */
const TAKES_ALL = new Set(['CustomCombo']);

/** ComfyUI's `get_input_data`: links by what their node left, literals where the class declares them. */
export function arriving(
  node: PromptNode,
  outputsOf: (from: string) => readonly (readonly Value[])[] | undefined,
): Arriving {
  const lists = new Map<string, readonly Value[]>();
  const missing = new Set<string>();
  const open = new Set(node.declared.open.map(({ name }) => name));
  for (const [name, input] of node.inputs) {
    if ('from' in input) {
      const list = outputsOf(input.from)?.at(input.slot);
      if (list === undefined) missing.add(name);
      lists.set(name, list ?? [null]);
    } else if (TAKES_ALL.has(node.operation.classType) || (node.declared.byName.has(name) && !open.has(name))) {
      lists.set(name, [input.value]);
    }
  }
  return { lists, missing };
}

/** The inputs of each call of a node: one for each member of the longest list, or one with all lists. */
export function calls(node: PromptNode, { lists }: Arriving): Inputs[] {
  if (node.definition.flags.includes('is_input_list')) return [Object.fromEntries(lists)];
  if (lists.size === 0) return [{}];
  const count = Math.max(...[...lists.values()].map((list) => list.length));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries([...lists].map(([name, list]) => [name, list[Math.min(i, list.length - 1)] ?? null])),
  );
}

/**
 * The inputs of one call in the shape that the node takes them: slots of a growing input and what lies below a dynamic
 * combo as one map each. Throws a NodeFailure in Python's words for one that is not known or not there.
 */
export function nested(node: PromptNode, given: Inputs): Inputs {
  const result: Record<string, Value> = {};
  const into = (name: string, key: string, value: Value) => {
    result[name] = { ...((result[name] ?? {}) as ValueMap), [key]: value };
  };
  for (const [name, { type, growing, below }] of node.declared.byName) {
    if (!Object.hasOwn(given, name)) continue;
    const value = given[name]!;
    const [parent, key] = [growing ?? below, name.slice(name.lastIndexOf('.') + 1)];
    if (type === 'COMFY_DYNAMICCOMBO_V3') into(name, name, value);
    else if (parent !== undefined) into(parent, key, value);
    else result[name] = value;
  }
  const { classType, method = 'execute' } = node.operation;
  const called = `${method.includes('.') ? method : `${classType}.${method}`}()`;
  for (const [name, value] of Object.entries(given)) {
    if (node.declared.byName.has(name)) continue;
    if (!TAKES_ALL.has(classType)) {
      throw new NodeFailure('TypeError', `${called} got an unexpected keyword argument '${name}'`);
    }
    result[name] = value;
  }
  checkRequired(node, result, called);
  return result;
}

function checkRequired(node: PromptNode, result: Inputs, called: string): void {
  const absent = node.definition.inputs
    .filter(({ name, section }) => section === 'required' && !Object.hasOwn(result, name))
    .map(({ name }) => `'${name}'`);
  if (absent.length === 0) return;
  const names = absent.length < 3 ? absent.join(' and ') : `${absent.slice(0, -1).join(', ')}, and ${absent.at(-1)}`;
  const told = `${called} missing ${absent.length} required positional argument${absent.length > 1 ? 's' : ''}: ${names}`;
  throw new NodeFailure('TypeError', told);
}
