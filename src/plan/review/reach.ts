import type { Json } from '../../base/json.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { type Matching, matchWorkflows } from '../../core/edit/match.ts';
import { own } from '../../core/workflow/names.ts';
import { type NodePlace, nodeAt } from '../../core/workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../../core/workflow/types.ts';

/** What a change of a workflow newly reaches beyond the machine it runs on, and why somebody should look. */
export interface Reach extends NodePlace {
  readonly kind: 'paid' | 'unknown' | 'download' | 'program' | 'address';
  readonly class_type: string;
  readonly text: string;
}

const DOWNLOADS = /download|fetch.?(url|http|file|model)|from.?url|load.?url|wget|curl|civitai|hugging.?face|hf.?hub/i;
const PROGRAMS =
  /python|exec(?!uted)|eval(?!uat)|shell|subprocess|run.?(script|command|code)|script|javascript|lua|webhook|ssh/i;
const ADDRESS = /\b(https?|ftp|wss?|s3|file):\/\/[^\s"'<>]+/i;
const MOST_SHOWN = 80;

/**
 * What `after` reaches that `before` did not: hosted nodes that cost money, classes the catalog does not know, nodes
 * that download or run programs by their names, addresses in values. Names are hints, never proof of harmlessness:
 * an unknown class may do anything, and is told for that. [RV-9]
 */
export function newReach(before: Workflow | undefined, after: Workflow, catalog: Catalog): Reach[] {
  const known = before ? earlier(matchWorkflows(before, after)) : new Map<string, NodePlace>();
  const found: Reach[] = [];
  for (const [place, node] of placesOf(after)) {
    const from = known.get(key(place));
    const old = before && from ? nodeAt(before, from) : undefined;
    if (old?.class_type !== node.class_type) found.push(...reachOfClass(place, node, after, catalog));
    const had = new Set(old ? addressesIn(old) : []);
    for (const address of addressesIn(node))
      if (!had.has(address)) found.push({ ...place, kind: 'address', class_type: node.class_type, text: cut(address) });
  }
  return found;
}

function reachOfClass(place: NodePlace, { class_type }: WorkflowNode, workflow: Workflow, catalog: Catalog): Reach[] {
  if (own(workflow.subgraphs, class_type) !== undefined) return [];
  const at = { ...place, class_type };
  const definition = catalog.node(class_type);
  if (definition?.flags.includes('api_node')) return [{ ...at, kind: 'paid', text: 'runs at a provider, for money' }];
  if (definition) return [];
  const more: Reach[] = [];
  if (PROGRAMS.test(class_type)) more.push({ ...at, kind: 'program', text: 'may run programs, by its name' });
  else if (DOWNLOADS.test(class_type)) more.push({ ...at, kind: 'download', text: 'may download, by its name' });
  return more.length > 0
    ? more
    : [{ ...at, kind: 'unknown', text: 'is no class of ComfyUI: its code comes from elsewhere' }];
}

function* placesOf(workflow: Workflow): Generator<[NodePlace, WorkflowNode]> {
  for (const [node, value] of Object.entries(workflow.nodes)) yield [{ node }, value];
  for (const [scope, { nodes }] of Object.entries(workflow.subgraphs))
    for (const [node, value] of Object.entries(nodes)) yield [{ scope, node }, value];
}

/** Where each node of the later version stood in the earlier one. */
function earlier({ scopes, moved }: Matching): Map<string, NodePlace> {
  const out = new Map<string, NodePlace>();
  for (const { a, b, nodes } of scopes) for (const [x, y] of nodes) out.set(key(placeIn(b, y)), placeIn(a, x));
  for (const { a, b } of moved) out.set(key(b), a);
  return out;
}

function addressesIn({ widgets }: WorkflowNode): string[] {
  return Object.values(widgets)
    .flatMap(textsIn)
    .flatMap((text) => ADDRESS.exec(text.slice(0, 4096))?.[0] ?? []);
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}

function placeIn(scope: string | undefined, node: string): NodePlace {
  return scope === undefined ? { node } : { scope, node };
}

function key({ scope, node }: NodePlace): string {
  return `${scope ?? ''} ${node}`;
}

function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}
