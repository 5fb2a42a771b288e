import type { z } from 'zod';
import { callSchema, neededScope } from '../src/porcelain/call.ts';
import { PICTURE_SIDES } from '../src/porcelain/output-bytes.ts';
import { inputSchema } from '../src/porcelain/schemas/index.ts';
import { outputSchema } from '../src/porcelain/schemas/outputs.ts';
import { startSchema } from './optimize-start.ts';
import { isLong, type Route, verbRoutes } from './routes.ts';
import { transformSchema } from './transform.ts';

type Doc = { [key: string]: unknown };

const PROBLEM = { $ref: '#/components/responses/Problem' };
const HEAD_HEADER = { 'cwf-head': { description: 'the commit HEAD was on', schema: { type: 'string' } } };
const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'docs/errors.md lists every code' },
    kind: { type: 'string' },
    exit: { type: 'integer' },
    hint: { type: 'string' },
    details: { type: 'object' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'kind', 'exit', 'hint', 'details'],
};
const EXPECTED_HEAD = {
  description: 'the commit HEAD must be on (null: none yet); else 409',
  anyOf: [{ type: 'string', pattern: '^[0-9a-f]{40}$' }, { type: 'null' }],
};
const CHANGE_HEADERS = [
  header('Idempotency-Key', 'a repeated request with the same key gets the same answer', { maxLength: 200 }),
  header('If-Match', 'as expected_head, in quotes'),
];
const LAST_EVENT = header('Last-Event-ID', 'the last event that was seen: what came after it is repeated');

let made: Promise<Doc> | undefined;

/** The OpenAPI 3.1 document of this server, made from the table of verbs. [SV-4] */
export function openApi(version: string): Promise<Doc> {
  made ??= build(version);
  return made;
}

