import type { ServerResponse } from 'node:http';
import { jsonText } from '../src/base/json-out.ts';

/** What a stream carries: `id` is what a client comes back with after its line broke; without one it is told once. */
export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** Events and bytes that wait for a client which does not read; then they are dropped for one `resync`. */
const MOST_EVENTS = 256;
const MOST_BYTES = 1024 * 1024;
/** Bytes node may hold for one client beside that. */
const HIGH_WATER = 64 * 1024;
/** A client that takes nothing for so long is let go. */
const PATIENCE_MS = 60_000;

/** An event as it goes over the line, made once for all clients. */
export function eventText({ id, event, data }: StreamEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${jsonText(data, 0)}\n\n`;
}

/**
 * One client of a stream. What it cannot take waits in a queue of its own with a bound, so that a client that never
 * reads costs a bounded room, and nobody else any time. [SV-23]
 */
export class EventClient {
  private readonly response: ServerResponse;
  private queue: string[] = [];
  private bytes = 0;
  private isFull = false;
  private isDropped = false;
  private lastTaken: number;
  private readonly now: () => number;

  constructor(response: ServerResponse, now: () => number) {
    this.response = response;
    this.now = now;
    this.lastTaken = now();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    response.on('drain', () => this.drain());
  }

  /** Sends an event, at once or when the client has room. */
  send(text: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    if (!this.isFull) {
      this.write(text);
      return;
    }
    if (this.isDropped) return;
    this.queue.push(text);
    this.bytes += text.length;
    if (this.queue.length <= MOST_EVENTS && this.bytes <= MOST_BYTES) return;
    this.queue = [];
    this.bytes = 0;
    this.isDropped = true;
  }

  /** Shows that the line is alive; false when the client took nothing for too long, and was let go. */
  beat(): boolean {
    if (this.response.destroyed) return false;
    if (this.isFull && this.now() - this.lastTaken > PATIENCE_MS) {
      this.response.destroy();
      return false;
    }
    if (!this.isFull) this.write(': alive\n\n');
    return true;
  }

  end(): void {
    this.response.end();
  }

  private write(text: string): void {
    this.response.write(text);
    this.isFull = this.response.writableLength > HIGH_WATER;
    if (!this.isFull) this.lastTaken = this.now();
  }

  private drain(): void {
    this.isFull = false;
    this.lastTaken = this.now();
    const waiting = this.queue;
    this.queue = [];
    this.bytes = 0;
    if (this.isDropped) {
      this.isDropped = false;
      this.write('event: resync\ndata: {}\n\n');
    }
    for (const text of waiting) this.send(text);
  }
}
