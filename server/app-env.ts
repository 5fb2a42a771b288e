import type { HttpBindings } from '@hono/node-server';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../src/porcelain/context.ts';
import type { Access, Caller } from './access.ts';
import type { Clients } from './broadcast.ts';
import type { Starts } from './optimize-start.ts';
import type { RepositoryStream } from './repository-stream.ts';
import type { StudyStreams } from './study-streams.ts';
import type { Tasks } from './tasks.ts';
import type { Writer } from './writer.ts';

/** What the routes of one server share. */
export interface World {
  /** The context of the server; each request gets one of its own caller (`contextFor`). */
  readonly ctx: Context;
  readonly access: Access;
  readonly writer: Writer;
  readonly clients: Clients;
  readonly events: RepositoryStream;
  readonly tasks: Tasks;
  readonly studies: StudyStreams;
  readonly starts: Starts;
  /** Name of the cookie: cookies of one host are shared by its ports. */
  readonly cookie: string;
  /** Version of cwf. */
  readonly version: string;
}

/** Types of the app: node's request and answer, and who sends it. */
export interface Env {
  Bindings: HttpBindings;
  Variables: { caller: Caller };
}

/** One request. */
export type Exchange = HonoContext<Env>;

/** The context in which a caller's verb runs. */
export function contextFor({ ctx }: World, { actor, scope }: Caller): Context {
  return Object.create(ctx, { actor: { value: actor, enumerable: true }, scope: { value: scope, enumerable: true } });
}
