import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CwfError } from '../src/base/errors.ts';
import { isLoopback } from './hosts.ts';
import { problemOf } from './problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Bytes of all headers of one request. */
const MOST_HEADER_BYTES = 16_384;
const HEADERS_MS = 8000;
/** A body, however slow. */
const REQUEST_MS = 60_000;
const IDLE_MS = 10_000;
const CHECK_MS = 1000;
/** Ports that are tried where none was asked for. */
const TRIED = 10;

/** The servers of one address, or of both addresses of this machine. */
export interface Listening {
  readonly port: number;
  readonly servers: readonly Server[];
}

/** Where to listen. Without a port: the first free one from `first` on. */
export interface Listen {
  readonly host: string;
  readonly port?: number;
  readonly first: number;
}

/**
 * Listens; on loopback at both of its addresses, as far as this machine has them. A client that sends its headers a
 * byte at a time, or too many of them, is cut off. Throws SERVER_PORT. [SV-15]
 */
export async function listen(listener: RequestListener, { host, port, first }: Listen): Promise<Listening> {
  const server = makeServer(listener);
  const chosen = await chooseAndListen(server, host === 'localhost' ? '127.0.0.1' : host, port, first);
  if (!isLoopback(host)) return { port: chosen, servers: [server] };
  const other = makeServer(listener);
  const address = host === '::1' ? '127.0.0.1' : '::1';
  const isThere = await listenOn(other, address, chosen).then(
    () => true,
    () => false,
  );
  return { port: chosen, servers: isThere ? [server, other] : [server] };
}

async function chooseAndListen(server: Server, host: string, port: number | undefined, first: number): Promise<number> {
  const candidates = port === undefined ? Array.from({ length: TRIED }, (_, at) => first + at) : [port];
  for (const [at, candidate] of candidates.entries()) {
    try {
      return await listenOn(server, host, candidate);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && at < candidates.length - 1) continue;
      throw new CwfError('SERVER_PORT', { host, port: candidate, reason: code ?? message }, { cause });
    }
  }
  throw new CwfError('BUG', { what: 'no port was tried' });
}

function makeServer(listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: CHECK_MS,
      // A missing Host is refused like a wrong one.
      requireHostHeader: false,
    },
    listener,
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const isLong = error.code === 'HPE_HEADER_OVERFLOW';
    const reason = isLong ? 'its headers are too long' : 'it is not HTTP, or did not come in time';
    const { headers, body } = problemOf(new CwfError('REQUEST_INVALID', { reason }));
    const lines = { ...SECURITY_HEADERS, ...headers, connection: 'close', 'content-length': Buffer.byteLength(body) };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(
      `HTTP/1.1 ${isLong ? '431 Request Header Fields Too Large' : '400 Bad Request'}\r\n${head.join('')}\r\n${body}`,
    );
  });
  return server;
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
