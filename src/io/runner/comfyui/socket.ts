import { CwfError } from '../../../base/errors.ts';
import { isObject } from '../../../base/json.ts';
import type { Watch } from '../watch.ts';
import { headersOf, routeUrl, type Server } from './address.ts';
import { readFrame } from './frames.ts';
import { readServerJson } from './server-json.ts';

/** A socket that is open. */
export interface EventSocket {
  close(): void;
}

/** Bytes of one message: a picture of 4096 x 4096 that SaveImageWebsocket sends has 50 MB. */
const MOST_MESSAGE = 64 * 1024 * 1024;

/**
 * Opens `/ws` under a client id that no other connection has or had: where an id comes again, the server drops the new
 * socket when it sees the end of the old one. `feature_flags` is the first message, which previews with metadata need.
 * Resolves when the server has said something, so that it knows the socket, or after `timeout` milliseconds; undefined
 * where there is no socket to be had. Everything that comes is read at once: a client that does not read keeps the
 * server from sending to all others.
 */
export async function openSocket(
  server: Server,
  clientId: string,
  listener: Watch,
  timeout: number,
): Promise<EventSocket | undefined> {
  const { WebSocket } = await import('ws');
  const url = routeUrl(server, '/ws', { clientId });
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url, {
    headers: headersOf(server),
    followRedirects: false,
    handshakeTimeout: timeout,
    maxPayload: MOST_MESSAGE,
    perMessageDeflate: false,
  });
  let isOpen = false;
  let isOver = false;
  const close = () => {
    isOver = true;
    // A half-open connection would keep the program alive.
    socket.terminate();
  };
  return await new Promise((resolve) => {
    const timer = setTimeout(() => (isOpen ? resolve({ close }) : undefined), timeout);
    const failed = () => {
      clearTimeout(timer);
      resolve(undefined);
      if (isOpen && !isOver) listener.dropped();
      close();
    };
    socket.on('error', failed);
    socket.on('close', failed);
    socket.on('open', () => {
      isOpen = true;
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
    });
    socket.on('message', (data, isBinary) => {
      if (isOver) return;
      clearTimeout(timer);
      resolve({ close });
      hear(listener, data as Buffer, isBinary);
    });
  });
}

function hear(listener: Watch, data: Buffer, isBinary: boolean): void {
  if (isBinary) {
    const frame = readFrame(data);
    if (frame) listener.preview(frame);
    return;
  }
  try {
    const json = readServerJson(data, 'a message', MOST_MESSAGE);
    if (isObject(json) && typeof json.type === 'string' && isObject(json.data)) listener.message(json.type, json.data);
  } catch (error) {
    // A message that is no JSON says nothing; the result is asked for anyway.
    if (!(error instanceof CwfError)) throw error;
  }
}
