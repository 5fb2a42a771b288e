import type { Json } from '../../base/json.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { GraphNode } from './graph.ts';

/** A node as messages name it: class and id, the id as the document has it. */
export function nodeName({ classType, place }: GraphNode): string {
  return `${classType || 'a node without a class'} (${place.node})`;
}

/** A value as messages show it, shortened. */
export function shown(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? Number(one) : one));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Names in a sentence: `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => shown(name));
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** A finding in one line: `KSampler (3) steps: 0 is below 1 [VALUE_TOO_SMALL]`. */
export function describeDiagnostic({ code, scope, node, class_type, input, message }: Diagnostic): string {
  const name = node === undefined ? [] : [class_type === undefined ? `node ${node}` : `${class_type} (${node})`];
  const where = [...name, ...(input === undefined ? [] : [input]), ...(scope === undefined ? [] : [`in ${scope}`])];
  return `${where.length > 0 ? `${where.join(' ')}: ` : ''}${message} [${code}]`;
}
