import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { isObject, type Json, type JsonObject } from '../../../../base/json.ts';
import { parseJson } from '../../../../base/json-parse.ts';
import { orderedJson } from '../../../../base/json-text.ts';
import type { EngineMessage } from '../messages.ts';
import { FEATURES } from './features.ts';

/** A client that reads nothing is let go once so many bytes wait for it. */
const MOST_WAITING = 64 * 1024 * 1024;
/** Numbers of binary messages, and of picture formats in them. */
const PREVIEW = 1;
const TEXT = 3;
const PREVIEW_WITH_METADATA = 4;
const PNG = 2;

interface Client {
  readonly socket: WebSocket;
  flags: JsonObject;
  isFirst: boolean;
}

/** The sockets of a server, each under its client id: a client that comes again takes the place of its old socket. */
export class Sockets {
  private readonly clients = new Map<string, Client>();

  /** Takes a new socket; `status` is what it is told first. */
  add(socket: WebSocket, asked: string | null, status: JsonObject): void {
    const id = asked === null || asked === '' ? randomUUID().replaceAll('-', '') : asked;
    const client: Client = { socket, flags: {}, isFirst: true };
    this.clients.set(id, client);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      // A newer socket of the same client stays.
      if (this.clients.get(id) === client) this.clients.delete(id);
    });
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.heard(client, String(data));
    });
    this.json(client, 'status', { ...status, sid: id });
  }

  takesMetadata(id: string | undefined): boolean {
    return id !== undefined && this.clients.get(id)?.flags.supports_preview_metadata === true;
  }

  /** Sends a message to one client, or to all. */
  send(message: EngineMessage, id?: string): void {
    for (const client of this.receivers(message.kind === 'text' ? undefined : id)) {
      if (message.kind === 'json') this.json(client, message.type, message.data);
      else this.binary(client, message);
    }
  }

  closeAll(): void {
    for (const { socket } of this.clients.values()) socket.terminate();
  }

  private receivers(id: string | undefined): Client[] {
    if (id === undefined) return [...this.clients.values()];
    const client = this.clients.get(id);
    return client ? [client] : [];
  }

  private heard(client: Client, text: string): void {
    const { isFirst } = client;
    client.isFirst = false;
    if (!isFirst) return;
    let message: Json;
    try {
      message = parseJson(text, { source: 'a message' });
    } catch {
      return;
    }
    if (!isObject(message) || message.type !== 'feature_flags') return;
    client.flags = isObject(message.data) ? message.data : {};
    this.json(client, 'feature_flags', FEATURES);
  }

  private json(client: Client, type: string, data: { readonly [key: string]: Json }): void {
    this.put(client, orderedJson({ type, data: { ...data } }));
  }

  private binary(client: Client, message: Exclude<EngineMessage, { kind: 'json' }>): void {
    if (message.kind === 'text') {
      const node = Buffer.from(message.node);
      this.put(client, Buffer.concat([u32(TEXT), u32(node.length), node, Buffer.from(message.text)]));
    } else if (client.flags.supports_preview_metadata === true) {
      const metadata = Buffer.from(orderedJson({ ...message.metadata }));
      this.put(client, Buffer.concat([u32(PREVIEW_WITH_METADATA), u32(metadata.length), metadata, message.png]));
    } else this.put(client, Buffer.concat([u32(PREVIEW), u32(PNG), message.png]));
  }

  private put({ socket }: Client, data: string | Buffer): void {
    if (socket.bufferedAmount > MOST_WAITING) socket.terminate();
    else socket.send(data, () => {});
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
