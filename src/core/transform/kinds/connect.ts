import { nodeAt } from '../../workflow/scopes.ts';
import { connectChecked } from '../checked-wire.ts';
import { defineTransform } from '../transform.ts';

/** A link from an output into an input of its type. [TE-4] */
export const connect = defineTransform({
  name: 'connect',
  summary: 'Link an output to an input',
  args: {
    from: { type: 'output', required: true, at: 1, description: 'output, `<node>.<output>`' },
    to: { type: 'input', required: true, at: 2, description: 'input, `<node>.<input>`' },
  },
  plan(workflow, { from, to }, setting) {
    const { after, wire } = connectChecked(workflow, from, to, setting);
    const old = nodeAt(workflow, wire)?.links[wire.input];
    const isOther = old && (old.from !== wire.from || old.slot !== wire.slot);
    return { after, notes: isOther ? [`${to.node}.${to.input} was fed by node ${old.from}`] : [] };
  },
});
