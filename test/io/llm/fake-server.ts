import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that reached the server. */
export interface Asked {
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Record<string, unknown>;
}

/** What the server does with a request; the last one of a list is used for all that follow. */
export type Behaviour = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** A server on the loopback address that speaks as an OpenAI-compatible one, or as badly as a test wants. */
export interface FakeServer {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export async function fakeServer(...behaviours: readonly Behaviour[]): Promise<FakeServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = { path: request.url!, method: request.method!, headers: request.headers, body: await bodyOf(request) };
    asked.push(one);
    await behaviours[Math.min(asked.length, behaviours.length) - 1]!(response, one);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** An answer of the API with this text. */
export function answers(text: string | ((asked: Asked) => string), more: Record<string, unknown> = {}): Behaviour {
  return (response, asked) =>
    sendJson(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'fake-1',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: typeof text === 'string' ? text : text(asked) },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
      ...more,
    });
}

/** An error in the words of the API. */
export function fails(
  status: number,
  error: Record<string, unknown> = { message: 'no' },
  headers: Record<string, string> = {},
): Behaviour {
  return (response) => sendJson(response, status, { error }, headers);
}

/** Any other body. */
export function sends(body: string, type = 'application/json', status = 200): Behaviour {
  return (response) => void response.writeHead(status, { 'content-type': type }).end(body);
}

/** Sends without an end, as fast as it is read or one piece every `everyMs`. */
export function streams(piece: string, everyMs = 0, type = 'application/json'): Behaviour {
  return async (response) => {
    response.writeHead(200, { 'content-type': type });
    while (!response.destroyed) {
      response.write(piece);
      await new Promise((next) => setTimeout(next, everyMs));
    }
  };
}

/** Never answers. */
export const hangs: Behaviour = () => {};

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
