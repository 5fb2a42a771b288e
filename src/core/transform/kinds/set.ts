import { placeText } from '../../edit/describe.ts';
import { placeKey } from '../../workflow/effective.ts';
import { putValue } from '../put-value.ts';
import { defineTransform } from '../transform.ts';

/** A value, checked, where the input takes it from. [TE-10] [TE-11] */
export const set = defineTransform({
  name: 'set',
  summary: 'Set an input where its value lives',
  args: {
    input: { type: 'input', required: true, at: 1, description: 'input, `<node>.<input>`' },
    value: { type: 'value', required: true, at: 2, description: 'the value' },
    force: { type: 'flag', description: 'write a value that the catalog refuses' },
  },
  plan(workflow, { input, value, force }, setting) {
    const { after, place } = putValue(workflow, input, value, setting, { force: force === true });
    const isElsewhere = placeKey({ scope: place.scope, node: place.node, input: place.input }) !== placeKey(input);
    const text = `${input.node}.${input.input} comes by a link: set at ${placeText(place, workflow)}`;
    return { after, notes: isElsewhere ? [text] : [] };
  },
});
