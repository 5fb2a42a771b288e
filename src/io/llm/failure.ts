import type { APIError } from 'openai';
import { CwfError, isCwfError } from '../../base/errors.ts';
import { visibleText } from '../../base/visible-text.ts';

/** What went wrong with one HTTP request. */
export interface Failure {
  /** HTTP status; 0 when there was no answer at all, or none that could be read. */
  readonly status: number;
  /** What the server or the system says of it. Text of a stranger: shown only through `failureOf`. */
  readonly reason: string;
  /** Whether asking again may help. */
  readonly isPassing: boolean;
  /** How long the server asks to wait. Milliseconds. */
  readonly retryAfterMs?: number;
  readonly error: unknown;
}

/** What an error is told about: never the key, of which `failureOf` takes out every copy. */
interface Endpoint {
  readonly url: string;
  readonly key?: string;
  readonly timeout_s: number;
}

const MAX_REASON = 200;

/** Sorts what the package threw. */
export function readFailure(error: unknown, ApiError: typeof APIError, isLate: boolean): Failure {
  const cause = isCwfError(error) ? error : (error as { cause?: unknown })?.cause;
  if (isCwfError(cause)) return { status: 0, reason: cause.message, isPassing: false, error: cause };
  if (isLate) return { status: 0, reason: 'no answer in time', isPassing: false, error };
  if (error instanceof ApiError && typeof error.status === 'number') {
    const { status } = error;
    const isSpent = error.code === 'insufficient_quota';
    const isPassing = (status === 408 || status === 429 || status >= 500) && !isSpent;
    const retryAfterMs = readRetryAfter(error.headers?.get('retry-after'));
    const reason = `${error.message} ${error.param ?? ''}`.trim();
    return { status, reason, isPassing, error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (error instanceof ApiError) return { status: 0, reason: rootOf(error), isPassing: true, error };
  if (error instanceof SyntaxError) {
    return {
      status: 0,
      reason: '',
      isPassing: false,
      error: new CwfError('LLM_ANSWER_INVALID', { reason: 'no JSON' }),
    };
  }
  return { status: 0, reason: String((error as Error)?.message ?? error), isPassing: false, error };
}

/** The typed error of a failure. */
export function failureOf({ status, reason, error }: Failure, endpoint: Endpoint): CwfError {
  const { host } = new URL(endpoint.url);
  if (isCwfError(error)) return error.data.host ? error : new CwfError(error.code, { ...error.data, host });
  const facts = { host, status, reason: shown(reason, endpoint.key) };
  if (status === 401 || status === 403) return new CwfError('LLM_DENIED', { host, status });
  if (status === 429 || status === 402) return new CwfError('LLM_RATE_LIMITED', facts);
  if (status === 0 || status === 408 || status >= 500) return new CwfError('LLM_UNREACHABLE', facts);
  return new CwfError('LLM_REFUSED', facts);
}

/** A stranger's text as an error may hold it: short, on one line, without the key that some servers repeat. */
function shown(text: string, key: string | undefined): string {
  const clean = key === undefined || key === '' ? text : text.replaceAll(key, '***');
  const line = visibleText(clean.replace(/\s+/g, ' ').slice(0, MAX_REASON + 1));
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON - 3)}...` : line;
}

/** The innermost cause: `connect ECONNREFUSED 127.0.0.1:9`, not `Connection error.`. */
function rootOf(error: Error): string {
  let root: Error & { code?: string } = error;
  while (root.cause instanceof Error) root = root.cause;
  return root.message || root.code || error.message;
}

/** `Retry-After` in seconds; a date, which would need a clock both sides agree on, is left aside. */
function readRetryAfter(header: string | null | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,9}(\.\d+)?$/.test(header.trim())) return undefined;
  return Number(header) * 1000;
}
