import { isObject, type JsonObject } from '../../../base/json.ts';
import { shown } from '../words.ts';
import type { Rule } from './rule.ts';

/** [VS-2] Entries of a prompt that are no nodes: the server refuses the whole prompt. */
export const rule: Rule = {
  name: 'malformed-nodes',
  codes: ['NODE_MALFORMED', 'CLASS_MISSING'],
  check({ workflow, graph }, report) {
    if (workflow.format !== 'api') return;
    for (const [id, entry] of Object.entries((workflow.ui.carried ?? {}) as JsonObject)) {
      if (isObject(entry)) report.add({ code: 'CLASS_MISSING', message: 'it has no class_type' }, { node: id });
      else report.add({ code: 'NODE_MALFORMED', message: `${shown(entry)} is no node` }, { node: id });
    }
    for (const node of graph.nodes.values()) {
      if (node.classType === '') report.atNode({ code: 'CLASS_MISSING', message: 'it has no class_type' }, node);
      const { ui } = workflow.nodes[node.id]!;
      if (ui.no_inputs === true)
        report.atNode({ code: 'NODE_MALFORMED', message: 'it has no inputs, not even an empty object' }, node);
      if (ui.odd_meta !== undefined)
        report.atNode(
          { code: 'NODE_MALFORMED', severity: 'warning', message: `_meta is ${shown(ui.odd_meta)}, not an object` },
          node,
        );
    }
  },
};
