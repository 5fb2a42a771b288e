import type { Catalog } from '../catalog/catalog.ts';
import type { LinkRow } from './read-links.ts';
import type { Subgraph, WorkflowNode } from './types.ts';

/** A node of the root as it was read, the links it was read with, and those of them it took. */
export interface KnownNode {
  readonly rows: readonly LinkRow[];
  readonly taken: readonly LinkRow[];
  readonly node: WorkflowNode;
}

/**
 * What was read from the parts of a document, by the objects themselves: where the next version has the same object
 * (`parseVersion`), it has the same meaning. A node depends on its entry, the link table and the catalog; a subgraph
 * definition on its entry and the catalog. Nothing is kept longer than the objects are.
 */
export class ReadMemo {
  readonly catalog: Catalog;
  /** Rows of the root's link table by its first link. */
  readonly rows = new WeakMap<object, readonly LinkRow[]>();
  readonly nodes = new WeakMap<object, KnownNode>();
  readonly subgraphs = new WeakMap<object, { readonly subgraph: Subgraph; readonly hasDoubles: boolean }>();

  /** `catalog`: the definitions all versions are read with. */
  constructor(catalog: Catalog) {
    this.catalog = catalog;
  }
}
