import { isObject } from '../../../base/json.ts';
import type { Edit } from '../../edit/edit.ts';
import { own } from '../../workflow/names.ts';
import type { Fix } from '../diagnostic.ts';
import { bridgeFixes } from './bridge.ts';
import { changeNode, removed } from './changes.ts';
import { isHollow, release } from './class.ts';
import { advise, type FixContext, type Fixer, placeOf } from './fixer.ts';

const FORM = 0.95;
const HOLLOW = 0.6;
const ISOLATED = 0.75;
const UNUSED = 0.2;

/** NODE_MALFORMED: inputs and `_meta` are put right; an entry of which nothing is left goes, or is made anew for its readers. */
export const fixNode: Fixer = (diagnostic, context) => {
  const { node: id } = diagnostic;
  if (id === undefined) return { fixes: [] };
  if (isHollow(diagnostic, context)) return hollow(context, id);
  const node = own(context.facts.nodes, id);
  if (!node) return { fixes: [] };
  const { no_inputs: _inputs, odd_meta: _meta, ...ui } = node.ui;
  const edits = changeNode(context, placeOf(diagnostic), { ...node, ui });
  return {
    fixes: edits.length === 0 ? [] : [{ title: `give node ${id} the form of a node`, confidence: FORM, edits }],
  };
};

function hollow(context: FixContext, id: string) {
  const readers = context.facts.readers(id);
  const made = bridgeFixes(context, id);
  const gone: Edit[] = [...release(context, id)];
  if (gone.length === 0) return { fixes: made };
  const title = `take entry ${id} out: nothing of the node is left, and nobody reads from it`;
  const removal: Fix[] = readers.length > 0 ? [] : [{ title, confidence: HOLLOW, edits: gone }];
  if (made.length + removal.length > 0) return { fixes: [...made, ...removal] };
  return advise(
    `nothing of the node is left: put it back for ${readers.map(({ node, input }) => `${node}.${input}`).join(', ')}`,
  );
}

/** NODE_UNUSED: nothing is lost with a node that hangs on nothing and is broken; any other stays. */
export const fixUnused: Fixer = (diagnostic, context) => {
  const place = placeOf(diagnostic);
  const group = diagnostic.data?.nodes;
  const others = Array.isArray(group) ? group.filter((one) => isObject(one) && one.node !== place.node) : [];
  if (others.length > 0 || !own(context.facts.nodes, place.node)) return { fixes: [] };
  return { fixes: [removalOf(context, place.node, isIsolated(context, place.node) ? ISOLATED : UNUSED)] };
};

/** The removal of one node. */
export function removalOf(context: FixContext, id: string, confidence: number): Fix {
  const { scope } = context.facts;
  const place = scope === undefined ? { node: id } : { scope, node: id };
  return { title: `remove node ${id}: it hangs on nothing and is broken`, confidence, edits: removed(context, place) };
}

/** Whether a node takes from nothing and nothing takes from it. */
export function isIsolated({ facts }: FixContext, id: string): boolean {
  const node = own(facts.nodes, id);
  return (
    node !== undefined &&
    facts.readers(id).length === 0 &&
    Object.keys(node.links).every((name) => !own(facts.nodes, node.links[name]!.from))
  );
}
