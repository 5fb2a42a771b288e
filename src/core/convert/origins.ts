import type { InputPlace } from '../workflow/effective.ts';
import type { NodePlace } from '../workflow/scopes.ts';
import type { NodeId } from '../workflow/types.ts';

/** Where one node of a prompt comes from, in the words of the file. */
export interface Origin {
  readonly place: NodePlace;
  /** Inputs whose value lies at another node: an instance that shows the widget, a primitive. By their names there. */
  readonly values: ReadonlyMap<string, InputPlace>;
  /** Inputs of which the file says nothing, so that their default is sent. */
  readonly defaulted: ReadonlySet<string>;
  /** Inputs that are linked in the file and get nothing. */
  readonly lost: ReadonlyMap<string, Lost>;
}

/**
 * Why a link brings nothing. `muted`: it leads to a node that is off. `open`: it leads to an input of an instance that
 * nothing feeds. `blocked`: it leads to a bypassed node that has nothing to pass on. `broken`: it leads nowhere.
 */
export interface Lost {
  readonly reason: 'muted' | 'open' | 'blocked' | 'broken';
  /** Where the way ended. */
  readonly place: NodePlace & { readonly input?: string };
}

/** The ids that the file has for nodes which were given others to make them unique. */
export class FileIds {
  private readonly old = new Map<string | undefined, ReadonlyMap<NodeId, NodeId>>();

  /** `renamed`: by definition, the new id of each id that was changed. */
  constructor(renamed: ReadonlyMap<string, ReadonlyMap<NodeId, NodeId>>) {
    for (const [scope, names] of renamed) this.old.set(scope, new Map([...names].map(([from, to]) => [to, from])));
  }

  /** The place in the file of a node of the page. */
  place(scope: { readonly id: string | undefined }, node: { readonly id: NodeId }): NodePlace {
    const id = this.old.get(scope.id)?.get(node.id) ?? node.id;
    return scope.id === undefined ? { node: id } : { scope: scope.id, node: id };
  }
}
