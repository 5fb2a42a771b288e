import { CwfError } from '../../base/errors.ts';
import { placeText } from '../edit/describe.ts';
import { effectiveValue, type InputPlace } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import { nodeAt } from '../workflow/scopes.ts';
import type { Workflow } from '../workflow/types.ts';

/**
 * The widget that an input takes its value from: its own, or the one a link leads to. `address` is how the user called
 * the input. Throws INPUT_LINKED where a node computes the value, INPUT_SHARED where instances differ. [EV-2]
 */
export function whereItLives(workflow: Workflow, asked: InputPlace, address: string): InputPlace {
  const link = own(nodeAt(workflow, asked)?.links, asked.input);
  if (link === undefined) return asked;
  const found = effectiveValue(workflow, asked);
  if (found.kind === 'value') return found.place;
  if (found.kind === 'several') {
    const values = found.values.map((one) => (one.kind === 'value' ? placeText(one.place, workflow) : one.kind));
    throw new CwfError('INPUT_SHARED', { address, places: values });
  }
  const from = found.kind === 'computed' ? found.node : link.from;
  const missing = asked.scope === undefined ? 'which is not there' : 'subgraph input';
  const class_type =
    found.kind === 'computed' ? found.class_type : nodeAt(workflow, { scope: asked.scope, node: from })?.class_type;
  throw new CwfError('INPUT_LINKED', { address, from, class_type: class_type ?? missing });
}
