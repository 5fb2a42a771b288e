import type { JsonObject } from '../../../base/json.ts';
import { typesFit } from '../../catalog/socket-types.ts';
import { diffByIds } from '../../edit/diff.ts';
import { addNode } from '../../transform/nodes.ts';
import { compareIds } from '../../workflow/names.ts';
import type { LinkSource } from '../../workflow/types.ts';
import type { FixContext, Fixer } from './fixer.ts';

/** What saves or shows each kind of result. Source: ComfyUI's own nodes of that purpose. */
const SINKS: readonly (readonly [type: string, classType: string])[] = [
  ['IMAGE', 'SaveImage'],
  ['VIDEO', 'SaveVideo'],
  ['AUDIO', 'SaveAudio'],
  ['MESH', 'SaveGLB'],
  ['MASK', 'MaskPreview'],
  ['SVG', 'SaveSVGNode'],
  ['STRING', 'PreviewAny'],
];
const SOLE = 0.7;
const SEVERAL = 0.55;
const MOST = 8;

/** OUTPUT_MISSING: what nothing takes any more is saved, by the node that saves its kind. */
export const fixOutput: Fixer = (_diagnostic, context) => {
  const { workflow, catalog } = context;
  const ends = idleEnds(context);
  let after = workflow;
  const made: string[] = [];
  for (const { from, slot, type, sink } of ends.slice(0, MOST)) {
    const takes = catalog.node(sink)?.inputs.find((one) => one.section === 'required' && typesFit(type, one.type));
    if (!takes) break;
    const added = addNode(after, { class_type: sink, links: { [takes.name]: { from, slot } } }, catalog);
    after = added.workflow;
    made.push(`${sink} (${added.id})`);
  }
  const taken = Object.keys((workflow.ui.carried ?? {}) as JsonObject);
  if (made.length === 0 || made.length < ends.length || taken.some((id) => Object.hasOwn(after.nodes, id)))
    return { fixes: [], advice: 'say what is to be saved or shown' };
  const title = `save what nothing takes: ${made.join(', ')}`;
  return { fixes: [{ title, confidence: made.length === 1 ? SOLE : SEVERAL, edits: diffByIds(workflow, after) }] };
};

/** The first output of each node that nothing is taken from and that can be saved. */
function idleEnds({ facts }: FixContext): (LinkSource & { type: string; sink: string })[] {
  const free = Object.keys(facts.nodes).filter((from) => facts.readers(from).length === 0);
  return free.sort(compareIds).flatMap((from) => {
    for (const { slot, type } of facts.slotsOf(from)) {
      const [, sink] = SINKS.find(([one]) => one === type) ?? [];
      if (sink !== undefined) return [{ from, slot, type, sink }];
    }
    return [];
  });
}
