import { own } from '../../workflow/names.ts';
import type { Diagnostic, DiagnosticCode, Fix } from '../diagnostic.ts';
import { toClass } from './changes.ts';
import type { FixContext } from './fixer.ts';
import { inferClass } from './infer-class.ts';

/** Findings that a wrong class leads to, at the node and at those that read from it. */
const AT_NODE: ReadonlySet<DiagnosticCode> = new Set([
  'INPUT_MISSING',
  'INPUT_UNDECLARED',
  'LINK_UNDECLARED',
  'OPTION_UNKNOWN',
]);
const AT_READER: ReadonlySet<DiagnosticCode> = new Set(['TYPE_MISMATCH', 'SLOT_OUT_OF_RANGE']);
const LEAST_SIGNS = 2;
/** Less sure that the class is wrong than that its inputs are: one that fits must stand out. */
const DOUBT = 0.9;

/**
 * Nodes of a scope whose inputs and readers all speak for another class than the one they have, by id, with the fix: two
 * findings at least of a wrong class, one of them for something that stands there, and a class that fits as a whole.
 */
export function misclassedNodes(diagnostics: readonly Diagnostic[], context: FixContext): ReadonlyMap<string, Fix> {
  const signs = new Map<string, { count: number; held: number }>();
  const add = (id: string, isHeld: boolean): void => {
    const { count, held } = signs.get(id) ?? { count: 0, held: 0 };
    signs.set(id, { count: count + 1, held: held + (isHeld ? 1 : 0) });
  };
  for (const { code, node, data } of diagnostics) {
    if (AT_NODE.has(code) && node !== undefined) add(node, code.endsWith('UNDECLARED'));
    if (AT_READER.has(code) && typeof data?.from === 'string') add(data.from, true);
  }
  const found = new Map<string, Fix>();
  for (const [id, { count, held }] of signs) {
    const node = own(context.facts.nodes, id);
    if (count < LEAST_SIGNS || held === 0 || !node || !context.facts.definition(id)) continue;
    const [best] = inferClass(context, { id, node, name: '' });
    if (!best?.isWhole || best.name === node.class_type) continue;
    const place = context.facts.scope === undefined ? { node: id } : { scope: context.facts.scope, node: id };
    const edits = toClass(context, place, best.name);
    const title = `make node ${id} a ${best.name}: its inputs and readers fit that class, and not ${node.class_type}`;
    found.set(id, { title, confidence: best.confidence * DOUBT, edits });
  }
  return found;
}
