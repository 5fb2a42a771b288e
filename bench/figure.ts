/** One measured number and what it is held against. */
export interface Figure {
  readonly suite: string;
  readonly name: string;
  readonly value: number;
  /** `ms over node`, `ratio`, ... */
  readonly unit: string;
  /** What was measured beside it, in the same run. */
  readonly against: string;
  /** The value must not be above this; null where the figure only informs. */
  readonly bar: number | null;
  readonly ok: boolean;
  /** What else is known of it, for --json. */
  readonly detail?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** What the command line says of how much is measured; each suite reads what it knows. */
export interface BenchOptions {
  readonly problems?: string;
  readonly seeds?: number;
  readonly firstSeed?: number;
  readonly arms?: readonly string[];
  readonly isFast: boolean;
}

/** What a suite works with. */
export interface BenchContext {
  /** Folder of the project, built. */
  readonly root: string;
  readonly options: BenchOptions;
  /** Makes an empty temporary folder, removed at the end. */
  temp(): string;
  /** Progress, on stderr. */
  note(line: string): void;
}

/** A file of bench/suites: its figures, measured when called. */
export interface Suite {
  figures(ctx: BenchContext): Promise<Figure[]>;
}

/** Makes a figure; `ok` is whether the value keeps its bar. */
export function figure(given: Omit<Figure, 'ok'>): Figure {
  const value = Number(given.value.toPrecision(4));
  return { ...given, value, ok: given.bar === null || value <= given.bar };
}
