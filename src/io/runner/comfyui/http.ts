import { CwfError } from '../../../base/errors.ts';
import { isObject, type Json } from '../../../base/json.ts';
import { visibleText } from '../../../base/visible-text.ts';
import { headersOf, routeUrl, type Server } from './address.ts';
import { readServerJson } from './server-json.ts';

/** How much, and for how long, a server is listened to. */
export interface HttpLimits {
  /** Milliseconds for an answer with its whole body. */
  readonly timeout: number;
  /** Bytes of a body, after decompression. */
  readonly mostBytes: number;
}

/** One request. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string>>;
  /** A text is sent as JSON. */
  readonly body?: string | FormData;
  readonly signal?: AbortSignal;
}

/** An answer that has been read whole. */
export interface HttpAnswer {
  readonly status: number;
  /** The content type without parameters, in lower case. */
  readonly type: string;
  readonly bytes: Buffer;
}

const SHOWN = 200;

/** Failures after which a server has certainly not seen the request. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * Asks a server and reads its answer, never more than the limits allow. Throws RUNNER_UNREACHABLE without an answer in
 * time (`sent` tells whether the server may have seen the request), RUNNER_AUTH for 401 and 403, RUNNER_ANSWER for a
 * redirect, which is never followed, and for too long a body.
 */
export async function ask(
  server: Server,
  path: string,
  limits: HttpLimits,
  request: HttpRequest = {},
): Promise<HttpAnswer> {
  const { method = 'GET', body, query, signal } = request;
  const timeout = AbortSignal.timeout(limits.timeout);
  const headers = { ...headersOf(server), ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}) };
  const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const init = {
      method,
      headers,
      signal: both,
      redirect: 'manual' as const,
      ...(body === undefined ? {} : { body }),
    };
    const response = await fetch(routeUrl(server, path, query), init);
    const { status } = response;
    const bytes = await bounded(response, limits.mostBytes, both, (reason) => badAnswer(server, path, reason));
    if (status === 401 || status === 403) throw new CwfError('RUNNER_AUTH', { runner: server.name, path, status });
    if (status >= 300 && status < 400) throw badAnswer(server, path, `it redirects (${status}), which is not followed`);
    return { status, type: (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase(), bytes };
  } catch (error) {
    if (error instanceof CwfError) throw error;
    const reason = timeout.aborted ? `no whole answer in ${limits.timeout} ms` : reasonOf(error);
    const sent = !NOT_SENT.has(codeOf(error));
    const url = server.url.href;
    throw new CwfError('RUNNER_UNREACHABLE', { runner: server.name, url, path, reason, sent }, { cause: error });
  }
}

/** The JSON of an answer with status 200. Throws RUNNER_ANSWER for anything else. */
export function jsonOf(server: Server, path: string, answer: HttpAnswer): Json {
  const { status } = answer;
  if (status !== 200) throw badAnswer(server, path, `status ${status}${saying(answer)}`, status);
  const json = jsonBody(answer);
  if (json === undefined) throw badAnswer(server, path, `no JSON but ${answer.type || 'nothing'}${saying(answer)}`);
  return json;
}

/** The JSON of an answer, whatever its status; undefined where it is none. */
export function jsonBody({ type, bytes }: HttpAnswer): Json | undefined {
  if (!/^application\/(.+\+)?json$/.test(type)) return undefined;
  try {
    return readServerJson(bytes, 'the answer', bytes.length);
  } catch (error) {
    if (error instanceof CwfError) return undefined;
    throw error;
  }
}

/** Asks for JSON. Throws as `ask` and `jsonOf` do. */
export async function askJson(server: Server, path: string, limits: HttpLimits, request?: HttpRequest): Promise<Json> {
  return jsonOf(server, path, await ask(server, path, limits, request));
}

/** As `askJson`, for a JSON object. */
export async function askObject(server: Server, path: string, limits: HttpLimits, request?: HttpRequest) {
  const json = await askJson(server, path, limits, request);
  if (!isObject(json)) throw badAnswer(server, path, 'JSON that is no object');
  return json;
}

/** The error for an answer that cannot be used; `status` where the server said itself that it has none. */
export function badAnswer(server: Server, path: string, reason: string, status?: number): CwfError {
  return new CwfError('RUNNER_ANSWER', { runner: server.name, path, reason, status });
}

/** The beginning of a body, for people. */
export function saying({ bytes }: HttpAnswer): string {
  const text = visibleText(bytes.subarray(0, SHOWN).toString('utf8').trim().replace(/\s+/g, ' '));
  return text === '' ? '' : `: ${text}`;
}

/**
 * The whole body, up to `most` bytes. Nothing is waited for once the signal is aborted or too much came: a body that is
 * being unpacked may never say that it was let go.
 */
async function bounded(
  response: Response,
  most: number,
  signal: AbortSignal,
  fail: (reason: string) => CwfError,
): Promise<Buffer> {
  const tooLong = () => fail(`more than ${most} bytes`);
  const reader = response.body?.getReader();
  if (reader === undefined) return Buffer.alloc(0);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  try {
    signal.throwIfAborted();
    if (Number(response.headers.get('content-length') ?? 0) > most) throw tooLong();
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return Buffer.concat(parts);
      size += value.length;
      if (size > most) throw tooLong();
      parts.push(value);
    }
  } finally {
    // And with the body the connection, where it was not read whole.
    reader.cancel().catch(() => undefined);
  }
}

function reasonOf(error: unknown): string {
  const cause = (error as Error).cause as Error | undefined;
  return visibleText(codeOf(error) || cause?.message || (error as Error).message).slice(0, SHOWN);
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? (typeof code === 'string' ? code : ''));
}
