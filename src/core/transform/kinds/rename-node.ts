import type { JsonObject } from '../../../base/json.ts';
import { nodeAt, withNode } from '../../workflow/scopes.ts';
import { defineTransform } from '../transform.ts';

/** Another title; an empty one takes the title away. */
export const renameNode = defineTransform({
  name: 'rename-node',
  summary: 'Give a node another title',
  args: {
    node: { type: 'node', required: true, at: 1, description: 'the node' },
    title: { type: 'text', required: true, at: 2, description: 'the title; empty for none' },
  },
  plan(workflow, { node: place, title }) {
    const node = nodeAt(workflow, place)!;
    const { title: _, odd_title: _odd, ...rest } = node.ui;
    const ui: JsonObject = { ...rest, ...(title === '' ? {} : { title }) };
    if (workflow.format === 'api' && title !== '') ui.meta ??= {};
    return { after: withNode(workflow, place, { ...node, ui }), notes: [] };
  },
});
