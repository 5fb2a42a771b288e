import { isObject, type Json } from '../../base/json.ts';
import { DIAGNOSTICS, type Diagnostic } from '../../core/validate/diagnostic.ts';

/** How many faults a workflow has. Notes (`info`) are none. */
export interface FaultCounts {
  readonly errors: number;
  readonly warnings: number;
}

/** Counts errors and warnings. */
export function countFaults(diagnostics: readonly Diagnostic[]): FaultCounts {
  const count = (severity: string): number => diagnostics.filter((one) => one.severity === severity).length;
  return { errors: count('error'), warnings: count('warning') };
}

/**
 * Whether there are fewer faults than before: fewer errors, or as many errors and fewer warnings. An error of a node that
 * no result needs is told as a warning, and counts as the error that it becomes once the node is needed.
 */
export function isFewer(after: readonly Diagnostic[], before: readonly Diagnostic[]): boolean {
  const grave = ({ code, severity }: Diagnostic): boolean => severity === 'error' || DIAGNOSTICS[code][0] === 'error';
  const [errors, old] = [after.filter(grave).length, before.filter(grave).length];
  if (errors !== old) return errors < old;
  return (
    countFaults(after).warnings + countFaults(after).errors < countFaults(before).warnings + countFaults(before).errors
  );
}

/** What makes two findings the same one: code and place. */
export function faultKey({ code, scope, node, input }: Diagnostic): string {
  return JSON.stringify([code, scope, node, input]);
}

/** The nodes a finding speaks of, as `<scope> <node>`: its own, and those it lists. */
export function nodesOf({ scope, node, data }: Diagnostic): string[] {
  const listed = [data?.nodes, data?.inputs].flatMap((list) => (Array.isArray(list) ? list : []));
  const places = listed.filter(isObject).flatMap((one): (readonly [Json | undefined, string])[] => {
    return typeof one.node === 'string' ? [[one.scope, one.node]] : [];
  });
  return [...(node === undefined ? [] : [nodeKey(scope, node)]), ...places.map(([of, id]) => nodeKey(of, id))];
}

/** A node by scope and id. */
export function nodeKey(scope: Json | undefined, node: string): string {
  return `${scope ?? ''} ${node}`;
}

/**
 * Faults that were not there before, by code and place. A finding about several nodes stands at one of them: it is old
 * where it speaks of no node that findings of its code did not speak of before.
 */
export function newFaults(after: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const keys = new Set(before.map(faultKey));
  const spoken = new Map<string, Set<string>>();
  for (const one of before) {
    const nodes = spoken.get(one.code) ?? new Set();
    spoken.set(one.code, nodes);
    if (one.data?.nodes !== undefined) for (const node of nodesOf(one)) nodes.add(node);
  }
  return after.filter((one) => {
    if (one.severity === 'info' || keys.has(faultKey(one))) return false;
    const nodes = spoken.get(one.code);
    return one.data?.nodes === undefined || !nodes || nodesOf(one).some((node) => !nodes.has(node));
  });
}
