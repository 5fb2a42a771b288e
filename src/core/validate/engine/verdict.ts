import type { Json } from '../../../base/json.ts';

/** One error as the server words it. `extra_info` is without the definition of the input, which the catalog has. */
export interface EngineError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: { readonly [key: string]: Json };
}

/** What the server says of one node. */
export interface NodeErrors {
  readonly errors: readonly EngineError[];
  /** Output nodes that failed once this was known, at most 1,000 of them. */
  readonly dependent_outputs: readonly string[];
  readonly class_type: string;
}

/** The answer of `POST /prompt`; nodes may stand in `node_errors` of an answer 200, then other outputs would run. */
export interface EngineVerdict {
  readonly status: 200 | 400 | 500;
  readonly error: EngineError | null;
  readonly node_errors: { readonly [id: string]: NodeErrors };
  /** With 500, where the server sends no JSON: what its code raised. */
  readonly exception?: { readonly type: string; readonly message: string };
}

/** One error of the server. */
export function engineError(
  type: string,
  message: string,
  details: string,
  extra_info: EngineError['extra_info'] = {},
): EngineError {
  return { type, message, details, extra_info };
}
