/** What the server says of a request that it does not do (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(typeof body.detail === 'string' ? body.detail : `the server answered ${status}`);
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : '';
    this.hint = typeof body.hint === 'string' ? body.hint : undefined;
    this.details = (body.details ?? {}) as Readonly<Record<string, unknown>>;
  }
}

/** Values of a query; a list is a name that comes more than once, what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** `GET /api/<path>`. Rejects with a Problem; with code `OFFLINE` where the server does not answer at all. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return ask<T>(addressOf(path, query), { signal: signal ?? null });
}

/**
 * `POST /api/<path>`: a change, done at most once however often the network repeats it. `head` is the commit that the page
 * shows: where HEAD has moved meanwhile nothing is done (409).
 */
export async function post<T>(
  path: string,
  body: object = {},
  { head, background }: { readonly head?: string | undefined; readonly background?: boolean } = {},
): Promise<T> {
  return ask<T>(addressOf(path), {
    method: 'POST',
    body: await writeJson(body),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
      ...(head === undefined ? {} : { 'if-match': `"${head}"` }),
      ...(background ? { prefer: 'respond-async' } : {}),
    },
  });
}

/** The address of a route with its query, for links and pictures. */
export function addressOf(path: string, query: Query = {}): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) values.append(name, String(one));
  const text = values.toString();
  return `/api/${path}${text === '' ? '' : `?${text}`}`;
}

async function ask<T>(address: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, {
      code: 'OFFLINE',
      detail: 'the server does not answer',
      hint: 'Is `cwf serve` still running?',
    });
  }
  const text = await answer.text();
  const body = text === '' ? {} : await readJson(text);
  if (!answer.ok) throw new Problem(answer.status, body);
  return body as T;
}

/** Reads JSON with every digit: an integer that a number cannot hold, as seeds are, is a bigint. */
async function readJson(text: string) {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return (await import('../../src/base/json-parse.ts')).parseJson(text);
}

async function writeJson(value: object): Promise<string> {
  const large: unknown[] = [];
  const text = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? large.push(one) : one));
  return large.length > 0 ? (await import('../../src/base/json-out.ts')).jsonText(value as never, 0) : text;
}
