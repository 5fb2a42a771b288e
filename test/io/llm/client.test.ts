import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CwfError } from '../../../src/base/errors.ts';
import { type ClientOptions, openClient } from '../../../src/io/llm/client.ts';
import type { CompletionRequest } from '../../../src/io/llm/completion.ts';
import { answers, type Behaviour, type FakeServer, fails, fakeServer, hangs, sends, streams } from './fake-server.ts';

const KEY = 'sk-test-0123456789abcdefghij';
const REQUEST: CompletionRequest = {
  model: 'small',
  messages: [
    { role: 'system', content: 'rules' },
    { role: 'user', content: 'data' },
  ],
  max_tokens: 64,
  schema: { name: 'edits', schema: { type: 'object' } },
};

const servers: FakeServer[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...behaviours: Behaviour[]): Promise<FakeServer> {
  const server = await fakeServer(...behaviours);
  servers.push(server);
  return server;
}

/** Asks and waits for nothing between attempts; the waits are told. */
function clientOf(server: { url: string }, options: Partial<ClientOptions> = {}, waits: number[] = []) {
  return openClient({ url: server.url, key: KEY, timeout_s: 5, sleep: async (ms) => void waits.push(ms), ...options });
}

async function errorOf(promise: Promise<unknown>): Promise<CwfError> {
  const error = await promise.then(
    () => undefined,
    (one: unknown) => one,
  );
  expect(error).toBeInstanceOf(CwfError);
  // Whatever went wrong, the key is not told. [LM-3]
  const cause = (error as CwfError).cause;
  expect(JSON.stringify(error) + (error as CwfError).stack + String(cause)).not.toContain(KEY);
  return error as CwfError;
}

describe('a question', () => {
  test('is one request with the key, the schema and no word about this machine [LM-3]', async () => {
    vi.stubEnv('OPENAI_ORG_ID', 'org-of-the-user');
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-secret: of the user');
    const server = await serve(answers('{"repairs":[]}'));
    expect(await clientOf(server)(REQUEST)).toEqual({
      text: '{"repairs":[]}',
      usage: { prompt_tokens: 100, completion_tokens: 20, estimated: false },
      model: 'fake-1',
      finish: 'stop',
    });
    const [asked] = server.asked;
    expect(asked).toMatchObject({ path: '/v1/chat/completions', method: 'POST' });
    expect(asked!.body).toEqual({
      model: 'small',
      messages: REQUEST.messages,
      stream: false,
      max_tokens: 64,
      temperature: 0,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'edits', schema: { type: 'object' }, strict: true },
      },
    });
    expect(asked!.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(Object.keys(asked!.headers).filter((name) => /openai|stainless|secret/.test(name))).toEqual([]);
  });

  test('goes without a key where none is configured, whatever the environment holds [LM-3]', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-of-the-user');
    const server = await serve(answers('x'));
    await clientOf(server, { key: undefined })(REQUEST);
    expect(server.asked[0]!.headers.authorization).toBeUndefined();
  });

  test('is asked in the words the server knows, and the next one at once', async () => {
    const server = await serve(
      fails(400, { message: "'response_format' of type 'json_schema' is not supported" }),
      fails(400, { message: 'unknown: response_format' }),
      fails(400, { message: "Unsupported parameter: 'max_tokens'", param: 'max_tokens' }),
      fails(422, { message: 'only 1 is supported', param: 'temperature' }),
      answers('x'),
    );
    const complete = clientOf(server);
    expect((await complete(REQUEST)).text).toBe('x');
    expect((await complete(REQUEST)).text).toBe('x');
    expect(server.asked).toHaveLength(6);
    const [, second] = server.asked;
    expect(second!.body.response_format).toEqual({ type: 'json_object' });
    for (const { body } of server.asked.slice(4))
      expect(body).toEqual({
        model: 'small',
        messages: REQUEST.messages,
        stream: false,
        max_completion_tokens: 64,
      });
  });

  test.each([
    ['absent', {}],
    ['a lie', { usage: { prompt_tokens: -5, completion_tokens: '7' } }],
    ['nothing', { usage: { prompt_tokens: 0, completion_tokens: 0 } }],
  ])('is counted by its length when the usage is %s [LM-6]', async (_what, usage) => {
    const server = await serve(answers('12345', { usage: undefined, ...usage }));
    const { usage: counted } = await clientOf(server)(REQUEST);
    expect(counted.estimated).toBe(true);
    expect(counted.prompt_tokens).toBeGreaterThan(0);
    expect(counted.completion_tokens).toBe(2);
  });
});

