import type { Json } from '../../../base/json.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { keysOf } from '../../catalog/nested-inputs.ts';
import type { Lost } from '../../convert/origins.ts';
import { isMadeByPage } from '../../convert/widgets.ts';
import { nodeAt } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import { isBlueprint } from '../blueprint.ts';
import type { GraphNode } from '../graph.ts';
import { placeData, type Report } from '../report.ts';
import { oneOf, shown } from '../words.ts';
import type { Rule, Subject } from './rule.ts';

const DYNAMIC = 'COMFY_DYNAMICCOMBO_V3';

/** [VS-4] Every input that the class requires has a value or a link; where a link of the file brings nothing, why. */
export const rule: Rule = {
  name: 'required-inputs',
  codes: ['INPUT_MISSING', 'NODE_OFF', 'OPTION_UNKNOWN'],
  check(subject, report) {
    const isFragment = isBlueprint(subject.workflow);
    for (const node of subject.graph.nodes.values()) {
      for (const input of node.declared?.required ?? []) {
        if (!node.inputs.has(input.name)) missing(subject, node, input, isFragment, report);
        else if (node.defaulted.has(input.name)) defaulted(node, input, report);
      }
    }
  },
};

function missing(
  { workflow }: Subject,
  node: GraphNode,
  input: DeclaredInput,
  isFragment: boolean,
  report: Report,
): void {
  if (input.type === DYNAMIC) {
    const keys = keysOf(input);
    const message = `it has no value, which says what else the node takes: ${oneOf(keys.slice(0, 5))}`;
    report.atNode({ code: 'OPTION_UNKNOWN', message, data: { options: keys } }, node, input.name);
    return;
  }
  // What only the page can make it makes when it sends.
  if (workflow.format === 'ui' && isMadeByPage(input.type)) return;
  const lost = node.lost.get(input.name);
  if (lost) {
    lostInput(workflow, node, input, lost, isFragment, report);
    return;
  }
  const message = `a required input of type ${input.type} has neither a value nor a link`;
  report.atNode({ code: 'INPUT_MISSING', message, data: facts(input) }, node, input.name);
}

/** The server is sent a value that nobody chose. */
function defaulted(node: GraphNode, input: DeclaredInput, report: Report): void {
  const held = node.inputs.get(input.name);
  const value = held?.kind === 'value' ? held.value : null;
  const message = `the file has no value for it: the page sends the default, ${shown(value)}`;
  report.atNode(
    { code: 'INPUT_MISSING', severity: 'info', message, data: { ...facts(input), value } },
    node,
    input.name,
  );
}

function lostInput(
  workflow: Workflow,
  node: GraphNode,
  input: DeclaredInput,
  { reason, place }: Lost,
  isFragment: boolean,
  report: Report,
): void {
  const end = nodeAt(workflow, place);
  const name = `${(end && workflow.subgraphs[end.class_type]?.name) || (end?.class_type ?? 'node')} (${place.node})`;
  const data = { ...facts(input), end: placeData(place) };
  switch (reason) {
    case 'muted': {
      const message = `it waits for ${name}, which is muted`;
      report.atNode({ code: 'NODE_OFF', message, data }, node, input.name);
      return;
    }
    case 'open': {
      if (isFragment) return;
      const message = `nothing feeds this input of the subgraph, and ${node.classType} (${node.place.node}) in it needs one of type ${input.type}`;
      const reader = { ...placeData(node.place), input: input.name };
      report.add(
        { code: 'INPUT_MISSING', message, data: { ...facts(input), reader } },
        { ...place, class_type: end?.class_type },
      );
      return;
    }
    case 'blocked': {
      const message = `it is linked to ${name}, which is bypassed and has nothing of type ${input.type} to pass on`;
      report.atNode({ code: 'INPUT_MISSING', message, data }, node, input.name);
      return;
    }
    default: {
      // A link from a node that is not there has a finding of its own.
      if (report.has('LINK_DANGLING', { ...node.place, input: input.name })) return;
      const message = `its link ends at ${name} and brings nothing`;
      report.atNode({ code: 'INPUT_MISSING', message, data }, node, input.name);
    }
  }
}

function facts({ type, options }: DeclaredInput): Record<string, Json> {
  return { type, ...(options.default === undefined ? {} : { default: options.default }) };
}
