import { statSync } from 'node:fs';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { CwfError } from '../src/base/errors.ts';
import { type Context, openContext } from '../src/porcelain/context.ts';
import {
  claimServer,
  isServerFileOpen,
  readServer,
  releaseServer,
  type ServerRecord,
  serverFile,
} from '../src/porcelain/server-file.ts';
import { type KeptToken, newToken, openTokenFile, readTokens } from '../src/porcelain/tokens.ts';
import { Access } from './access.ts';
import { makeApp } from './app.ts';
import type { World } from './app-env.ts';
import { Clients } from './broadcast.ts';
import { refusal } from './gate.ts';
import { checkHostName, hostNames, isLoopback, refuseOpen } from './hosts.ts';
import { listen } from './listen.ts';
import { problemOf } from './problem.ts';
import { RepositoryStream } from './repository-stream.ts';
import { isRunning, newLinkOf } from './running-server.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { StudyStreams } from './study-streams.ts';
import { Tasks } from './tasks.ts';
import { Writer } from './writer.ts';

/** What a server serves, and to whom. */
export interface ServeOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly host?: string;
  /** 0 for any free one; not given, as `serve.port` of `.cwfrc` says. */
  readonly port?: number;
  readonly allowHosts?: readonly string[];
  /** Progress and warnings, a line each; never a token, a link or what somebody asked for. */
  readonly log: (line: string) => void;
}

/** A server of this process, or the one that served the folder before. */
export interface Served {
  readonly url: string;
  readonly pid: number;
  /** A link that opens one session. */
  readonly link: string;
  /** Ends the server; undefined for one of another process. */
  readonly close?: () => Promise<void>;
}

const FIRST_PORT = 8190;
/** What is under way when the server ends has so long. */
const CLOSE_MS = 5000;

/**
 * Serves the repository of a folder; where another process does already, that one's address and a new link to it.
 * Throws SERVER_PORT, SERVER_OPEN, SERVER_HOST, and what opening the repository throws. [SV-29]
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { cwd, env, log } = options;
  const found = await openContext({ cwd, env, log });
  // Paths of requests are those of the repository, wherever the server was started.
  const ctx: Context = Object.create(found, { cwd: { value: found.repo.workDir, enumerable: true } });
  const { host = '127.0.0.1', port = ctx.config.serve.port, allowHosts = [] } = options;
  allowHosts.forEach(checkHostName);
  warnOfOpenFiles(ctx);
  refuseOpen(host, allowHosts, readTokens(ctx.repo).length);
  const before = readServer(ctx.repo);
  if (before && (await isRunning(before))) return elsewhere(before);

  const token = newToken();
  const state: { handle: RequestListener } = { handle: (_request, response) => void response.writeHead(503).end() };
  const listening = await listen((request, response) => state.handle(request, response), {
    host,
    first: FIRST_PORT,
    ...(port === null ? {} : { port }),
  });
  const url = urlOf(host, listening.port);
  const record: ServerRecord = { pid: process.pid, url, token, started: ctx.now() };
  const world = makeWorld(ctx, token, listening.port, options.version);
  const close = closer(world, listening.servers, record);
  try {
    await world.writer.start();
    state.handle = await listenerOf(world, hostNames(host, listening.port, allowHosts));
    const other = await claimServer(ctx.repo, record, isRunning);
    if (other) {
      await close();
      return elsewhere(other);
    }
  } catch (error) {
    await close();
    throw error;
  }
  if (!isLoopback(host))
    log(`${host} can be reached from other machines, and nothing is encrypted: put a proxy with TLS before it`);
  return { url, pid: process.pid, link: `${url}/enter?code=${world.access.newLink()}`, close };
}

async function elsewhere(record: ServerRecord): Promise<Served> {
  return { url: record.url, pid: record.pid, link: await newLinkOf(record) };
}

function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === 'localhost' ? '127.0.0.1' : host === '::' ? '[::1]' : host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

function warnOfOpenFiles({ repo, log }: Context): void {
  const open = [openTokenFile(repo), isServerFileOpen(repo) ? serverFile(repo) : undefined];
  for (const path of open)
    if (path !== undefined) log(`warning: others can read ${path}: chmod 600 it, and make the tokens in it anew`);
}

function makeWorld(ctx: Context, token: string, port: number, version: string): World {
  const clients = new Clients(ctx.now);
  const events = new RepositoryStream(ctx, clients);
  return {
    ctx,
    version,
    access: new Access({ token, actor: ctx.actor, tokens: tokenReader(ctx), now: ctx.now }),
    writer: new Writer({ cwd: ctx.cwd, env: { ...ctx.env } }, ctx.log),
    clients,
    events,
    tasks: new Tasks(clients, ctx.now),
    studies: new StudyStreams(ctx, clients, events),
    starts: new Map(),
    cookie: `cwf_${port}`,
  };
}

/** The tokens as the file says now; it is read again when it is another one. */
function tokenReader({ repo }: Context): () => readonly KeptToken[] {
  let seen = '';
  let tokens: readonly KeptToken[] = [];
  return () => {
    const stat = statSync(join(repo.cwfDir, 'tokens.json'), { throwIfNoEntry: false });
    const stamp = stat ? `${stat.ino} ${stat.mtimeMs} ${stat.size}` : '';
    if (stamp !== seen) {
      tokens = readTokens(repo);
      seen = stamp;
    }
    return tokens;
  };
}

async function listenerOf(world: World, hosts: ReadonlySet<string>): Promise<RequestListener> {
  const app = await makeApp(world);
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const refused = refusal(request, hosts);
    if (refused) return refuseAtGate(response, refused);
    void handle(request, response);
  };
}

function refuseAtGate(response: ServerResponse, error: CwfError): void {
  const { status, headers, body } = problemOf(error);
  // What else comes over this line is not waited for.
  response.writeHead(status, { ...headers, connection: 'close' }).end(body);
}

function closer(world: World, servers: readonly Server[], record: ServerRecord): () => Promise<void> {
  return async () => {
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    world.events.close();
    world.studies.close();
    world.studies.close();
    world.clients.close();
    for (const server of servers) server.closeIdleConnections();
    const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([Promise.all([world.writer.close(), ...closed]), late]);
    for (const server of servers) server.closeAllConnections();
    releaseServer(world.ctx.repo, record);
  };
}
