import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { verbRoutes } from '../../server/routes.ts';
import { type Served, serve } from '../../server/serve.ts';
import { VERBS } from '../../src/porcelain/index.ts';
import { readServer } from '../../src/porcelain/server-file.ts';
import { apiGraph, apiWith } from '../porcelain/samples.ts';
import { ENV, tempRepo } from '../porcelain/temp.ts';
import { inputOf, type JsonSchema } from './from-schema.ts';
import { served } from './served.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>; readonly $ref?: string }
    >
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Problem: JsonSchema } };
}

/** Requests for each operation; more with CWF_FUZZ_RUNS. */
const RUNS = Number(process.env['CWF_FUZZ_RUNS'] ?? 15);

describe('GET /api/openapi.json [SV-1, SV-4]', () => {
  it('has every verb but those that start programs, and every route that there is', async () => {
    const server = await served();
    const { paths, openapi } = (await server.get('/api/openapi.json')).body as Document;
    expect(openapi).toBe('3.1.0');
    const verbs = Object.keys(VERBS).filter((name) => name !== 'bisect run');
    expect((await verbRoutes()).map(({ name }) => name).sort()).toEqual(verbs.sort());
    for (const name of verbs) expect(paths).toHaveProperty([`/api/${name.replaceAll(' ', '/')}`]);
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, methods] of Object.entries(paths)) {
      const concrete = path.replace(/\{(task|run)\}/, '0123456789abcdef01234567').replace('{output}', 'abcd');
      for (const method of ['get', 'post']) {
        if (path === '/api/events') continue;
        const { status } = await (method === 'get' ? server.get(concrete) : server.post(concrete, { nope: 1 }));
        if (method in methods) expect(status, `${method} ${path}`).not.toBe(405);
        else expect([405, 404], `${method} ${path}`).toContain(status);
      }
    }
  }, 60_000);
});

describe('requests made from that document', () => {
  let server: Served;
  let token: string;
  let document: Document;
  const operations: { readonly name: string; readonly path: string; readonly method: string }[] = [];
  beforeAll(async () => {
    const temp = await tempRepo({ 'ok.json': apiGraph(), 'sub/b.json': apiWith('3', 'steps', 9) });
    const { commit } = await import('../../src/porcelain/commit.ts');
    await commit.run(temp.ctx, { message: 'first' });
    server = await serve({
      cwd: temp.dir,
      env: ENV,
      version: '0',
      port: 0,
      log: (line) => void process.stderr.write(`${line}\n`),
    });
    token = readServer(temp.ctx.repo)!.token;
    document = (await (
      await fetch(`${server.url}/api/openapi.json`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as Document;
    for (const [path, methods] of Object.entries(document.paths))
      for (const method of Object.keys(methods))
        if (!/events$/.test(path)) operations.push({ name: `${method} ${path}`, path, method });
  });
  afterAll(() => server.close?.());

  it(
    'never fail in the server, and are answered as it says [SV-2, SV-26]',
    async () => {
      const problem = z.fromJSONSchema(document.components.schemas.Problem as never);
      for (const { path, method, name } of operations) {
        const operation = document.paths[path]![method]!;
        const body = operation.requestBody?.content['application/json'].schema;
        const query = Object.fromEntries(
          (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name, schema }) => [name, schema]),
        );
        const required = (operation.parameters ?? [])
          .filter((one) => one.in === 'query' && one.required)
          .map(({ name }) => name);
        const input = inputOf(body ?? { type: 'object', properties: query, required });
        const answered = (operation.responses['200'] ?? operation.responses['202'])?.content?.['application/json']
          ?.schema;
        const answers = answered === undefined ? z.any() : z.fromJSONSchema(answered as never);
        await fc.assert(
          fc.asyncProperty(input, async (given) => {
            const { status, value } = await send(path, method, given, body !== undefined);
            const text = `${name} ${JSON.stringify(given)?.slice(0, 400)} -> ${status} ${JSON.stringify(value)?.slice(0, 400)}`;
            expect(status, text).toBeLessThan(500);
            const read = status < 300 ? answers.safeParse(value) : problem.safeParse(value);
            expect(read.error?.issues ?? [], text).toEqual([]);
            if (status >= 300) expect((value as { status: number }).status).toBe(status);
          }),
          { numRuns: RUNS, endOnFailure: true },
        );
      }
    },
    30_000 + RUNS * 10_000,
  );

  async function send(
    path: string,
    method: string,
    given: unknown,
    hasBody: boolean,
  ): Promise<{ status: number; value: unknown }> {
    const url = new URL(path.replace(/\{\w+\}/, '0123456789abcdef01234567'), server.url);
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (hasBody) headers['content-type'] = 'application/json';
    else if (typeof given === 'object' && given !== null)
      for (const [name, value] of Object.entries(given))
        for (const one of Array.isArray(value) ? value : [value])
          url.searchParams.append(name, typeof one === 'string' ? one.replaceAll('\0', '') : JSON.stringify(one));
    if (url.search.length > 16_000) url.search = '';
    const response = await fetch(url, {
      method: method.toUpperCase(),
      headers,
      ...(hasBody ? { body: JSON.stringify(given) ?? 'null' } : {}),
    });
    return { status: response.status, value: await response.json() };
  }
});
