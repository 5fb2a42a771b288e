import type { Readable, Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { type Actor, parseActor } from '../../src/porcelain/actor.ts';
import { callVerb } from '../../src/porcelain/call.ts';
import type { Context } from '../../src/porcelain/context.ts';
import type { TokenScope } from '../../src/porcelain/token-scope.ts';
import { LineTransport } from './line-transport.ts';
import { protocolServer } from './protocol.ts';
import { jsonOf, Session } from './session.ts';

/** Who speaks over stdin and stdout, and what it may do. */
export interface StdioOptions {
  readonly ctx: Context;
  readonly version: string;
  readonly scope: TokenScope;
  /** Its name; by default an agent of the name that its client says. */
  readonly actor?: Actor;
  readonly input: Readable;
  readonly output: Writable;
}

/** Serves one agent until its input ends, and what it asked for is answered. [MC-1] */
export async function serveStdio(
  options: StdioOptions,
): Promise<{ readonly ended: Promise<void>; close(): Promise<void> }> {
  const { ctx, scope, version, input, output } = options;
  let server: Server | undefined;
  const context = (): Context => {
    const actor = options.actor ?? agentOf(server?.getClientVersion()?.name);
    return Object.create(ctx, {
      cwd: { value: ctx.repo.workDir, enumerable: true },
      actor: { value: actor, enumerable: true },
      scope: { value: scope, enumerable: true },
    });
  };
  const session = new Session({
    scope,
    context,
    change: async (verb, asked) => jsonOf(await callVerb(context(), verb, asked)),
  });
  server = protocolServer(session, version);
  const transport = new LineTransport(input, output);
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  await server.connect(transport);
  return { ended, close: () => server.close() };
}

/** `agent/<name>`, with what is no part of a name left out: a client cannot call itself a person. */
export function agentOf(client: string | undefined): Actor {
  const name = (client ?? '').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return parseActor(`agent/${name.slice(0, 64) || 'mcp'}`);
}
