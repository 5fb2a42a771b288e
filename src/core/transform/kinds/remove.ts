import { OUTPUT_SIDE } from '../../workflow/read-links.ts';
import type { NodePlace } from '../../workflow/scopes.ts';
import { closeGaps } from '../grown.ts';
import { openNotes } from '../left-open.ts';
import { removeNode } from '../nodes.ts';
import { usersOf } from '../scope-wires.ts';
import { defineTransform } from '../transform.ts';

/** A workflow without a node; its users take over what fed the input of the same type. [TE-6] */
export const remove = defineTransform({
  name: 'remove',
  summary: 'Remove a node; its users take over what fed it',
  args: {
    node: { type: 'node', required: true, at: 1, description: 'the node' },
    rewire: {
      type: 'flag',
      description: 'its users take over what fed it; on where absent',
      off: 'its users lose their links',
    },
  },
  plan(workflow, { node: place, rewire = true }, { catalog }) {
    const at = place.scope === undefined ? {} : { scope: place.scope };
    const users = [...new Set(usersOf(workflow, place).map(({ node }) => node))]
      .filter((node) => node !== place.node && node !== OUTPUT_SIDE)
      .map((node): NodePlace => ({ ...at, node }));
    let after = removeNode(workflow, place, catalog, { rewire });
    for (const user of users) after = closeGaps(after, user, catalog);
    return { after, notes: openNotes(workflow, after, users, catalog) };
  },
});
