import type { Rule } from './rule.ts';

/** [VS-7] A growing input is filled from its first slot on: the page draws no slot behind an empty one. */
export const rule: Rule = {
  name: 'growing-inputs',
  codes: ['GROWING_GAP'],
  check({ graph }, report) {
    for (const node of graph.nodes.values()) {
      for (const [name, slots] of node.declared?.growing ?? []) {
        const last = slots.findLastIndex((slot) => node.inputs.has(slot.name));
        const gap = slots.findIndex(
          (slot, at) => at < last && slot.section !== 'required' && !node.inputs.has(slot.name),
        );
        if (gap < 0) continue;
        const message = `${slots[gap]!.name} is empty, and ${slots[last]!.name} behind it is not`;
        report.atNode({ code: 'GROWING_GAP', message, data: { growing: name } }, node, slots[gap]!.name);
      }
    }
  },
};
