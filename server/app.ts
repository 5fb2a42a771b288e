import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { CwfError } from '../src/base/errors.ts';
import { json, refuse } from './answer.ts';
import type { Env, Exchange, World } from './app-env.ts';
import type { McpSessions } from './mcp/http.ts';
import { openApi } from './openapi.ts';
import { startStudy } from './optimize-start.ts';
import { sendOutput } from './output-bytes.ts';
import { enteredPage, startPage } from './page.ts';
import { pageFiles, sendPageFile } from './page-files.ts';
import { verbRoutes } from './routes.ts';
import { editInput } from './transform.ts';
import { changeByVerb, readVerb } from './verb-handler.ts';

const SESSION_SECONDS = 12 * 3600;

/** All routes of the server. What stands before them (hosts, origins, plain paths) is the gate's. */
export async function makeApp(world: World): Promise<Hono<Env>> {
  const app = new Hono<Env>();
  app.onError((thrown, c) => refuse(c, world, thrown));
  app.notFound((c) => refuse(c, world, new CwfError('ROUTE_NOT_FOUND', { path: c.req.path.slice(0, 100) })));

  app.get('/enter', (c) => {
    const secret = world.access.enter(c.req.query('code') ?? '', addressOf(c));
    const cookie = `${world.cookie}=${secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_SECONDS}`;
    return c.html(enteredPage(), 200, { 'set-cookie': cookie });
  });

  app.use('*', async (c, next) => {
    const { authorization, cookie } = c.env.incoming.headers;
    c.set('caller', world.access.caller({ authorization, cookie, address: addressOf(c) }, world.cookie));
    const { oid } = await world.ctx.repo.head();
    c.header('cwf-head', oid ?? '');
    await next();
  });

  const allowed = new Map<string, string[]>();
  const on = (method: 'GET' | 'POST', path: string, handle: (c: Exchange) => Response | Promise<Response>): void => {
    app.on(method, path, handle);
    allowed.set(path, [...(allowed.get(path) ?? []), method]);
  };
  for (const route of await verbRoutes()) {
    for (const method of route.methods)
      on(method, route.path, (c) => (method === 'GET' ? readVerb(c, world, route) : changeByVerb(c, world, route)));
    if (route.name === 'edit') on('POST', '/api/workflows/transform', (c) => changeByVerb(c, world, route, editInput));
  }
  on('POST', '/api/optimize/start', (c) => startStudy(c, world));
  on('GET', '/api/optimize/progress/:run', (c) =>
    stream(c, world, (lastId, isAllowed) =>
      world.studies.open(c.req.param('run') ?? '', c.env.outgoing as never, lastId, isAllowed),
    ),
  );
  on('GET', '/', (c) => c.html(startPage(pageFiles())));
  on('GET', '/page/:file', sendPageFile);
  on('GET', '/api/openapi.json', async (c) => json(c, await openApi(world.version)));
  on('GET', '/api/session', async (c) => json(c, await sessionOf(c, world)));
  on('POST', '/api/session/link', (c) => {
    const { actor, scope } = c.var.caller;
    if (scope !== 'admin') throw new CwfError('SCOPE_TOO_SMALL', { actor, scope, verb: 'a new link', needed: 'admin' });
    return json(c, { path: `/enter?code=${world.access.newLink()}` });
  });
  on('GET', '/api/events', (c) =>
    stream(c, world, (lastId, isAllowed) => world.events.open(c.env.outgoing as never, lastId, isAllowed)),
  );
  on('GET', '/api/tasks/:task', (c) => json(c, world.tasks.view(c.req.param('task') ?? '', c.var.caller)));
  on('GET', '/api/tasks/:task/events', (c) =>
    stream(c, world, async (lastId, isAllowed) =>
      world.tasks.open(c.req.param('task') ?? '', c.var.caller, c.env.outgoing as never, lastId, isAllowed),
    ),
  );
  on('GET', '/api/outputs/:output', (c) => sendOutput(c, world));

  let sessions: Promise<McpSessions> | undefined;
  on('POST', '/mcp', async (c) => {
    sessions ??= import('./mcp/http.ts').then((mcp) => new mcp.McpSessions(world));
    return (await sessions).answer(c);
  });

  for (const [path, methods] of allowed)
    app.all(path, (c) => {
      const allow = methods.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', ');
      throw new CwfError('METHOD_REFUSED', { method: c.req.method, path: c.req.path.slice(0, 100), allow });
    });
  return app;
}

/** Gives the line of a request to a stream; an error before its first byte is answered like any other. */
async function stream(
  c: Exchange,
  world: World,
  open: (lastId: string | undefined, isAllowed: () => boolean) => Promise<void>,
): Promise<Response> {
  const { caller } = c.var;
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
  const lastId = c.req.header('last-event-id');
  await open(lastId === undefined ? undefined : lastId.slice(0, 200), () => world.access.isStill(caller));
  return RESPONSE_ALREADY_SENT;
}

async function sessionOf(c: Exchange, { ctx, version }: World): Promise<object> {
  const { actor, scope } = c.var.caller;
  const { branch = null, oid = null } = await ctx.repo.head();
  return { actor, scope, version, folder: ctx.repo.workDir, branch, head: oid };
}

function addressOf(c: Exchange): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}
