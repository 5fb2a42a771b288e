/** Kinds of failure; one exit code and one HTTP status each (docs/errors.md is generated from these tables). */
export const KINDS = {
  failed: { exit: 1, http: 422 },
  usage: { exit: 2, http: 400 },
  invalid: { exit: 3, http: 422 },
  conflict: { exit: 4, http: 409 },
  'not-found': { exit: 5, http: 404 },
  config: { exit: 2, http: 422 },
  'too-large': { exit: 3, http: 413 },
  remote: { exit: 6, http: 502 },
  'run-failed': { exit: 7, http: 502 },
  budget: { exit: 8, http: 402 },
  corrupt: { exit: 9, http: 500 },
  auth: { exit: 10, http: 401 },
  bug: { exit: 70, http: 500 },
} as const;

export type Kind = keyof typeof KINDS;
/** Structured facts of one error: short scalars that the message and hint are made of. */
export type ErrorData = Record<string, string | number | boolean | readonly string[] | undefined>;

/** One row of the table: its kind, its message, and the next step. */
export interface ErrorRow {
  readonly kind: Kind;
  readonly message: (d: Record<string, string>) => string;
  readonly hint: (d: Record<string, string>) => string;
  /** HTTP status, where it is another one than that of the kind. */
  readonly http?: number;
}

/** Makes a row of the table of errors (`errors.ts`). */
export const row = (
  kind: Kind,
  message: ErrorRow['message'],
  hint: ErrorRow['hint'],
  options: Pick<ErrorRow, 'http'> = {},
): ErrorRow => ({ kind, message, hint, ...options });
