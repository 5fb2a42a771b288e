import { CwfError } from '../../base/errors.ts';

/** Bytes of one answer: 32,768 tokens with their JSON around them are a quarter of it. */
const MAX_BYTES = 1024 * 1024;
/** All that a server is told about us; packages add more, some of it from environment variables. */
const SENT = ['accept', 'authorization', 'content-type'];
/** All of an answer's head that anything looks at. */
const READ = ['content-type', 'retry-after'];
/** Statuses with which no body may stand. */
const NO_BODY = [204, 205, 304];

/**
 * `fetch` with the whole answer read, up to 1 MiB: time limits cover the body, and an endless one is cut off. It follows
 * no redirection, since a question and its key are meant for one server. Throws LLM_ANSWER_INVALID.
 */
export async function boundedFetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const host = new URL(url instanceof Request ? url.url : url).host;
  const response = await fetch(url, { ...init, headers: only(new Headers(init.headers), SENT), redirect: 'manual' });
  if (response.status >= 300 && response.status < 400 && response.status !== 304) {
    await response.body?.cancel();
    throw new CwfError('LLM_ANSWER_INVALID', { host, reason: 'it sends us on to another address' });
  }
  const body = await readBody(response, host);
  const { status, statusText } = response;
  const headers = only(response.headers, READ);
  return new Response(NO_BODY.includes(status) ? null : new Uint8Array(body), { status, statusText, headers });
}

async function readBody(response: Response, host: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop closes the connection.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES)
      throw new CwfError('LLM_ANSWER_INVALID', { host, reason: `it is longer than ${MAX_BYTES} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function only(headers: Headers, names: readonly string[]): Headers {
  const kept = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}
