/** What a parameter may be set to: numbers for float, int and ordinal ones, any of the three for a categorical one. */
export type ParamValue = string | number | boolean;

/** When a parameter is there at all: the parent has one of the values. A parent stands before its children. */
export interface Condition {
  readonly parent: string;
  readonly values: readonly ParamValue[];
}

interface Named {
  readonly name: string;
  /** All must hold; without any the parameter is always active. */
  readonly when?: readonly Condition[];
}

/** A number from `low` to `high`, both included; with a `step` only `low + k·step`. */
export interface FloatParameter extends Named {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  /** Equal ratios are equally far apart; `low` is above 0 then. */
  readonly log?: boolean;
}

/** A whole number from `low` to `high`, both included; with a `step` only `low + k·step`. */
export interface IntParameter extends Named {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  readonly log?: boolean;
}

/** One of a few values in an order that means something: neighbours are alike. */
export interface OrdinalParameter extends Named {
  readonly kind: 'ordinal';
  readonly choices: readonly ParamValue[];
}

/** One of a few values without an order. */
export interface CategoricalParameter extends Named {
  readonly kind: 'categorical';
  readonly choices: readonly ParamValue[];
}

/** One dimension of a search, in Optuna's terms a name with its distribution. */
export type Parameter = FloatParameter | IntParameter | OrdinalParameter | CategoricalParameter;

/** What is searched. Names are unique. */
export interface Space {
  readonly parameters: readonly Parameter[];
}

/** A point: a value for each active parameter, and for no other. */
export type Params = Readonly<Record<string, ParamValue>>;
