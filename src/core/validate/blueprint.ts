import { isOfPage } from '../convert/set-up-node.ts';
import { own } from '../workflow/names.ts';
import type { Workflow } from '../workflow/types.ts';

/**
 * Whether a document is a fragment to be put into others, as ComfyUI's subgraph blueprints are: all that its root
 * holds is one instance that nothing is linked to. Its open inputs and outputs are what it is for.
 */
export function isBlueprint({ format, nodes, subgraphs }: Workflow): boolean {
  if (format !== 'ui') return false;
  const [node, ...others] = Object.values(nodes).filter(({ class_type }) => !isOfPage(class_type));
  return (
    node !== undefined &&
    others.length === 0 &&
    own(subgraphs, node.class_type) !== undefined &&
    Object.keys(node.links).length === 0
  );
}
