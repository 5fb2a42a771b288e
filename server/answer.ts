import { jsonText } from '../src/base/json-out.ts';
import type { Exchange, World } from './app-env.ts';
import { bugLine, errorOf, problemOf } from './problem.ts';

/** Answers with the result of a verb. */
export function json(c: Exchange, value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return c.body(jsonText(value, 0), status as 200, { 'content-type': 'application/json', ...headers });
}

/** Answers with an error; a bug is told to whoever watches the server, without what was asked. */
export function refuse(c: Exchange, world: World, thrown: unknown): Response {
  const error = errorOf(thrown);
  if (error.kind === 'bug') {
    world.ctx.log(`${c.req.method} ${c.req.path}: ${bugLine(error)}`);
  }
  const { status, headers, body } = problemOf(error);
  return c.body(body, status as 400, headers);
}