describe('a server that fails [LM-5]', () => {
  test.each([
    [401, 'LLM_DENIED', 10],
    [403, 'LLM_DENIED', 10],
    [402, 'LLM_RATE_LIMITED', 6],
    [404, 'LLM_REFUSED', 6],
    [400, 'LLM_REFUSED', 6],
    [418, 'LLM_REFUSED', 6],
  ])('status %i is %s at once, exit %i', async (status, code, exit) => {
    const server = await serve(fails(status, { message: `bad key ${KEY} \u001b[31m` }));
    const error = await errorOf(clientOf(server)(REQUEST));
    expect(error).toMatchObject({ code, exit });
    expect(error.message).toContain(new URL(server.url).host);
    expect(error.message).not.toContain('\u001b');
    expect(server.asked).toHaveLength(1);
  });

  test.each([
    [429, 'LLM_RATE_LIMITED'],
    [500, 'LLM_UNREACHABLE'],
    [503, 'LLM_UNREACHABLE'],
    [408, 'LLM_UNREACHABLE'],
  ])('status %i is asked 3 times, waiting longer each time, then is %s', async (status, code) => {
    const waits: number[] = [];
    const server = await serve(fails(status));
    expect((await errorOf(clientOf(server, {}, waits)(REQUEST))).code).toBe(code);
    expect(server.asked).toHaveLength(3);
    expect(waits).toEqual([500, 1000]);
  });

  test('that comes back is a good server, and its wish to wait is heard', async () => {
    const waits: number[] = [];
    const server = await serve(fails(503), fails(429, { message: 'slowly' }, { 'retry-after': '2' }), answers('x'));
    expect((await clientOf(server, {}, waits)(REQUEST)).text).toBe('x');
    expect(waits).toEqual([500, 2000]);
  });

  test('a wait that the deadline does not leave is not begun; nor is one for credit that is spent', async () => {
    const waits: number[] = [];
    const server = await serve(
      fails(429, { message: 'tomorrow' }, { 'retry-after': '86400' }),
      fails(429, { message: 'pay', code: 'insufficient_quota' }),
    );
    const complete = clientOf(server, {}, waits);
    expect((await errorOf(complete(REQUEST))).code).toBe('LLM_RATE_LIMITED');
    expect((await errorOf(complete(REQUEST))).message).toContain('pay');
    expect(waits).toEqual([]);
    expect(server.asked).toHaveLength(2);
  });

  test.each<[string, Behaviour, RegExp]>([
    ['a page', sends('<!doctype html><title>login</title>', 'text/html'), /HTML/],
    ['a stream of events', sends('data: {"choices":[]}\n\n', 'text/event-stream'), /stream/],
    ['text', sends('hello', 'text/plain'), /not JSON/],
    ['half of a JSON text', sends('{"choices":[{"mess'), /no JSON/],
    ['nothing', sends('', 'application/json', 204), /no choices/],
    ['a list', sends('[1,2]'), /no choices/],
    ['null', sends('null'), /no choices/],
    ['choices that are no list', sends('{"choices":{"0":{}}}'), /no choices/],
    ['a choice without text', sends('{"choices":[{"message":{"content":null,"tool_calls":[]}}]}'), /no text/],
    ['inherited names', sends('{"__proto__":{"choices":[{"message":{"content":"x"}}]}}'), /no choices/],
    ['deep nesting', sends(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), /no choices/],
    ['10 MB', sends(JSON.stringify({ choices: [{ message: { content: 'x'.repeat(10_000_000) } }] })), /longer than/],
    ['an endless answer', streams('x'.repeat(65_536)), /longer than/],
    ['another address', (response) => void response.writeHead(307, { location: 'http://x/' }).end(), /another address/],
  ])('%s is no answer', async (_what, behaviour, reason) => {
    const server = await serve(behaviour);
    const error = await errorOf(clientOf(server)(REQUEST));
    expect(error).toMatchObject({ code: 'LLM_ANSWER_INVALID', exit: 6 });
    expect(error.message).toMatch(reason);
    expect(server.asked).toHaveLength(1);
  });

  test.each<[string, Behaviour]>([
    ['hangs', hangs],
    ['sends a byte now and then', streams(' ', 20)],
  ])('one that %s is left when the time is over, with its repetitions', async (_what, behaviour) => {
    const server = await serve(behaviour);
    const error = await errorOf(clientOf(server, { timeout_s: 0.2 })(REQUEST));
    expect(error).toMatchObject({ code: 'LLM_UNREACHABLE', exit: 6 });
    expect(error.message).toContain('no answer in time');
    expect(server.asked).toHaveLength(1);
  });

  test('nobody there: the address and the reason of the system are told', async () => {
    const free = createServer();
    await new Promise<void>((ready) => free.listen(0, '127.0.0.1', ready));
    const { port } = free.address() as { port: number };
    await new Promise((closed) => free.close(closed));
    const error = await errorOf(clientOf({ url: `http://127.0.0.1:${port}/v1` })(REQUEST));
    expect(error).toMatchObject({ code: 'LLM_UNREACHABLE', exit: 6 });
    expect(error.message).toMatch(/127\.0\.0\.1:\d+: no answer: .*ECONNREFUSED/);
  });
});
