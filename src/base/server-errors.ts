import { type ErrorRow, row } from './error-row.ts';

const NO_FIELDS = 'See the schema of the route in /api/openapi.json.';

/** Errors of doors that others come through, of tokens, and of requests: part of the one table of errors. */
export const SERVER_ERRORS = {
  INPUT_INVALID: row(
    'usage',
    (d) => `${d.verb}: ${d.place ? `${d.place}: ` : ''}${d.reason}`,
    () => NO_FIELDS,
  ),
  VERB_UNKNOWN: row(
    'not-found',
    (d) => `no verb ${d.verb}`,
    () => 'See /api/openapi.json for every route.',
  ),
  HEAD_MOVED: row(
    'conflict',
    (d) => `HEAD is ${d.head || 'without a commit'}, not ${d.expected || 'without a commit'} as was expected`,
    () => 'Look at what came since (`cwf log`), and send the request again with the current head.',
  ),
  SCOPE_TOO_SMALL: row(
    'auth',
    (d) => `${d.actor} may ${d.scope}, and ${d.verb} asks for ${d.needed}`,
    () => 'Use a token of that scope: `cwf token add <actor> --scope <scope>` makes one.',
    { http: 403 },
  ),
  TOKEN_NEEDED: row(
    'auth',
    () => 'no valid token or session',
    () => 'Open the link that `cwf serve` prints, or send `Authorization: Bearer <token>`.',
  ),
  TOO_MANY_FAILURES: row(
    'auth',
    (d) => `too many requests without a valid token; again in ${d.seconds} s`,
    () => 'Check the token: `cwf token ls` names those there are.',
    { http: 429 },
  ),
  LINK_USED: row(
    'auth',
    () => 'this link was used already, or is too old',
    () => 'Run `cwf serve` again in the folder: it prints a new one for the server that runs.',
  ),
  HOST_REFUSED: row(
    'auth',
    (d) => `this server is not ${d.host}`,
    () => 'Use the address that `cwf serve` prints, or start it with --allow-host <name>.',
    { http: 421 },
  ),
  ORIGIN_REFUSED: row(
    'auth',
    (d) => `a page of ${d.origin} may not do this`,
    () => 'Only the page of this server may; programs send no Origin.',
    { http: 403 },
  ),
  REQUEST_INVALID: row(
    'usage',
    (d) => `the request cannot be read: ${d.reason}`,
    () => 'Paths are plain text, queries are UTF-8 in percent encoding.',
  ),
  ROUTE_NOT_FOUND: row(
    'not-found',
    (d) => `nothing at ${d.path}`,
    () => 'See /api/openapi.json for every route.',
  ),
  METHOD_REFUSED: row(
    'usage',
    (d) => `${d.method} is not for ${d.path}`,
    (d) => (d.allow ? `Use ${d.allow}.` : 'See /api/openapi.json for every route.'),
    { http: 405 },
  ),
  MEDIA_REFUSED: row(
    'usage',
    (d) => `the body is ${d.found}`,
    () => 'Send application/json, not compressed.',
    { http: 415 },
  ),
  BODY_TOO_LARGE: row(
    'too-large',
    (d) => `the body is over ${d.limit} bytes`,
    () => 'Send less at once.',
  ),
  RANGE_REFUSED: row(
    'usage',
    (d) => `the range ${d.range} cannot be given`,
    () => 'Ask for one range within the file, or for all of it.',
    { http: 416 },
  ),
  KEY_REUSED: row(
    'invalid',
    () => 'this Idempotency-Key came with another request before',
    () => 'Make a new key for every change; use the old one only to repeat the very same request.',
  ),
  KEY_UNCERTAIN: row(
    'conflict',
    (d) => `the server stopped while it did this request, and ${d.operation} was recorded since`,
    () => 'Look at `cwf op log`: if it is done, leave it; if not, send it again with a new key.',
  ),
  TASK_NOT_FOUND: row(
    'not-found',
    (d) => `no task ${d.task}`,
    () => 'Tasks are kept for a while after their end, and not over a restart; what they did is in `cwf op log`.',
  ),
  RESOURCE_NOT_FOUND: row(
    'not-found',
    (d) => `no resource ${d.uri}`,
    () => 'See resources/list and resources/templates/list; in a part of a URI write / as %2F.',
  ),
  ANSWER_NOT_FOUND: row(
    'not-found',
    (d) => `no answer ${d.answer}${d.at ? ` with ${d.at}` : ''}`,
    () => 'The last few that were cut are kept: call the tool again.',
  ),
  ANSWER_TOO_LARGE: row(
    'too-large',
    (d) => `${d.what} is over ${d.limit} characters`,
    () => 'Tools give it in parts: `show`, `diff`, `validate`, `note_show`, `review_show`.',
  ),
  SESSION_NOT_FOUND: row(
    'not-found',
    () => 'no session of this token',
    () => 'Begin one with initialize: they end with the server, or after an hour of silence.',
  ),
  TOO_BUSY: row(
    'budget',
    (d) => `there are ${d.count} ${d.what} already`,
    () => 'Close some, or wait.',
    { http: 503 },
  ),
  SERVER_PORT: row(
    'failed',
    (d) => `cannot listen on ${d.host} port ${d.port}: ${d.reason}`,
    () => 'Choose another with --port, or 0 for any free one.',
  ),
  SERVER_OPEN: row(
    'usage',
    (d) => `${d.host} can be reached from other machines: ${d.reason}`,
    (d) => `${d.next}`,
  ),
  SERVER_HOST: row(
    'usage',
    (d) => `no host: ${d.host}`,
    () => 'A host is a name or an address, without a scheme, a path or a port: wf.example.org',
  ),
  TOKEN_EXISTS: row(
    'conflict',
    (d) => `${d.actor} has a token already`,
    () => 'Take it away first with `cwf token rm`, or name another actor.',
  ),
  TOKEN_NOT_FOUND: row(
    'not-found',
    (d) => `${d.actor} has no token`,
    () => 'See `cwf token ls`.',
  ),
  TOKEN_AGENT: row(
    'usage',
    (d) => `an agent's token is for read or propose, not ${d.scope}`,
    () => 'What an agent proposes is taken over by a person; a program that may write is a tool/<name>.',
  ),
  TOKENS_DAMAGED: row(
    'corrupt',
    (d) => `${d.path}: ${d.reason}`,
    () => 'Remove the file and make the tokens anew with `cwf token add`.',
  ),
} as const satisfies Record<string, ErrorRow>;
