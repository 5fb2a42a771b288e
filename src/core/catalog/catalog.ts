import { CwfError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson } from '../../base/json-text.ts';
import * as data from './data/default.ts';

/** One input of a node class. `type` is ComfyUI's type name, `COMBO` for every list of options. */
export interface InputDefinition {
  readonly name: string;
  readonly section: 'required' | 'optional' | 'hidden';
  readonly type: string;
  /** As the server gives them: default, min, max, step, options, files, forceInput, template ... */
  readonly options: { readonly [key: string]: Json };
  /** Whether the engine gives a combo's options as its type, as V1 does, and does not call it `COMBO`. */
  readonly listed?: true;
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
  /** The names of all classes by UTF-16 code unit, known without reading any of them. */
  classes(): readonly string[];
  toJson(): Json;
}

/** Where a catalog has its JSON from: whole, and the form of one class without reading the others. */
interface Source {
  all(): Json;
  names(): readonly string[];
  one(classType: string): Json | undefined;
}

class LoadedCatalog implements Catalog {
  readonly hash: string;
  readonly engine: string;
  private readonly source: Source;
  private json: Json | undefined;
  private names: readonly string[] | undefined;
  private readonly nodes = new Map<string, NodeDefinition | undefined>();

  constructor(hash: string, engine: string, source: Source) {
    this.hash = hash;
    this.engine = engine;
    this.source = source;
  }

  node(classType: string): NodeDefinition | undefined {
    if (this.nodes.has(classType)) return this.nodes.get(classType);
    const json = this.source.one(classType);
    const found = json === undefined ? undefined : readNode(json);
    this.nodes.set(classType, found);
    return found;
  }

  classes(): readonly string[] {
    this.names ??= [...this.source.names()].sort();
    return this.names;
  }

  toJson(): Json {
    this.json ??= this.source.all();
    return this.json;
  }
}

/** A catalog from its own JSON form `{engine, nodes}`; throws CATALOG_INVALID. */
export function catalogFromJson(json: Json): Catalog {
  if (!isObject(json) || typeof json.engine !== 'string' || !isObject(json.nodes)) {
    throw new CwfError('CATALOG_INVALID', { reason: 'it has no engine or no nodes' });
  }
  const nodes = json.nodes;
  return new LoadedCatalog(sha256(canonicalJson(json)), json.engine, {
    all: () => json,
    names: () => Object.keys(nodes),
    one: (classType) => (Object.hasOwn(nodes, classType) ? nodes[classType] : undefined),
  });
}

const EMPTY_JSON: Json = { engine: 'none', nodes: {} };

let shipped: Catalog | undefined;

/** The catalog cwf works with unless told otherwise: that of the newest engine it ships. */
export function defaultCatalog(): Catalog {
  shipped ??= shippedCatalog(data);
  return shipped;
}

/** A shipped catalog as scripts/build-catalog.mjs writes it. */
export interface ShippedData {
  readonly ENGINE: string;
  readonly HASH: string;
  readonly TEXT: string;
}

/** A catalog of shipped data; its text is looked at when the first class is asked for, and read class by class. */
export function shippedCatalog(shippedData: ShippedData): Catalog {
  return new LoadedCatalog(shippedData.HASH, shippedData.ENGINE, shippedSource(shippedData));
}

/** One line a class, `"name":{...}`: reading them all strictly takes 100 times as long as finding the lines. */
function shippedSource(shippedData: ShippedData): Source {
  let lines: Map<string, string> | undefined;
  const byName = () => {
    lines ??= new Map(shippedData.TEXT.split('\n').map((line) => [line.slice(1, line.indexOf('":')), line]));
    return lines;
  };
  const read = (text: string) =>
    parseJson(text, { source: 'the shipped catalog', maxBytes: Number.MAX_SAFE_INTEGER }) as JsonObject;
  return {
    all: () => read(`{"engine":"${shippedData.ENGINE}","nodes":{${shippedData.TEXT.replaceAll('\n', ',')}}}`),
    names: () => [...byName().keys()],
    one: (classType) => {
      const line = byName().get(classType);
      return line === undefined ? undefined : read(`{${line}}`)[classType];
    },
  };
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
  classes: () => [],
  toJson: () => EMPTY_JSON,
};

/** JSON form of a class: `{in: [[name, section, type, options, listed]...], out: [[name, type, isList]...], flags}`. */
function readNode(json: Json): NodeDefinition {
  const node = json as { in?: Json[][]; out?: Json[][]; flags?: string[] };
  return {
    inputs: (node.in ?? []).map(([name, section, type, options, listed]) => ({
      name: name as string,
      section: section as InputDefinition['section'],
      type: type as string,
      options: (options ?? {}) as JsonObject,
      ...(listed === true ? { listed } : {}),
    })),
    outputs: (node.out ?? []).map(([name, type, isList]) => ({
      name: String(name),
      type: type!,
      isList: isList === true,
    })),
    flags: node.flags ?? [],
  };
}
