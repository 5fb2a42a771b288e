import type { Json } from '../../../base/json.ts';
import type { DetectedModel, Distilled } from '../../../core/families/detect.ts';
import type { InputPlace } from '../../../core/workflow/effective.ts';
import type { Condition, Parameter, ParamValue, Space } from '../space.ts';
import type { Grid } from './bounds.ts';

/** What an input means to the result; `image`: a setting of a filter or another step that needs no model. */
export type Meaning =
  | 'steps'
  | 'cfg'
  | 'guidance'
  | 'sampler'
  | 'scheduler'
  | 'denoise'
  | 'shift'
  | 'split'
  | 'size'
  | 'scale'
  | 'frames'
  | 'tile'
  | 'lora'
  | 'control'
  | 'image'
  | 'switch'
  | 'seed'
  | 'other';

/** How the value of a parameter becomes the value of one input. */
export type Write =
  | { readonly as: 'value' }
  /** One side of a size such as `832x480`. */
  | { readonly as: 'width' | 'height' }
  /** A step number: the value is a share of the steps, which are those of another parameter, or fixed. */
  | { readonly as: 'share'; readonly of: string | undefined; readonly steps: number };

/** A widget that a parameter is written to, and the inputs that take their value from it. */
export interface Target {
  readonly place: InputPlace;
  readonly write: Write;
  /** What stood there when it was found, to the last digit. */
  readonly held: Json;
  /** Written values are moved to these: `low + k · step`; absent for texts and booleans. */
  readonly grid?: Grid;
}

/** A parameter of a workflow: where it lives, what it is now, and why it is searched as it is. */
export interface Tunable {
  readonly parameter: Parameter;
  readonly meaning: Meaning;
  readonly current: ParamValue;
  readonly targets: readonly Target[];
  /** The inputs that read it, in the words of the file. */
  readonly readers: readonly InputPlace[];
  /** Where the range comes from. */
  readonly why: string;
}

/** A value that was found and is not searched. */
export interface Held {
  readonly name: string;
  readonly meaning: Meaning;
  readonly current: ParamValue | bigint;
  readonly targets: readonly Target[];
  readonly readers: readonly InputPlace[];
  readonly why: string;
  /** Where it counts at all, as of a parameter. */
  readonly when?: readonly Condition[];
}

/** A model that samplers of the workflow use. */
export interface FoundModel {
  /** Its nearest file; absent where no loader was found. */
  readonly file?: string;
  readonly detected?: DetectedModel;
  readonly distilled?: Distilled;
}

/** A node whose class is not known, or which a company runs for money. */
export interface NamedNode {
  readonly scope?: string;
  readonly node: string;
  readonly class_type: string;
}

/** All that can be varied in a workflow. */
export interface Tunables {
  readonly space: Space;
  readonly tunables: readonly Tunable[];
  readonly held: readonly Held[];
  readonly models: readonly FoundModel[];
  /** Nodes that run on somebody's servers, for money, in every trial. */
  readonly hosted: readonly NamedNode[];
  /** Nodes of classes that the catalog does not know: nobody can say what they cost. */
  readonly unknown: readonly NamedNode[];
}
