import type { Edit } from './edit.ts';
import { renumberedIds } from './renumber.ts';

/** The ids that a list of edits gives at its end, by the scope and the id its other edits use. */
export class NewIds {
  private readonly nodes = new Map<string, ReadonlyMap<string, string>>();
  private readonly subgraphs: ReadonlyMap<string, string> = new Map();

  constructor(edits: readonly Edit[]) {
    for (const edit of edits) {
      if (edit.kind !== 'renumber') continue;
      const space = edit.path.at(-1);
      if (space === 'subgraphs') this.subgraphs = new Map(renumberedIds(edit));
      else if (space === 'nodes')
        this.nodes.set(edit.path.length > 1 ? edit.path[1]! : '', new Map(renumberedIds(edit)));
    }
  }

  /** Id of a node afterwards. */
  node(scope: string | undefined, id: string): string {
    return this.nodes.get(scope ?? '')?.get(id) ?? id;
  }

  /** Id of a definition afterwards. */
  subgraph(id: string): string;
  subgraph(id: string | undefined): string | undefined;
  subgraph(id: string | undefined): string | undefined {
    return id === undefined ? undefined : (this.subgraphs.get(id) ?? id);
  }
}
