import { OUTPUT_SIDE } from '../workflow/read-links.ts';
import { type NodePlace, scopeAt } from '../workflow/scopes.ts';
import type { LinkSource, NodeId, Workflow } from '../workflow/types.ts';

/** The end of a link: an input and what feeds it. */
export interface User {
  readonly node: NodeId;
  readonly input: string;
  readonly source: LinkSource;
}

/** The ends of all links of a scope by the node they start at, in the order of nodes and inputs. */
export type Users = ReadonlyMap<NodeId, readonly User[]>;

/** Looks all links of a scope up; the outputs of a definition count as inputs of its output side. */
export function usersByNode(workflow: Workflow, scope: string | undefined): Users {
  const users = new Map<NodeId, User[]>();
  const add = (user: User): void => {
    const known = users.get(user.source.from);
    if (known) known.push(user);
    else users.set(user.source.from, [user]);
  };
  for (const [node, { links }] of Object.entries(scopeAt(workflow, scope)?.nodes ?? {})) {
    for (const [input, source] of Object.entries(links)) add({ node, input, source });
  }
  const outputs = scope === undefined ? {} : (workflow.subgraphs[scope]?.outputs ?? {});
  for (const [input, { link }] of Object.entries(outputs)) if (link) add({ node: OUTPUT_SIDE, input, source: link });
  return users;
}

/** The ends of the links that start at one node. */
export function usersOf(workflow: Workflow, { scope, node }: NodePlace): readonly User[] {
  return usersByNode(workflow, scope).get(node) ?? [];
}

/** A node and all that comes after it; a link from one of them into the node would be a cycle. */
export function downstreamOf(users: Users, node: NodeId): ReadonlySet<NodeId> {
  const found = new Set([node]);
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { node: user } of users.get(next) ?? []) {
      if (found.has(user)) continue;
      found.add(user);
      waiting.push(user);
    }
  }
  return found;
}
