import { CwfError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { DEFAULT_ENGINE, DEFAULT_HASH, DEFAULT_TEXT } from './data/default.ts';

/** One input of a node class. `type` is ComfyUI's type name, `COMBO` for every list of options. */
export interface InputDefinition {
  readonly name: string;
  readonly section: 'required' | 'optional' | 'hidden';
  readonly type: string;
  /** As the server gives them: default, min, max, step, options, files, forceInput, template ... */
  readonly options: { readonly [key: string]: Json };
}

/** One output slot of a node class. */
export interface OutputDefinition {
  readonly name: string;
  readonly type: Json;
  readonly isList: boolean;
}

/** One node class: inputs in the order of the definition, outputs by slot, and flags such as `output_node`. */
export interface NodeDefinition {
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
  readonly flags: readonly string[];
}

/** A frozen snapshot of the node definitions of one engine version. `hash` is the sha256 of its canonical JSON. */
export interface Catalog {
  readonly hash: string;
  readonly engine: string;
  node(classType: string): NodeDefinition | undefined;
  toJson(): Json;
}

class LoadedCatalog implements Catalog {
  readonly hash: string;
  readonly engine: string;
  private readonly load: () => Json;
  private json: JsonObject | undefined;
  private readonly nodes = new Map<string, NodeDefinition | undefined>();

  constructor(hash: string, engine: string, load: () => Json) {
    this.hash = hash;
    this.engine = engine;
    this.load = load;
  }

  node(classType: string): NodeDefinition | undefined {
    if (this.nodes.has(classType)) return this.nodes.get(classType);
    const nodes = (this.toJson() as JsonObject).nodes as JsonObject;
    const found = Object.hasOwn(nodes, classType) ? readNode(nodes[classType]!) : undefined;
    this.nodes.set(classType, found);
    return found;
  }

  toJson(): Json {
    this.json ??= this.load() as JsonObject;
    return this.json;
  }
}

/** A catalog from its own JSON form `{engine, nodes}`; throws CATALOG_INVALID. */
export function catalogFromJson(json: Json): Catalog {
  if (!isObject(json) || typeof json.engine !== 'string' || !isObject(json.nodes)) {
    throw new CwfError('CATALOG_INVALID', { reason: 'it has no engine or no nodes' });
  }
  return new LoadedCatalog(sha256(canonicalJson(json)), json.engine, () => json);
}

const EMPTY_JSON: Json = { engine: 'none', nodes: {} };

let shipped: Catalog | undefined;

/** The catalog cwf ships; its text is read when the first class is asked for. */
export function defaultCatalog(): Catalog {
  shipped ??= new LoadedCatalog(DEFAULT_HASH, DEFAULT_ENGINE, () =>
    parseJson(DEFAULT_TEXT, { source: 'the shipped catalog', maxBytes: Number.MAX_SAFE_INTEGER }),
  );
  return shipped;
}

/** A catalog of definitions in its JSON form. */
export function catalogOf(engine: string, nodes: JsonObject): Catalog {
  return catalogFromJson({ engine, nodes });
}

/** A catalog that knows no class: widgets go by the names a file gives, else by position. */
export const EMPTY_CATALOG: Catalog = {
  get hash() {
    return sha256(canonicalJson(EMPTY_JSON));
  },
  engine: 'none',
  node: () => undefined,
  toJson: () => EMPTY_JSON,
};

/** JSON form of a class: `{in: [[name, section, type, options]...], out: [[name, type, isList]...], flags}`. */
function readNode(json: Json): NodeDefinition {
  const node = json as { in?: Json[][]; out?: Json[][]; flags?: string[] };
  return {
    inputs: (node.in ?? []).map(([name, section, type, options]) => ({
      name: name as string,
      section: section as InputDefinition['section'],
      type: type as string,
      options: (options ?? {}) as JsonObject,
    })),
    outputs: (node.out ?? []).map(([name, type, isList]) => ({
      name: String(name),
      type: type!,
      isList: isList === true,
    })),
    flags: node.flags ?? [],
  };
}
