import type { Catalog } from '../catalog/catalog.ts';
import type { LinkSource, Workflow } from '../workflow/types.ts';
import type { User } from './scope-wires.ts';
import { usersByNode } from './scope-wires.ts';
import { connect } from './wiring.ts';

/** The users of one output, in the order of nodes and inputs. */
export function usersOfOutput(workflow: Workflow, scope: string | undefined, { from, slot }: LinkSource): User[] {
  return (usersByNode(workflow, scope).get(from) ?? []).filter(({ source }) => source.slot === slot);
}

/** All these inputs fed by another output. */
export function feed(
  workflow: Workflow,
  scope: string | undefined,
  users: readonly User[],
  source: LinkSource,
  catalog: Catalog,
): Workflow {
  const at = scope === undefined ? {} : { scope };
  return users.reduce((after, { node, input }) => connect(after, { ...at, node, input, ...source }, catalog), workflow);
}
