import { CwfError } from '../../../base/errors.ts';
import { nearest } from '../../../base/nearest.ts';
import { OUTPUT_SIDE } from '../../workflow/read-links.ts';
import { nodeAt } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import { closeGaps } from '../grown.ts';
import { openNotes } from '../left-open.ts';
import { defineTransform, refuse } from '../transform.ts';
import { disconnect as cut } from '../wiring.ts';

/** An input without its link; a widget holds what counted. [TE-5] */
export const disconnect = defineTransform({
  name: 'disconnect',
  summary: 'Take the link of an input away',
  args: { input: { type: 'input', required: true, at: 1, description: 'input, `<node>.<input>`' } },
  plan(workflow, { input: place }, { catalog, source }) {
    const { scope, node: id, input } = place;
    if (scope !== undefined && id === OUTPUT_SIDE)
      return { after: cut(workflow, ofSide(workflow, scope, input), catalog), notes: [] };
    const node = nodeAt(workflow, place);
    if (!node)
      throw refuse(
        'disconnect',
        'the inputs of a subgraph have no link from outside in its definition',
        'Disconnect its instance.',
      );
    if (!Object.hasOwn(node.links, input)) {
      const linked = Object.keys(node.links);
      if (Object.hasOwn(node.widgets, input)) {
        const reason = `nothing feeds ${id}.${input}`;
        throw refuse(
          'disconnect',
          reason,
          linked.length > 0 ? `Linked are: ${linked.join(', ')}.` : 'Nothing is linked to it.',
        );
      }
      const { class_type } = node;
      throw new CwfError('INPUT_NOT_FOUND', { source, node: id, class_type, input, known: nearest(input, linked) });
    }
    const after = closeGaps(cut(workflow, place, catalog), place, catalog);
    return { after, notes: openNotes(workflow, after, [place], catalog) };
  },
});

function ofSide({ subgraphs }: Workflow, scope: string, input: string) {
  const { output_order, outputs } = subgraphs[scope]!;
  const key = output_order.find((one) => one === input || outputs[one]!.name === input);
  if (key === undefined || !outputs[key]!.link) {
    const known = output_order.map((one) => outputs[one]!.name).join(', ');
    throw refuse('disconnect', `nothing feeds the output ${input} of the subgraph`, `Its outputs are: ${known}.`);
  }
  return { scope, node: OUTPUT_SIDE, input: key };
}
