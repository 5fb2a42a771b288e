import { typesFit } from '../../catalog/socket-types.ts';
import { makeEdit } from '../../edit/edit.ts';
import { freshIds } from '../../edit/fresh-id.ts';
import { compareIds } from '../../workflow/names.ts';
import type { LinkSource, WorkflowNode } from '../../workflow/types.ts';
import type { Fix } from '../diagnostic.ts';
import { nodePath } from './changes.ts';
import { defaultFor } from './default-value.ts';
import { withKey } from './dynamic-key.ts';
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
  const ends = idleEnds(context);
  const nodes = ends.slice(0, MOST).flatMap((end) => sinkFor(context, end) ?? []);
  if (nodes.length === 0 || nodes.length < ends.length)
    return { fixes: [], advice: 'say what is to be saved or shown' };
  const { workflow } = context;
  const fresh = freshIds(Object.keys({ ...workflow.nodes, ...(workflow.ui.carried as object | undefined) }));
  const ids = nodes.map(() => fresh('0'));
  const edits = nodes.map((node, at) => makeEdit(nodePath({ node: ids[at]! }), undefined, node as never));
  const title = `save what nothing takes: ${nodes.map(({ class_type }, at) => `${class_type} (${ids[at]})`).join(', ')}`;
  const fix: Fix = { title, confidence: nodes.length === 1 ? SOLE : SEVERAL, edits };
  return { fixes: [fix] };
};

/** The first output of each node that nothing is taken from and that can be saved. */
function idleEnds({ facts }: FixContext): (LinkSource & { type: string; sink: string })[] {
  return Object.keys(facts.nodes)
    .sort(compareIds)
    .flatMap((from) => {
      if (facts.readers(from).length > 0) return [];
      const count = facts.definition(from)?.outputs.length ?? 0;
      for (let slot = 0; slot < count; slot++) {
        const type = facts.typeOf({ from, slot });
        const sink = SINKS.find(([one]) => one === type);
        if (sink) return [{ from, slot, type: sink[0], sink: sink[1] }];
      }
      return [];
    });
}

function sinkFor(
  context: FixContext,
  { from, slot, type, sink }: LinkSource & { type: string; sink: string },
): WorkflowNode | undefined {
  const definition = context.catalog.node(sink);
  const takes = definition?.inputs.find((input) => input.section === 'required' && typesFit(type, input.type));
  if (!definition || !takes) return undefined;
  let node: WorkflowNode = { class_type: sink, widgets: {}, links: { [takes.name]: { from, slot } }, ui: {} };
  for (const input of definition.inputs) {
    if (input === takes || input.section !== 'required') continue;
    const value = defaultFor(input)?.value;
    if (value === undefined) return undefined;
    node = { ...node, widgets: { ...node.widgets, [input.name]: value } };
    if (input.type === 'COMFY_DYNAMICCOMBO_V3') node = withKey(context, node, input.name, value);
  }
  return node;
}
