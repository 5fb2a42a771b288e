import type { Catalog } from '../catalog/catalog.ts';
import type { LinkSource, Workflow } from '../workflow/types.ts';
import type { User } from './scope-wires.ts';
import { usersByNode } from './scope-wires.ts';
import { connect } from './wiring.ts';
import { manyInto } from './writing.ts';

/** The users of one output, in the order of nodes and inputs. */
export function usersOfOutput(workflow: Workflow, scope: string | undefined, { from, slot }: LinkSource): User[] {
  return (usersByNode(workflow, scope).get(from) ?? []).filter(({ source }) => source.slot === slot);
}

/** All these inputs fed by another output. */
export function feed(
  workflow: Workflow,
  scope: string | undefined,
  users: readonly Pick<User, 'node' | 'input'>[],
  source: LinkSource,
  catalog: Catalog,
): Workflow {
  const at = scope === undefined ? {} : { scope };
  const { workflow: copy, writing } = manyInto(workflow);
  return users.reduce((after, { node, input }) => {
    return connect(after, { ...at, node, input, ...source }, catalog, writing);
  }, copy);
}
