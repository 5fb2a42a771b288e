import { randomUUID } from 'node:crypto';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CwfError } from '../../src/base/errors.ts';
import { isObject, type Json } from '../../src/base/json.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import type { Caller } from '../access.ts';
import { contextFor, type Exchange, type World } from '../app-env.ts';
import { readBody } from '../body.ts';
import { protocolServer } from './protocol.ts';
import { Session, ToldError } from './session.ts';

interface Open {
  readonly caller: Caller;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** When it was spoken to last, in ms since 1970. */
  used: number;
}

const MOST_SESSIONS = 100;
const MOST_IDLE_MS = 3_600_000;

/**
 * MCP over streamable HTTP: every answer is one JSON document, the server never speaks first. A session is for the token
 * that began it. [MC-2]
 */
export class McpSessions {
  private readonly sessions = new Map<string, Open>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Answers a POST. Throws what reading the body throws, TOO_BUSY, SESSION_NOT_FOUND. */
  async answer(c: Exchange): Promise<Response> {
    const { caller } = c.var;
    const { json } = await readBody(c.req.raw);
    const id = c.req.header('mcp-session-id');
    const now = this.world.ctx.now();
    const open = id === undefined ? undefined : this.sessions.get(id);
    if (id !== undefined && open?.caller.id !== caller.id) throw new CwfError('SESSION_NOT_FOUND');
    if (open) open.used = now;
    const transport = open?.transport ?? (await this.begin(caller, json));
    const response = await transport.handleRequest(c.req.raw, { parsedBody: json });
    const { status, headers } = response;
    return c.body(await response.text(), status as 200, Object.fromEntries(headers));
  }

  private async begin(caller: Caller, json: Json): Promise<WebStandardStreamableHTTPServerTransport> {
    const isBeginning = isObject(json) && json['method'] === 'initialize';
    if (isBeginning) this.forget();
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: true,
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.sessions.set(id, { caller, transport, used: this.world.ctx.now() }),
    });
    // Without a session anything but the first word is refused by the transport.
    await protocolServer(this.sessionOf(caller), this.world.version).connect(transport as never);
    return transport;
  }

  private sessionOf(caller: Caller): Session {
    const { world } = this;
    const { actor, scope } = caller;
    return new Session({
      scope,
      context: () => contextFor(world, caller),
      change: async (verb, input, isLong) => {
        const { status, body } = await world.writer.change({ verb, input, actor, scope, isLong });
        world.events.look();
        const json = parsed(body);
        if (status === 200) return json;
        throw new ToldError(problemIn(json));
      },
    });
  }

  /** Makes room: those that said nothing for an hour go, and the one that was silent longest. Throws TOO_BUSY. */
  private forget(): void {
    const until = this.world.ctx.now() - MOST_IDLE_MS;
    for (const [id, { used }] of this.sessions) if (used < until) this.drop(id);
    if (this.sessions.size < MOST_SESSIONS) return;
    const [oldest] = [...this.sessions].sort(([, a], [, b]) => a.used - b.used);
    if (oldest) this.drop(oldest[0]);
  }

  private drop(id: string): void {
    const open = this.sessions.get(id);
    this.sessions.delete(id);
    void open?.transport.close();
  }
}

function problemIn(json: Json): ToldError['told'] {
  const { code, detail, hint, details = {} } = isObject(json) ? json : {};
  return { code: String(code), message: String(detail), hint: String(hint), details };
}

/** What the thread of changes said; it is as large as the answer of a verb. */
function parsed(text: string): Json {
  const all = Number.POSITIVE_INFINITY;
  return parseJson(text, { source: 'answer', maxBytes: all, maxString: all, maxKeys: all, maxDepth: 1000 });
}
