import { sha256 } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';

/** One input of a node class, in the order of the definition. */
export interface InputDefinition {
  readonly name: string;
  /** Type name as ComfyUI has it; `COMBO` for a list of options. */
  readonly type: string;
  readonly options?: { readonly [key: string]: Json };
}

/** One node class. */
export interface NodeDefinition {
  readonly inputs: readonly InputDefinition[];
}

/** A frozen snapshot of node definitions of one engine version. `hash` is the sha256 of its canonical JSON. */
export interface Catalog {
  readonly hash: string;
  readonly engine: string;
  node(classType: string): NodeDefinition | undefined;
  toJson(): Json;
}

const EMPTY_JSON: Json = { engine: 'none', nodes: {} };

/** A catalog that knows no class: every widget goes by position unless the file names it. */
export const EMPTY_CATALOG: Catalog = {
  hash: sha256(canonicalJson(EMPTY_JSON)),
  engine: 'none',
  node: () => undefined,
  toJson: () => EMPTY_JSON,
};

/** The catalog cwf ships. */
export function defaultCatalog(): Catalog {
  return EMPTY_CATALOG;
}