async function build(version: string): Promise<Doc> {
  const paths: Record<string, Doc> = {};
  for (const route of await verbRoutes()) {
    const methods: Doc = {};
    for (const method of route.methods)
      methods[method.toLowerCase()] = method === 'GET' ? await reading(route) : await changing(route);
    paths[route.path] = methods;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'cwf',
      version,
      description: 'Version control and experiments for ComfyUI workflows. Every route is one verb of cwf.',
    },
    security: [{ bearer: [] }, { session: [] }],
    paths: { ...paths, ...(await otherPaths()) },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'a token of `cwf token add`' },
        session: { type: 'apiKey', in: 'cookie', name: 'cwf_<port>', description: 'from the link of `cwf serve`' },
      },
      schemas: { Problem: PROBLEM_SCHEMA },
      responses: {
        Problem: {
          description: 'what went wrong, and the next step',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

async function reading({ name, verb }: Route): Promise<Doc> {
  const { properties = {}, required = [] } = await jsonSchema(await inputSchema(name));
  const parameters = Object.entries(properties as Record<string, Doc>).map(([field, { description, ...schema }]) => ({
    name: field,
    in: 'query',
    description,
    required: (required as string[]).includes(field),
    schema,
    ...(schema['type'] === 'array' ? { style: 'form', explode: true } : {}),
  }));
  return {
    operationId: operationId(name),
    summary: verb.summary,
    'x-cwf-scope': neededScope(verb, {}),
    ...(verb.lists ? {} : { parameters }),
    responses: answers(await jsonSchema(await outputSchema(name), 'output')),
  };
}

async function changing({ name, verb }: Route): Promise<Doc> {
  const schema = await jsonSchema(await callSchema(verb, await inputSchema(name)));
  const output = await jsonSchema(await outputSchema(name), 'output');
  const body = bodyOf(schema);
  // With an input that it must have: a verb that lists without any is asked for more with one.
  const scope = neededScope(verb, { input: true });
  return {
    operationId: `${operationId(name)}${verb.lists ? '_change' : ''}`,
    summary: verb.summary,
    'x-cwf-scope': scope,
    parameters: [
      ...CHANGE_HEADERS,
      ...(isLong(verb) ? [header('Prefer', 'respond-async: answers 202 with a task at once')] : []),
    ],
    requestBody: { required: true, content: { 'application/json': { schema: body } } },
    responses: {
      ...answers(output),
      ...(isLong(verb) ? { 202: answer('a task that runs', { type: 'object' }) } : {}),
    },
  };
}

async function otherPaths(): Promise<Record<string, Doc>> {
  const { z } = await import('zod');
  const object = { type: 'object' };
  const task = { name: 'task', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{24}$' } };
  const run = {
    name: 'run',
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,99}$' },
  };
  const output = {
    name: 'output',
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[0-9a-f]{4,64}$' },
  };
  const width = {
    name: 'width',
    in: 'query',
    description: 'as a small picture that fits a square of so many pixels',
    schema: { type: 'integer', enum: [...PICTURE_SIDES] },
  };
  const session = z.looseObject({
    actor: z.string(),
    scope: z.string(),
    version: z.string(),
    folder: z.string(),
    branch: z.string().nullable(),
    head: z.string().nullable(),
  });
  const get = (id: string, summary: string, more: Doc): Doc => ({
    get: { operationId: id, summary, 'x-cwf-scope': 'read', ...more },
  });
  const events = { 200: { description: 'events', content: { 'text/event-stream': { schema: { type: 'string' } } } } };
  return {
    '/api/workflows/transform': {
      post: {
        operationId: 'transform',
        summary: 'Preview or commit typed operations on a workflow',
        'x-cwf-scope': 'write',
        parameters: CHANGE_HEADERS,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: bodyOf(await jsonSchema(await transformSchema())) } },
        },
        responses: answers(await jsonSchema(await outputSchema('edit'), 'output')),
      },
    },
    '/api/optimize/start': {
      post: {
        operationId: 'optimize_start',
        summary: 'Begin a study, and go on without waiting for it',
        'x-cwf-scope': 'write',
        parameters: CHANGE_HEADERS,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: bodyOf(await jsonSchema(await startSchema())) } },
        },
        responses: {
          202: answer('it runs; run_id is its name', {
            type: 'object',
            properties: { run_id: { type: 'string' }, task: { type: 'string' } },
            required: ['run_id', 'task'],
          }),
          default: PROBLEM,
        },
      },
    },
    '/api/optimize/progress/{run}': get('optimize_progress', 'Follow a study: trial, step, progress, done', {
      parameters: [run, LAST_EVENT],
      responses: { ...events, default: PROBLEM },
    }),
    '/api/events': get('events', 'Follow the repository: head, refs, operation', {
      parameters: [LAST_EVENT],
      responses: { ...events, default: PROBLEM },
    }),
    '/api/tasks/{task}': get('task', 'See a task', { parameters: [task], responses: answers(object) }),
    '/api/tasks/{task}/events': get('task_events', 'Follow a task: step, done, failed', {
      parameters: [task, LAST_EVENT],
      responses: { ...events, default: PROBLEM },
    }),
    '/api/outputs/{output}': get('output_bytes', 'The bytes of an output', {
      parameters: [output, width, header('Range', 'one range of bytes')],
      responses: {
        200: { description: 'all of it', content: { '*/*': {} } },
        206: { description: 'a part', content: { '*/*': {} } },
        default: PROBLEM,
      },
    }),
    '/api/session': get('session', 'Who you are here, and where HEAD is', {
      responses: answers(await jsonSchema(session, 'output')),
    }),
    '/api/session/link': {
      post: {
        operationId: 'session_link',
        summary: 'Make a link that opens one session of a browser',
        'x-cwf-scope': 'admin',
        responses: answers({ type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }),
      },
    },
    '/api/openapi.json': get('openapi', 'This document', { responses: answers(object) }),
  };
}

function answers(schema: Doc): Doc {
  return { 200: answer('done', schema), default: PROBLEM };
}

function answer(description: string, schema: Doc): Doc {
  return { description, headers: HEAD_HEADER, content: { 'application/json': { schema } } };
}

function bodyOf(schema: Doc): Doc {
  return { ...schema, properties: { ...(schema['properties'] as Doc), expected_head: EXPECTED_HEAD } };
}

function header(name: string, description: string, more: Doc = {}): Doc {
  return { name, in: 'header', description, schema: { type: 'string', ...more } };
}

function operationId(name: string): string {
  return name.replaceAll(/[ -]/g, '_');
}

async function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): Promise<Doc> {
  const { z } = await import('zod');
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Doc;
  return rest;
}
