import { nodeAt, withNode } from '../../workflow/scopes.ts';
import { defineTransform, refuse } from '../transform.ts';

const MODES: Readonly<Record<string, number>> = { always: 0, mute: 2, bypass: 4 };

/** Whether a node runs, is left out with what follows it, or passes on what it gets. */
export const setMode = defineTransform({
  name: 'set-mode',
  summary: 'Run, mute or bypass a node',
  args: {
    node: { type: 'node', required: true, at: 1, description: 'the node' },
    mode: { type: 'text', required: true, at: 2, options: Object.keys(MODES), description: 'always, mute or bypass' },
  },
  plan(workflow, { node: place, mode }) {
    if (workflow.format === 'api') {
      const remedy = 'Remove the node instead (`remove`), or use a file that the page saved.';
      throw refuse('set-mode', 'the nodes of a prompt have no mode', remedy);
    }
    const { mode: _, ...node } = nodeAt(workflow, place)!;
    const { no_mode: _none, ...ui } = node.ui;
    const value = MODES[mode]!;
    return { after: withNode(workflow, place, { ...node, ui, ...(value === 0 ? {} : { mode: value }) }), notes: [] };
  },
});
