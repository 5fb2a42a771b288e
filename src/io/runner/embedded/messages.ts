import type { Json } from '../../../base/json.ts';

/** A message of the engine to a client, as data: ComfyUI's own names and members. */
export type EngineMessage =
  | { readonly kind: 'json'; readonly type: string; readonly data: { readonly [key: string]: Json } }
  /** A text about a node (binary event 3). */
  | { readonly kind: 'text'; readonly node: string; readonly text: string }
  /** A picture while a node runs (binary events 1 and 4); `metadata` says of which node. */
  | { readonly kind: 'preview'; readonly png: Uint8Array; readonly metadata: { readonly [key: string]: Json } };

/** Takes messages in their order. */
export type Emit = (message: EngineMessage) => void;

/** The messages that a history keeps. */
export type StatusMessage = readonly [type: string, data: { readonly [key: string]: Json }];

/** What a run leaves: how it ended, what its nodes showed, and the messages of its history. */
export interface Outcome {
  readonly status: 'success' | 'error' | 'interrupted';
  readonly outputs: { readonly [node: string]: Json };
  readonly meta: { readonly [node: string]: Json };
  readonly messages: readonly StatusMessage[];
}
