import { nodeAt } from '../../workflow/scopes.ts';
import { checkClass } from '../check-class.ts';
import { openNotes } from '../left-open.ts';
import { replaceClass } from '../replace-class.ts';
import { defineTransform, refuse } from '../transform.ts';

/** Another class in the place of a node: equal inputs keep value and link, outputs go by type. [TE-7] */
export const replace = defineTransform({
  name: 'replace',
  summary: 'Put a node of another class in the place of one',
  args: {
    node: { type: 'node', required: true, at: 1, description: 'the node' },
    class: { type: 'text', required: true, at: 2, description: 'the new class' },
    force: { type: 'flag', description: 'take a class that the catalog does not know' },
  },
  plan(workflow, { node: place, class: name, force }, setting) {
    const class_type = checkClass(workflow, name, 'replace', setting, { force });
    if (nodeAt(workflow, place)!.class_type === class_type)
      throw refuse('replace', `node ${place.node} is a ${class_type} already`, 'Choose another class.');
    const { workflow: after, lost } = replaceClass(workflow, place, class_type, setting.catalog);
    const notes = lost.length > 0 ? [`lost, since ${class_type} has no place for it: ${lost.join(', ')}`] : [];
    return { after, notes: [...notes, ...openNotes(workflow, after, [place], setting.catalog)] };
  },
});
