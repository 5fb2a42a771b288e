import type { NodeDefinition } from '../../catalog/catalog.ts';
import { isLinkOnly } from '../../catalog/check-value.ts';
import { declaredInputs } from '../../catalog/declared-inputs.ts';
import { typesFit } from '../../catalog/socket-types.ts';
import { makeEdit } from '../../edit/edit.ts';
import type { LinkSource, NodeId, WorkflowNode } from '../../workflow/types.ts';
import type { Fix } from '../diagnostic.ts';
import { nodePath } from './changes.ts';
import { release } from './class.ts';
import { defaultFor } from './default-value.ts';
import type { Facts } from './facts.ts';
import type { FixContext } from './fixer.ts';

const MARGINS = [
  [1.5, 0.7],
  [0.5, 0.6],
  [0.2, 0.5],
] as const;
const TIED = 0.3;
/** Fewer points: the node would use nothing that lies idle, and any of many could stand there. */
const LEAST_SCORE = 3;
const POINTS = { idle: 3, shared: 0.5, widget: -0.2, used: 0.8, exact: 1 } as const;

/** Many links may name one node that is gone. */
const made = new WeakMap<Facts, Map<NodeId, readonly Fix[]>>();

/**
 * A node in the place of one that is gone, under its id: the class that takes what now lies idle and gives what the
 * readers wait for, where one stands out. Nodes that load files or cost money are never made up.
 */
export function bridgeFixes(context: FixContext, id: NodeId): readonly Fix[] {
  const byId = made.get(context.facts) ?? new Map<NodeId, readonly Fix[]>();
  made.set(context.facts, byId);
  const fixes = byId.get(id) ?? bridges(context, id);
  byId.set(id, fixes);
  return fixes;
}

function bridges(context: FixContext, id: NodeId): Fix[] {
  const { facts, catalog } = context;
  const readers = facts.readers(id);
  if (readers.length === 0 || context.workflow.format === 'ui') return [];
  const behind = facts.downstream(id);
  const ranked = catalog
    .classes()
    .flatMap((name) => {
      const one = madeUp(facts, id, name, catalog.node(name)!, behind);
      return one ? [{ ...one, name }] : [];
    })
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  const [best, next] = ranked;
  if (!best || best.score < LEAST_SCORE) return [];
  const margin = best.score - (next?.score ?? 0);
  const [, confidence = TIED] = MARGINS.find(([least]) => margin >= least) ?? [];
  const place = facts.scope === undefined ? { node: id } : { scope: facts.scope, node: id };
  const title = `put a ${best.name} in the place of node ${id}: it takes what lies idle and gives what its readers wait for`;
  return [
    { title, confidence, edits: [...release(context, id), makeEdit(nodePath(place), undefined, best.node as never)] },
  ];
}

function madeUp(
  facts: Facts,
  id: NodeId,
  name: string,
  definition: NodeDefinition,
  behind: ReadonlySet<NodeId>,
): { node: WorkflowNode; score: number } | undefined {
  if (definition.flags.includes('api_node') || definition.flags.includes('deprecated')) return undefined;
  if (definition.inputs.length === 0 || definition.outputs.length === 0) return undefined;
  let score = 0;
  for (const {
    node,
    input,
    source: { slot },
  } of facts.readers(id)) {
    const type = typeof slot === 'number' ? definition.outputs[slot]?.type : undefined;
    const wanted = facts.declared(node).get(input)?.type;
    if (type === undefined || type === '*' || typeof type !== 'string') return undefined;
    if (wanted === undefined) continue;
    if (!typesFit(type, wanted)) return undefined;
    score = POINTS.exact;
  }
  const links: Record<string, LinkSource> = {};
  const widgets: WorkflowNode['widgets'] = {};
  const taken = new Set<string>();
  for (const input of declaredInputs(definition, () => undefined).byName.values()) {
    if (input.section !== 'required') continue;
    const source =
      /^[A-Z][A-Z_0-9]+$/.test(input.type) && isLinkOnly(input)
        ? idleSource(facts, input.type, behind, taken)
        : undefined;
    if (source) {
      const { from, slot } = source;
      links[input.name] = { from, slot };
      taken.add(`${from} ${slot}`);
      score += source.isIdle ? POINTS.idle : POINTS.shared;
    } else {
      const value = isLinkOnly(input) ? undefined : defaultFor(input);
      if (!value) return undefined;
      Object.assign(widgets, { [input.name]: value.value });
      score += POINTS.widget;
    }
  }
  if (facts.classes().has(name)) score += POINTS.used;
  return { node: { class_type: name, widgets, links, ui: {} }, score };
}

/** An output of exactly this type, of a node that nothing else is taken from if there is one. */
function idleSource(
  facts: Facts,
  type: string,
  behind: ReadonlySet<NodeId>,
  taken: ReadonlySet<string>,
): (LinkSource & { isIdle: boolean }) | undefined {
  const all = (facts.outputs().get(type) ?? []).filter(
    ({ from, slot }) => !behind.has(from) && !taken.has(`${from} ${slot}`),
  );
  const idle = all.filter(({ from }) => facts.isUnread(from));
  if (idle.length > 0) return { from: idle[0]!.from, slot: idle[0]!.slot, isIdle: idle.length === 1 };
  return all.length === 1 ? { from: all[0]!.from, slot: all[0]!.slot, isIdle: false } : undefined;
}
