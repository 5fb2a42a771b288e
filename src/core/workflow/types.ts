import type { Json } from '../../base/json.ts';

/** A node's id as text: decimal for integer ids, verbatim otherwise. */
export type NodeId = string;

/** Where a link comes from. `slot` is an output index; for a subgraph's own input it is that input's id (uuid). */
export interface LinkSource {
  readonly from: NodeId;
  readonly slot: number | string;
}

/**
 * One node in keyed form. Graph part: class_type, mode, widgets, links, positional. Everything else a file says
 * about it (position, size, sockets, colours, properties, unknown keys) lies in `ui`: carried, never interpreted.
 */
export interface WorkflowNode {
  readonly class_type: string;
  /** ComfyUI's mode (2 = mute, 4 = bypass); absent when 0. */
  readonly mode?: number;
  /** Widget values by name; `#<position>` where no name is known. */
  readonly widgets: Readonly<Record<string, Json>>;
  /** Incoming links by input name: atomic values. */
  readonly links: Readonly<Record<string, LinkSource>>;
  /** UI only: what the positional copy says where it disagrees with the named copy, by widget name. */
  readonly positional?: Readonly<Record<string, Json>>;
  readonly ui: Readonly<Record<string, Json>>;
}

/** Nodes of one scope (root or a subgraph definition), by id. */
export interface Scope {
  readonly nodes: Readonly<Record<NodeId, WorkflowNode>>;
}

/** A slot of a subgraph's interface. Outputs hold the link that feeds them. */
export interface InterfaceSlot {
  readonly name: string;
  readonly type: Json;
  readonly link?: LinkSource;
  readonly ui: Readonly<Record<string, Json>>;
}

/** One subgraph definition. Inputs and outputs are keyed by their own id; the `_order` lists give the slot order. */
export interface Subgraph extends Scope {
  readonly name: string;
  readonly inputs: Readonly<Record<string, InterfaceSlot>>;
  readonly input_order: readonly string[];
  readonly outputs: Readonly<Record<string, InterfaceSlot>>;
  readonly output_order: readonly string[];
  readonly ui: Readonly<Record<string, Json>>;
}

/** The document, API or UI format, in keyed form: plain JSON, so that RFC 6902 patches apply to it as it is. */
export interface Workflow extends Scope {
  readonly format: 'api' | 'ui';
  /** UI only: subgraph definitions by uuid. */
  readonly subgraphs: Readonly<Record<string, Subgraph>>;
  readonly ui: Readonly<Record<string, Json>>;
}
