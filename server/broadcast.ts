import type { ServerResponse } from 'node:http';
import { CwfError } from '../src/base/errors.ts';
import { EventClient, eventText, type StreamEvent } from './event-stream.ts';

const BEAT_MS = 15_000;
const MOST_CLIENTS = 2000;
/** Events that are kept for those who come back. */
const MOST_KEPT = 1000;
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/** One client, and whether it may still be here. */
interface Member {
  readonly client: EventClient;
  isAllowed(): boolean;
}

/** The clients of all streams of a server, with one clock for their heartbeats. */
export class Clients {
  private readonly members = new Set<Member>();
  private readonly timer: NodeJS.Timeout;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    this.timer.unref();
  }

  /** Makes a stream of an answer; `onGone` when its line is closed. Throws TOO_BUSY. */
  add(response: ServerResponse, isAllowed: () => boolean, onGone: () => void): EventClient {
    if (this.members.size >= MOST_CLIENTS) throw new CwfError('TOO_BUSY', { count: MOST_CLIENTS, what: 'streams' });
    const member = { client: new EventClient(response, this.now), isAllowed };
    this.members.add(member);
    response.on('close', () => {
      this.members.delete(member);
      onGone();
    });
    return member.client;
  }

  get size(): number {
    return this.members.size;
  }

  close(): void {
    clearInterval(this.timer);
    for (const { client } of this.members) client.end();
  }

  private beat(): void {
    for (const member of this.members) {
      if (!member.isAllowed()) member.client.end();
      else member.client.beat();
    }
  }
}

/** One stream: what was told, kept within bounds, and who listens. */
export class Broadcast {
  private readonly kept: { readonly id: string; readonly text: string }[] = [];
  private bytes = 0;
  private readonly listeners = new Set<EventClient>();

  /** Tells everybody. */
  send(event: StreamEvent & { readonly id: string }): void {
    const text = eventText(event);
    this.kept.push({ id: event.id, text });
    this.bytes += text.length;
    while (this.kept.length > MOST_KEPT || (this.bytes > MOST_KEPT_BYTES && this.kept.length > 1))
      this.bytes -= this.kept.shift()!.text.length;
    for (const client of this.listeners) client.send(text);
  }

  listen(client: EventClient): void {
    this.listeners.add(client);
  }

  leave(client: EventClient): void {
    this.listeners.delete(client);
  }

  /** What was told after an event; undefined where that one is not known any more. */
  since(id: string): readonly string[] | undefined {
    const at = this.kept.findIndex((one) => one.id === id);
    return at < 0 ? undefined : this.kept.slice(at + 1).map(({ text }) => text);
  }

  /** All that is kept. */
  all(): readonly string[] {
    return this.kept.map(({ text }) => text);
  }

  end(): void {
    for (const client of this.listeners) client.end();
    this.listeners.clear();
  }
}
