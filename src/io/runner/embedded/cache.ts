import { sha256 } from '../../../base/hash.ts';
import type { Json } from '../../../base/json.ts';
import { NodeFailure } from './failure.ts';
import type { Prompt, PromptNode } from './prompt.ts';
import { jsonText } from './python.ts';
import { isTensor, MOST_KEPT, type Value } from './values.ts';

/** What a node left: for each slot its list of values, and what it showed. */
export interface Entry {
  readonly outputs: readonly (readonly Value[])[];
  readonly ui: Json | undefined;
}

/**
 * Keys of all nodes by what decides their results: class, literals, what else a class looks at (a file), and the keys of
 * what feeds them. The ids of nodes do not count, but for classes that are told theirs. Circles have keys of their own.
 */
export function contentKeys(prompt: Prompt, changed: ReadonlyMap<string, string>): Map<string, string> {
  const keys = new Map<string, string>();
  const open = new Set<string>();
  for (const root of prompt.keys()) {
    const stack = [root];
    while (stack.length > 0) {
      const node = prompt.get(stack.at(-1)!)!;
      const missing = feeders(node).filter((id) => !keys.has(id) && !open.has(id));
      if (!keys.has(node.id) && missing.length > 0) {
        open.add(node.id);
        stack.push(...missing);
        continue;
      }
      stack.pop();
      open.delete(node.id);
      if (!keys.has(node.id)) keys.set(node.id, keyOf(node, keys, changed.get(node.id)));
    }
  }
  return keys;
}

function feeders({ inputs }: PromptNode): string[] {
  return [...inputs.values()].flatMap((input) => ('from' in input ? [input.from] : []));
}

function keyOf(node: PromptNode, keys: ReadonlyMap<string, string>, changed: string | undefined): string {
  const isToldId = node.definition.inputs.some(({ type }) => type === 'UNIQUE_ID');
  const inputs = [...node.inputs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, input]): Value => {
      if ('from' in input) return [name, 'from', keys.get(input.from) ?? `circle ${input.from}`, BigInt(input.slot)];
      return [name, 'value', input.value];
    });
  const parts: Value = [node.operation.classType, changed ?? null, isToldId ? node.id : null, inputs];
  return sha256(jsonText(parts, { ascii: true })!);
}

function dataOf(value: Value): Float32Array[] {
  return isTensor(value) ? [value.data] : [];
}

/** Results of the last prompt: those that the next one has no use for are dropped, as in ComfyUI. */
export class ResultCache {
  private readonly entries = new Map<string, Entry>();
  private keys: ReadonlyMap<string, string> = new Map();

  /** Sets what the nodes of the next prompt are known by. */
  start(keys: ReadonlyMap<string, string>): void {
    this.keys = keys;
    const used = new Set(keys.values());
    for (const key of this.entries.keys()) if (!used.has(key)) this.entries.delete(key);
  }

  get(node: string): Entry | undefined {
    const key = this.keys.get(node);
    return key === undefined ? undefined : this.entries.get(key);
  }

  /** Throws a NodeFailure where all results together would take too much memory. */
  set(node: string, entry: Entry): void {
    const arrays = new Set([...this.entries.values(), entry].flatMap(({ outputs }) => outputs.flat().flatMap(dataOf)));
    const elements = [...arrays].reduce((sum, { length }) => sum + length, 0);
    if (elements > MOST_KEPT) {
      const told = `all results together have more than the ${MOST_KEPT} elements that the embedded engine keeps`;
      throw new NodeFailure('MemoryError', told);
    }
    this.entries.set(this.keys.get(node)!, entry);
  }

  clear(): void {
    this.entries.clear();
  }
}
