import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Context } from '../src/porcelain/context.ts';
import {
  operationsSince,
  type RepositoryEvent,
  type RepositoryWatch,
  watchRepository,
} from '../src/porcelain/repository-watch.ts';
import { Broadcast, type Clients } from './broadcast.ts';
import { eventText } from './event-stream.ts';

/**
 * `/api/events`: what happens in the repository. The id of an event is `<start>.<number>.<operation>`: within one start
 * of the server what was missed is repeated word for word, after a restart the operations since are told again; and
 * where neither is possible a `resync` says that the client is to look for itself. [SV-24]
 */
export class RepositoryStream {
  private readonly ctx: Context;
  private readonly clients: Clients;
  private readonly stream = new Broadcast();
  private readonly start = randomBytes(6).toString('hex');
  private readonly followers = new Set<() => void>();
  private number = 0;
  private watch: Promise<RepositoryWatch> | undefined;
  private watching: RepositoryWatch | undefined;

  constructor(ctx: Context, clients: Clients) {
    this.ctx = ctx;
    this.clients = clients;
  }

  /** Lets a client listen, from behind the event it had last. */
  async open(response: ServerResponse, lastId: string | undefined, isAllowed: () => boolean): Promise<void> {
    this.watch ??= watchRepository(this.ctx, (event) => this.tell(event));
    this.watching = await this.watch;
    await this.watching.look();
    const missed = lastId === undefined ? [] : await this.missedSince(lastId);
    const client = this.clients.add(response, isAllowed, () => this.stream.leave(client));
    for (const text of missed) client.send(text);
    if (lastId === undefined || missed.length === 0) client.send(await this.here());
    this.stream.listen(client);
  }

  /** Looks soon: a change that this server made is told without delay, and its answer does not wait for that. */
  look(): void {
    // A look that fails is made again by the clock.
    void this.watching?.look().catch(() => undefined);
  }

  /** Calls `onEvent` whenever something happened; returns what ends that. */
  async follow(onEvent: () => void): Promise<() => void> {
    this.followers.add(onEvent);
    this.watch ??= watchRepository(this.ctx, (event) => this.tell(event));
    this.watching = await this.watch;
    return () => void this.followers.delete(onEvent);
  }

  close(): void {
    this.watching?.close();
    this.stream.end();
  }

  private tell({ kind, ...data }: RepositoryEvent): void {
    this.number++;
    this.stream.send({ id: this.id(), event: kind, data });
    for (const follower of this.followers) follower();
  }

  private id(): string {
    return [this.start, this.number, this.watching?.operation ?? ''].join('.');
  }

  private async here(): Promise<string> {
    const { branch = null, oid = null } = await this.ctx.repo.head();
    return eventText({ id: this.id(), event: 'head', data: { branch, head: oid } });
  }

  private async missedSince(lastId: string): Promise<readonly string[]> {
    const [start, number, operation] = lastId.split('.');
    if (start === this.start) {
      const known = Number(number) === this.number ? [] : this.stream.since(lastId);
      if (known) return known;
    }
    const since = operation ? await operationsSince(this.ctx, operation) : undefined;
    if (since === undefined) return ['event: resync\ndata: {}\n\n', await this.here()];
    const texts = since.map((one) => eventText({ id: this.id(), event: 'operation', data: { operation: one } }));
    return [...texts, await this.here()];
  }
}
