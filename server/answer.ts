import { jsonText } from '../src/base/json-out.ts';
import type { Answer } from '../src/porcelain/kept-answers.ts';
import type { Exchange, World } from './app-env.ts';
import { errorOf, problemOf } from './problem.ts';

/** Statuses by which a request failed through no fault of its own: sent again it may go well. */
const PASSING = new Set([401, 403, 429, 503]);

/** Answers with the result of a verb. */
export function json(c: Exchange, value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return c.body(jsonText(value, 0), status as 200, { 'content-type': 'application/json', ...headers });
}

/** Answers with an error; a bug is told to whoever watches the server, without what was asked. */
export function refuse(c: Exchange, world: World, thrown: unknown): Response {
  const error = errorOf(thrown);
  if (error.kind === 'bug') {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    world.ctx.log(`${c.req.method} ${c.req.path}: ${error.message}${cause}`);
  }
  const { status, headers, body } = problemOf(error);
  return c.body(body, status as 400, headers);
}

/** A finished answer as it is kept; throws again what shall not be kept. */
export async function keptAnswer(run: () => Promise<object>): Promise<Answer> {
  try {
    return { status: 200, body: jsonText(await run(), 0) };
  } catch (thrown) {
    const { status, body } = problemOf(thrown);
    if (status >= 500 || PASSING.has(status)) throw thrown;
    return { status, body };
  }
}

/** Sends an answer that was kept. */
export function resend(c: Exchange, { status, body }: Answer): Response {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return c.body(body, status as 200, { 'content-type': type });
}
