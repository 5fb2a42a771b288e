import type { Json, JsonObject } from '../../base/json.ts';
import type { LinkSource, NodeId } from '../workflow/types.ts';

/**
 * A workflow as ComfyUI's page holds it once the file is loaded: what is needed to say what the page would send, and
 * no more. Values are filled in while the page is set up and stay as they are afterwards.
 */
export interface Page {
  readonly root: PageScope;
  /** Subgraph definitions by id, in the order in which they are set up: none before one that stands inside it. */
  readonly definitions: ReadonlyMap<string, PageScope>;
}

/** The nodes of one scope, and its own slots where it is a subgraph definition. */
export interface PageScope {
  /** Id of the definition; undefined for the root. */
  readonly id: string | undefined;
  readonly name: string;
  readonly nodes: ReadonlyMap<NodeId, PageNode>;
  readonly inputs: PageSlot[];
  readonly outputs: readonly PageOutputSlot[];
}

/** An input slot of a definition: the inputs inside that it feeds, in the order of their links. */
export interface PageSlot {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly targets: { readonly node: NodeId; readonly input: PageInput }[];
}

/** An output slot of a definition, and the link that feeds it. */
export interface PageOutputSlot {
  readonly name: string;
  readonly type: string;
  readonly link: LinkSource | undefined;
}

/**
 * What a node is to the page: `real` nodes are sent; an `instance` stands for the nodes of its definition; a `reroute`
 * passes its input on; a `getter` gives what the `setter` of its name takes; a `primitive` gives its value to the
 * widgets it is linked to; a `note` is only looked at.
 */
export type PageRole = 'real' | 'instance' | 'reroute' | 'setter' | 'getter' | 'primitive' | 'note';

/** One node. Inputs and widgets are in the order in which the page has them, which bypassing and old files depend on. */
export interface PageNode {
  readonly id: NodeId;
  readonly role: PageRole;
  readonly classType: string;
  readonly mode: number;
  readonly title: string;
  readonly properties: Readonly<JsonObject>;
  inputs: PageInput[];
  readonly outputs: readonly { readonly type: string }[];
  widgets: PageWidget[];
}

/** An input socket. `widget` names the widget it belongs to. */
export interface PageInput {
  readonly name: string;
  type: string;
  widget: string | undefined;
  link: LinkSource | undefined;
}

/** A widget: what it is called, of which type it is, and what it holds. */
export interface PageWidget {
  readonly name: string;
  /** Type of its input definition: INT, COMBO, STRING ... */
  readonly kind: string;
  /** Options of its input definition. */
  readonly options: Readonly<JsonObject>;
  /** Whether it has a place in `widgets_values`. */
  readonly saved: boolean;
  /** Whether it goes into the prompt. */
  readonly sent: boolean;
  value: Json | undefined;
  /** Whether the file has a value for it; else it holds its default. */
  given?: boolean;
  /** The primitive that gave it its value. */
  giver?: PageNode;
}

/** Instances inside instances: the page follows no more. [LIM] */
export const MOST_NESTED = 100;
export const MUTED = 2;
export const BYPASSED = 4;

/** The type of a slot as text; a slot without one takes anything. */
export function slotType(type: Json | undefined): string {
  if (typeof type === 'string') return type;
  return typeof type === 'number' && type !== 0 ? String(type) : '*';
}

/** The widget that belongs to an input, as the page finds it: by the name the socket gives. */
export function widgetOf(node: PageNode, input: PageInput): PageWidget | undefined {
  return input.widget === undefined ? undefined : node.widgets.find(({ name }) => name === input.widget);
}
