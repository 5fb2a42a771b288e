import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CwfError } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import { parseJson } from '../../../base/json-parse.ts';
import { orderedJson } from '../../../base/json-text.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import type { Folders } from './operation.ts';
import { MOST_BODY } from './server/features.ts';
import { type FileAnswer, upload, view } from './server/files.ts';
import { Jobs } from './server/jobs.ts';
import { type PromptRequest, route, type Verdict, type World } from './server/routes.ts';
import { Sockets } from './server/sockets.ts';
import { EngineThread } from './thread.ts';

/** What a server is made of. */
export interface ServeOptions {
  readonly catalog: Catalog;
  readonly folders: Folders;
  /** The built file of the engine's thread. */
  readonly workerFile: string;
  /** 0 for any free one. */
  readonly port: number;
  /** ComfyUI's validation of a prompt. */
  validate(request: PromptRequest): Verdict;
}

/** A server that runs. */
export interface EngineServer {
  readonly port: number;
  close(): Promise<void>;
}

const TROUBLE = '500 Internal Server Error\n\nServer got itself in trouble';
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Serves the embedded engine on 127.0.0.1 in the protocol of a ComfyUI server: the routes that a client needs, with and
 * without `/api`, and the socket `/ws`. Other hosts and pages of other origins are refused. Throws ENGINE_PORT where the
 * port is taken.
 */
export async function serveEngine(options: ServeOptions): Promise<EngineServer> {
  for (const folder of Object.values(options.folders)) mkdirSync(folder, { recursive: true });
  const { WebSocketServer } = await import('ws');
  const engine = new EngineThread(options.workerFile);
  const sockets = new Sockets();
  const statusOf = (remaining: number) => ({ status: { exec_info: { queue_remaining: remaining } } });
  const jobs = new Jobs(engine, options.folders, {
    message: (message, client) => sockets.send(message, client),
    status: (remaining) => sockets.send({ kind: 'json', type: 'status', data: statusOf(remaining) }),
    takesMetadata: (client) => sockets.takesMetadata(client),
  });
  let number = 0;
  const world: World = {
    catalog: options.catalog,
    folders: options.folders,
    jobs,
    validate: (request) => options.validate(request),
    nextNumber: () => number++,
  };
  const server = createServer((request, response) => {
    answer(world, request, response).catch(() => plain(response, 500, TROUBLE));
  });
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!isAllowed(request) || !/^(\/api)?\/ws$/.test(url.pathname)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (opened) => {
      sockets.add(opened, url.searchParams.get('clientId'), statusOf(jobs.remaining));
    });
  });
  const port = await listen(server, options.port);
  return {
    port,
    async close() {
      jobs.close();
      sockets.closeAll();
      upgrades.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new CwfError('ENGINE_PORT', { port, reason: cause.message }, { cause })));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Only this machine by its own names, and no page of another origin: there is no other protection. */
function isAllowed({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? '';
  if (!LOOPBACK.has(host.replace(/:\d+$/, ''))) return false;
  if (headers['sec-fetch-site'] === 'cross-site') return false;
  return headers.origin === undefined || headers.origin === `http://${host}`;
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isAllowed(request)) return plain(response, 403, '403: Forbidden');
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = decoded(url.pathname.replace(/^\/api(?=\/)/, ''));
  // An answer to HEAD is one to GET, without its body.
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  // The jobs stand below /api only.
  const isHidden = path?.startsWith('/jobs') && !url.pathname.startsWith('/api/');
  if (path === undefined || isHidden) return plain(response, path === undefined ? 400 : 404, '');
  if (method === 'GET' && path === '/view') return file(response, await view(world.folders, url.searchParams));
  const body = method === 'POST' ? await bodyOf(request) : undefined;
  if (body === 'too large') return plain(response, 413, '413: Request Entity Too Large');
  if (method === 'POST' && path === '/upload/image') {
    const form = await formOf(request, body!);
    const stored = form && (await upload(world.folders, form));
    return stored ? json(response, 200, { ...stored }) : plain(response, 400, '');
  }
  let posted: Json | undefined;
  try {
    posted =
      body === undefined || body.length === 0 ? undefined : parseJson(body, { source: 'body', maxBytes: MOST_BODY });
  } catch (error) {
    if (!(error instanceof CwfError)) throw error;
    return plain(response, 500, TROUBLE);
  }
  const found = route(world, method, path, url.searchParams, posted);
  if (found === undefined) return plain(response, 404, '404: Not Found');
  if (found.json !== undefined) return json(response, found.status, found.json);
  plain(response, found.status, found.status === 500 ? TROUBLE : '');
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | 'too large'> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > MOST_BODY) return 'too large';
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

async function formOf(request: IncomingMessage, body: Buffer): Promise<FormData | undefined> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return undefined;
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => undefined);
}

function json(response: ServerResponse, status: number, value: Json): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(orderedJson(value));
}

function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, text === '' ? {} : { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

function file(response: ServerResponse, { status, type, name, body }: FileAnswer): void {
  if (body === undefined) {
    plain(response, status, '');
    return;
  }
  const kind = type === 'application/octet-stream' ? 'attachment; ' : '';
  response.writeHead(status, {
    'Content-Type': type!,
    'Content-Disposition': `${kind}filename="${encodeURI(name!)}"`,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
