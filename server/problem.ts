import { CwfError, isCwfError } from '../src/base/errors.ts';
import { jsonText } from '../src/base/json-out.ts';

/** Seconds after which it makes sense to try again. */
const RETRY = 1;

/** An error as an answer. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Anything thrown as the error it is told as: what is none of ours is a bug, and never says more than that. */
export function errorOf(thrown: unknown): CwfError {
  return isCwfError(thrown)
    ? thrown
    : new CwfError('BUG', { what: 'the server failed at this request' }, { cause: thrown });
}

/** An error as problem details (RFC 9457): what `--json` says, with the status; never a stack. [SV-26] */
export function problemOf(thrown: unknown): Problem {
  const error = errorOf(thrown);
  const { code, kind, exit, hint, message: detail, data: details, http: status } = error;
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="cwf"';
  if (status === 429 || status === 503) headers['retry-after'] = String(details['seconds'] ?? RETRY);
  if (typeof details['allow'] === 'string') headers['allow'] = details['allow'];
  // The rest of a body that nobody reads would be taken for the next request.
  if (status === 413) headers['connection'] = 'close';
  const body = { type: `urn:cwf:${code}`, title: titleOf(code), status, detail, code, kind, exit, hint, details };
  return { status, headers, body: jsonText(body, 0) };
}

/** `HEAD_MOVED` in words: the same for every error of a code. */
function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}

/** A bug for whoever watches the server, in a line; of a failed system call its code alone, since it names what was asked. */
export function bugLine(thrown: unknown): string {
  const cause = isCwfError(thrown) ? (thrown.cause ?? thrown) : thrown;
  const { code, syscall, message = String(cause) } = cause as NodeJS.ErrnoException;
  return (syscall === undefined ? message : `${syscall} failed with ${code}`).slice(0, 300);
}
