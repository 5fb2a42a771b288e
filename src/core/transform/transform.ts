import { CwfError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { InputPlace } from '../workflow/effective.ts';
import type { NodePlace } from '../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../workflow/types.ts';

/** A value as it was given: JSON, or a text that is read by what the input takes. */
export type Given = { readonly json: Json } | { readonly text: string };

/** An output by the scope and node it belongs to; `slot` is undefined where only the node was named. */
export interface OutputPlace extends NodePlace {
  readonly slot: LinkSource['slot'] | undefined;
}

/** What arguments can be, and what `plan` gets for each. */
interface ArgTypes {
  /** `[<subgraph>/]<node>`: id, title or class. */
  readonly node: NodePlace;
  /** `[<subgraph>/]<node>.<input>`. */
  readonly input: InputPlace;
  /** `[<subgraph>/]<node>.<output>`, by name or number; `[<subgraph>/]<node>` where one fits. */
  readonly output: OutputPlace;
  /** A subgraph by name or uuid. */
  readonly subgraph: string;
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly value: Given;
  /** Values by input name. */
  readonly values: Readonly<Record<string, Given>>;
  /** Texts by name. */
  readonly names: Readonly<Record<string, string>>;
  readonly texts: readonly string[];
}

/** One argument of a transform. Those with `at` may stand as plain words, in that order, the first being 1. */
export interface ArgSpec {
  readonly type: keyof ArgTypes;
  readonly description: string;
  readonly required?: boolean;
  readonly at?: number;
  readonly options?: readonly string[];
  /** Of a flag that is on where it is absent: what it means to switch it off, on a command line with `--no-<name>`. */
  readonly off?: string;
  /** Bounds of a number, both allowed. */
  readonly min?: number;
  readonly max?: number;
}

export type ArgSpecs = Readonly<Record<string, ArgSpec>>;

/** The arguments as `plan` gets them: read, found in the workflow, of the stated type. */
export type Args<S extends ArgSpecs> = {
  readonly [K in keyof S as S[K] extends { required: true } ? K : never]: ArgTypes[S[K]['type']];
} & {
  readonly [K in keyof S as S[K] extends { required: true } ? never : K]?: ArgTypes[S[K]['type']];
};

/** What a transform makes of a workflow; `notes` say in words what it could not keep or what is left to do. */
export interface Planned {
  readonly after: Workflow;
  readonly notes: readonly string[];
}

/** What `plan` works with beside its arguments. */
export interface Setting {
  readonly catalog: Catalog;
  /** Name of the file, for messages. */
  readonly source: string;
}

/** One transform on a workflow: pure, from a workflow that stays as it is to another. */
export interface Transform<S extends ArgSpecs = ArgSpecs> {
  readonly name: string;
  readonly summary: string;
  readonly args: S;
  plan(workflow: Workflow, args: Args<S>, setting: Setting): Planned;
}

/** A transform whose arguments are no longer known. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds many different transforms
export type AnyTransform = Transform<any>;

/** Returns the declaration as it is; gives `plan` the types of its arguments. */
export function defineTransform<const S extends ArgSpecs>(transform: Transform<S>): Transform<S> {
  return transform;
}

/** The error of a transform that this workflow does not allow: why, and what would make it possible. */
export function refuse(transform: string, reason: string, remedy: string): CwfError {
  return new CwfError('TRANSFORM_REFUSED', { transform, reason, remedy });
}

/** One transform with its arguments, as a file of transforms has it. */
export interface TransformCall {
  readonly op: string;
  readonly args: Readonly<JsonObject>;
}
