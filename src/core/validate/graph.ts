import { isObject, type Json } from '../../base/json.ts';
import type { Catalog, NodeDefinition } from '../catalog/catalog.ts';
import type { FileLists } from '../catalog/check-value.ts';
import { type DeclaredInputs, declaredInputs } from '../catalog/declared-inputs.ts';
import type { Conversion } from '../convert/convert.ts';
import type { Lost } from '../convert/origins.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { linkOf } from '../workflow/read-api.ts';
import type { NodePlace } from '../workflow/scopes.ts';
import type { Workflow } from '../workflow/types.ts';

/** What an input of a prompt holds. `list`: a list that is no link, though lists stand for links in prompts. */
export type GraphInput =
  | { readonly kind: 'value'; readonly value: Json; readonly at?: InputPlace }
  | { readonly kind: 'link'; readonly from: string; readonly slot: number }
  | { readonly kind: 'list'; readonly value: readonly Json[] };

/** One node that the server is sent, and where it stands in the document. */
export interface GraphNode {
  readonly id: string;
  readonly place: NodePlace;
  readonly classType: string;
  /** Undefined where the catalog does not know the class: its outputs fit anything. */
  readonly definition: NodeDefinition | undefined;
  /** The inputs its class gives it, with the keys that its dynamic combos hold. */
  readonly declared: DeclaredInputs | undefined;
  readonly inputs: ReadonlyMap<string, GraphInput>;
  /** Inputs of which the document says nothing, so that the page sends their default. */
  readonly defaulted: ReadonlySet<string>;
  /** Inputs that are linked in the document and get nothing. */
  readonly lost: ReadonlyMap<string, Lost>;
  readonly hasMeta: boolean;
}

/** What the server is sent, subgraphs expanded, and what it is judged by. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly catalog: Catalog;
  readonly files: FileLists | undefined;
}

const NOTHING_LOST: ReadonlyMap<string, Lost> = new Map();
const NONE_DEFAULTED: ReadonlySet<string> = new Set();

/** The graph of an API document: its nodes as they are. */
export function graphOfApi(workflow: Workflow, catalog: Catalog, files: FileLists | undefined): Graph {
  const nodes = new Map<string, GraphNode>();
  for (const [id, { class_type, widgets, links, ui }] of Object.entries(workflow.nodes)) {
    const inputs = new Map<string, GraphInput>();
    for (const [name, value] of Object.entries(widgets)) {
      inputs.set(name, Array.isArray(value) ? { kind: 'list', value } : { kind: 'value', value });
    }
    for (const [name, { from, slot }] of Object.entries(links)) {
      inputs.set(name, typeof slot === 'number' ? { kind: 'link', from, slot } : { kind: 'list', value: [from, slot] });
    }
    const origin = { place: { node: id }, defaulted: NONE_DEFAULTED, lost: NOTHING_LOST };
    nodes.set(id, graphNode(id, origin, class_type, inputs, catalog, ui.meta !== undefined));
  }
  return { nodes, catalog, files };
}

/** The graph of a UI document: the prompt that ComfyUI's page makes of it. */
export function graphOfPrompt({ prompt, origins }: Conversion, catalog: Catalog, files: FileLists | undefined): Graph {
  const nodes = new Map<string, GraphNode>();
  for (const [id, { class_type, inputs: sent }] of Object.entries(prompt)) {
    const { place, values, defaulted, lost } = origins.get(id)!;
    const inputs = new Map<string, GraphInput>();
    for (const [name, value] of Object.entries(sent)) {
      const link = linkOf(value);
      const at = values.get(name);
      if (link) inputs.set(name, { kind: 'link', from: link.from, slot: Number(link.slot) });
      else if (Array.isArray(value)) inputs.set(name, { kind: 'list', value });
      else inputs.set(name, { kind: 'value', value, ...(at ? { at } : {}) });
    }
    nodes.set(id, graphNode(id, { place, defaulted, lost }, class_type, inputs, catalog, true));
  }
  return { nodes, catalog, files };
}

/** The value inside the wrapper in which a prompt holds lists (`{__value__: [...]}`); any other value as it is. */
export function unwrapped(value: Json): Json {
  return isObject(value) && Object.hasOwn(value, '__value__') ? value.__value__! : value;
}

function graphNode(
  id: string,
  origin: Pick<GraphNode, 'place' | 'defaulted' | 'lost'>,
  classType: string,
  inputs: ReadonlyMap<string, GraphInput>,
  catalog: Catalog,
  hasMeta: boolean,
): GraphNode {
  const definition = classType === '' ? undefined : catalog.node(classType);
  const held = (name: string): Json | undefined => {
    const input = inputs.get(name);
    return input?.kind === 'value' ? unwrapped(input.value) : undefined;
  };
  const declared = definition && declaredInputs(definition, held);
  return { id, ...origin, classType, definition, declared, inputs, hasMeta };
}
