import { own } from '../../workflow/names.ts';
import { INPUT_SIDE } from '../../workflow/read-links.ts';
import type { LinkSource, Scope, Subgraph, Workflow } from '../../workflow/types.ts';
import { scopesOf } from '../document.ts';
import type { Finding } from '../report.ts';
import type { Rule } from './rule.ts';

const MUTED = 2;
const BYPASSED = 4;

/** [VS-12] Links of a UI file end at nodes and slots that are there, in every scope, whether it is sent or not. */
export const rule: Rule = {
  name: 'scope-links',
  codes: ['LINK_DANGLING', 'SLOT_OUT_OF_RANGE', 'SUBGRAPH_INTERFACE'],
  check({ workflow }, report) {
    if (workflow.format !== 'ui') return;
    for (const { id, scope } of scopesOf(workflow)) {
      const place = id === undefined ? {} : { scope: id };
      for (const [node, { class_type, links, mode }] of Object.entries(scope.nodes)) {
        const isOff = mode === MUTED || mode === BYPASSED;
        for (const [input, link] of Object.entries(links)) {
          const fault = faultOf(workflow, id, scope, link);
          if (fault)
            report.add(isOff ? { ...fault, severity: 'warning' } : fault, { ...place, node, class_type, input });
        }
      }
      for (const slot of Object.values((scope as Partial<Subgraph>).outputs ?? {})) {
        const fault = slot.link && faultOf(workflow, id, scope, slot.link);
        if (fault)
          report.add(
            { ...fault, message: `output ${slot.name} of the subgraph: ${fault.message}` },
            { ...place, input: slot.name },
          );
      }
    }
  },
};

function faultOf(workflow: Workflow, scope: string | undefined, graph: Scope, link: LinkSource): Finding | undefined {
  const { from, slot } = link;
  const data = { from, slot };
  if (scope !== undefined && from === INPUT_SIDE) {
    const { inputs } = graph as Subgraph;
    if (Object.hasOwn(inputs, String(slot))) return undefined;
    return {
      code: 'SUBGRAPH_INTERFACE',
      message: `it is linked to input ${slot} of the subgraph, which is not there`,
      data,
    };
  }
  const source = own(graph.nodes, from);
  if (!source) return { code: 'LINK_DANGLING', message: `it is linked to node ${from}, which is not there`, data };
  const inner = own(workflow.subgraphs, source.class_type);
  if (!inner || Number(slot) < inner.output_order.length) return undefined;
  const count = inner.output_order.length;
  const message = `it is linked to output ${slot} of ${inner.name || 'a subgraph'} (${from}), which has ${count}`;
  return { code: 'SLOT_OUT_OF_RANGE', message, data: { ...data, outputs: count } };
}
