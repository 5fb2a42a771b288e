import { CwfError } from '../src/base/errors.ts';
import { sha256 } from '../src/base/hash.ts';
import type { Json } from '../src/base/json.ts';
import { isObject } from '../src/base/json.ts';
import { callSchema, callVerb } from '../src/porcelain/call.ts';
import type { VerbName } from '../src/porcelain/index.ts';
import { inputSchema } from '../src/porcelain/schemas/index.ts';
import { json } from './answer.ts';
import { contextFor, type Exchange, type World } from './app-env.ts';
import { readBody } from './body.ts';
import { queryInput } from './query.ts';
import { isLong, type Route } from './routes.ts';
import type { Written } from './writer.ts';
import type { Change } from './writer-thread.ts';

/** What the body of a change holds: the verb's input, and what stands around it. */
interface ReadBody {
  readonly input: Json;
  readonly expectedHead?: string | null;
}

/** `GET`: the verb with the input of the query. [SV-2] */
export async function readVerb(c: Exchange, world: World, { name, verb }: Route): Promise<Response> {
  const schema = await callSchema(verb, await inputSchema(name));
  const input = queryInput(new URL(c.req.url).searchParams, schema);
  const isListing = verb.lists === true && Object.keys(input).length > 0;
  if (isListing) throw new CwfError('INPUT_INVALID', { verb: name, reason: 'as GET it only lists, without any input' });
  return json(c, await callVerb(contextFor(world, c.var.caller), name, input));
}

/** `POST`: the verb with the input of the body, once for each key, on the head that is expected. [SV-20] [SV-22] */
export async function changeByVerb(
  c: Exchange,
  world: World,
  { name, verb }: Pick<Route, 'name' | 'verb'>,
  inputOf: (body: Json) => Json = (body) => body,
): Promise<Response> {
  const change = await readChange(c, name, isLong(verb), inputOf);
  const write = (step?: (text: string) => void): Promise<Written> => makeChange(world, change, step);
  if (change.isLong && /(^|[\s,])respond-async([\s,;]|$)/.test(c.req.header('prefer') ?? '')) {
    const task = world.tasks.begin(name, c.var.caller, write);
    return json(c, task, 202, { location: `/api/tasks/${task.task}`, 'preference-applied': 'respond-async' });
  }
  return answerWith(c, await write());
}

/** Reads what a request wants changed; `inputOf` makes the input of the verb of its body. Throws INPUT_INVALID. */
export async function readChange(
  c: Exchange,
  verb: VerbName,
  isLong: boolean,
  inputOf: (body: Json) => Json,
): Promise<Change> {
  const { actor, scope } = c.var.caller;
  const { json: body, bytes } = await readBody(c.req.raw);
  const { input, ...head } = readHead(c, body);
  const key = keyOf(c);
  const request = sha256(`${c.req.path}\0${c.req.header('if-match') ?? ''}\0${sha256(bytes)}`);
  return {
    verb,
    input: inputOf(input),
    actor,
    scope,
    ...head,
    ...(key === undefined ? {} : { key: { name: key, request } }),
    isLong,
  };
}

/** Makes a change; `step` is given the JSON of each of its steps. Never rejects. */
export async function makeChange(world: World, change: Change, step?: (text: string) => void): Promise<Written> {
  const written = await world.writer.change(change, step);
  world.events.look();
  return written;
}

/** The answer to a change. */
export function answerWith(c: Exchange, { status, headers, body }: Written): Response {
  return c.body(body, status as 200, { ...headers });
}

/** Takes `expected_head`, or `If-Match`, from around the input. Throws INPUT_INVALID. */
function readHead(c: Exchange, body: Json): ReadBody {
  if (!isObject(body)) throw new CwfError('INPUT_INVALID', { verb: 'body', reason: 'it is no JSON object' });
  const { expected_head: inBody, ...input } = body;
  const match = c.req.header('if-match');
  const given = inBody === undefined && match !== undefined ? match.replace(/^"(.*)"$/, '$1') : inBody;
  if (given === undefined) return { input };
  if (given !== null && (typeof given !== 'string' || !/^[0-9a-f]{40}$/.test(given)))
    throw new CwfError('INPUT_INVALID', {
      verb: 'expected_head',
      reason: 'it is the id of a commit (40 digits), or null',
    });
  return { input, expectedHead: given };
}

function keyOf(c: Exchange): string | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new CwfError('INPUT_INVALID', { verb: 'Idempotency-Key', reason: 'it is 1 to 200 visible ASCII characters' });
}
