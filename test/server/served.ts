import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll } from 'vitest';
import { type Served, type ServeOptions, serve } from '../../server/serve.ts';
import type { Json } from '../../src/base/json.ts';
import { readServer } from '../../src/porcelain/server-file.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { apiGraph } from '../porcelain/samples.ts';
import { ENV, type Temp, tempRepo } from '../porcelain/temp.ts';

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** A server on a repository of its own, with what is needed to talk to it. */
export interface TestServer extends Temp {
  readonly served: Served;
  readonly url: string;
  readonly port: number;
  /** The token of this start. */
  readonly token: string;
  readonly said: readonly string[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Any request with the token of the start, or without it where `headers` say another. */
  ask(path: string, init?: RequestInit): Promise<Answer>;
  /** Sends bytes as they are and reads all that comes until the line is closed. */
  raw(text: string): Promise<string>;
  /** Ends the server and starts another on the same repository. */
  restart(): Promise<TestServer>;
}

// The thread of changes runs what was built.
beforeAll(ensureBuilt);

const open = new Set<Served>();
afterEach(async () => {
  for (const served of open) await served.close?.();
  open.clear();
});

/** Serves a repository with one committed workflow, `ok.json`. */
export async function served(options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const temp = await tempRepo({ 'ok.json': apiGraph() });
  const { commit } = await import('../../src/porcelain/commit.ts');
  await commit.run(temp.ctx, { message: 'first' });
  return serverOn(temp, options);
}

/** Serves a repository that is there. */
export async function serverOn(temp: Temp, options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  const served = await serve({ cwd: temp.dir, env: ENV, version: '0.0.0', port: 0, log, ...options });
  open.add(served);
  const { url } = served;
  const token = readServer(temp.ctx.repo)!.token;
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) };
    return answerOf(await fetch(`${url}${path}`, { redirect: 'manual', ...init, headers }));
  };
  return {
    ...temp,
    served,
    url,
    port: Number(new URL(url).port),
    token,
    said,
    ask,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body = {}, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    raw: (text) => rawExchange(Number(new URL(url).port), text),
    async restart() {
      await served.close!();
      open.delete(served);
      return serverOn(temp, options);
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as Json) : text };
}

async function rawExchange(port: number, text: string): Promise<string> {
  const socket = await openLine(port);
  let heard = '';
  const closed = new Promise<string>((resolve) => {
    socket.on('data', (data) => {
      heard += data.toString('latin1');
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', () => resolve(heard));
  });
  socket.write(text, 'latin1');
  return closed;
}

/** A line to a server, for those who speak no proper HTTP. */
export function openLine(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What a stream told so far, read as the browser's EventSource does. */
export interface Listener {
  readonly events: { readonly id?: string; readonly event: string; readonly data: Record<string, Json> }[];
  /** Resolves when `count` events are there. */
  until(count: number): Promise<void>;
  close(): void;
  readonly ended: Promise<void>;
}

/** Listens to a stream. */
export async function listenTo(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<Listener> {
  const abort = new AbortController();
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${server.token}`, ...headers },
    signal: abort.signal,
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const events: Listener['events'] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const ended = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(part, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop()!;
      for (const one of parts) if (!one.startsWith(':')) events.push(eventOf(one));
      for (const { count, resolve } of waiting) if (events.length >= count) resolve();
    }
  })().catch(() => undefined);
  return {
    events,
    ended,
    until: (count) =>
      events.length >= count ? Promise.resolve() : new Promise((resolve) => void waiting.push({ count, resolve })),
    close: () => abort.abort(),
  };
}

function eventOf(text: string): Listener['events'][number] {
  const fields = Object.fromEntries(text.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))) as Record<
    string,
    string
  >;
  const { id, event = 'message', data = '{}' } = fields;
  return { ...(id === undefined ? {} : { id }), event, data: JSON.parse(data) };
}
