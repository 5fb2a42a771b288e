import type { Value, ValueMap } from './values.ts';

/** What a node was given, by name; a growing input and a dynamic combo as one map each. */
export type Inputs = ValueMap;

/** Folders that nodes read and write, all absolute. */
export interface Folders {
  readonly input: string;
  readonly output: string;
  readonly temp: string;
}

/** What a node may ask of the engine while it runs. */
export interface RunContext {
  readonly folders: Folders;
  readonly nodeId: string;
  /** Texts that a PNG carries: the prompt, and the members of `extra_pnginfo`; each already JSON. */
  readonly pngTexts: readonly (readonly [key: string, json: string])[];
  /** The part of file names that tells the previews of one node from those of others. */
  readonly previewSuffix: string;
  now(): Date;
  /** Tells the client a text about this node. */
  tell(text: string): void;
  /** Tells how far the node is, with a picture. */
  progress(value: number, max: number, png?: Uint8Array): void;
}

/** What a node leaves: one value a slot, and what the client is shown. */
export interface Result {
  readonly outputs: readonly Value[];
  readonly ui?: { readonly [key: string]: readonly Value[] };
}

/** One node class as the embedded engine runs it. Inputs, outputs and flags stand in the catalog. */
export interface Operation {
  readonly classType: string;
  /** The name of the method in ComfyUI, as Python's messages about its arguments give it. */
  readonly method?: string;
  run(inputs: Inputs, context: RunContext): Result | Promise<Result>;
  /** The lazy inputs that are needed, given those that are there; absent ones are null. */
  lazy?(inputs: Inputs): readonly string[];
  /** What else than its inputs decides the result; undefined where that cannot be known. */
  fingerprint?(inputs: Inputs, context: RunContext): Promise<string | undefined>;
}
