import type { Json } from '../../base/json.ts';
import type { Catalog } from './catalog.ts';

/** What `positionNames` needs to know of a UI node. */
export interface NamedNode {
  readonly class_type: string;
  readonly values: readonly Json[];
  readonly named?: Readonly<Record<string, Json>>;
  readonly socketWidgets: readonly string[];
}

/** The widget name of every position of `widgets_values`; undefined where it is not known. */
export function positionNames(node: NamedNode, _catalog: Catalog): (string | undefined)[] {
  return node.values.map(() => undefined);
}
