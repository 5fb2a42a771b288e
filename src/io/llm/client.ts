/**
 * The client of an OpenAI-compatible endpoint (`POST <url>/chat/completions`). One question is one call of the returned
 * function, with a deadline that covers everything below:
 *
 *   ask -> answer
 *    |  -> 400 that names a parameter: ask again without it, or with its other name; remembered for later questions
 *    |  -> 408, 429, 5xx, no connection: wait, ask again, 3 times at most
 *    '  -> anything else: a typed error (failure.ts)
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { OpenAI } from 'openai';
import { boundedFetch } from './bounded-fetch.ts';
import type { Complete, Completion, CompletionRequest } from './completion.ts';
import { type Failure, failureOf, readFailure } from './failure.ts';
import { readCompletion } from './read-completion.ts';

/** Which endpoint, and how long to wait for it. */
export interface ClientOptions {
  /** Base URL, up to and with the version: `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  /** Sent as a bearer token; absent for servers that want none. */
  readonly key?: string;
  /** Seconds that one question may take, with all its repetitions. */
  readonly timeout_s: number;
  /** Waits so many milliseconds between two attempts; replaced in tests. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Parameters that servers disagree about; each is given up for the client's lifetime once a server refuses it. */
interface Dialect {
  schema: 'json_schema' | 'json_object' | 'none';
  limit: 'max_tokens' | 'max_completion_tokens';
  temperature: boolean;
}

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming;

const ATTEMPTS = 3;
const FIRST_WAIT_MS = 500;

/**
 * A function that asks the endpoint. Throws LLM_UNREACHABLE, LLM_DENIED, LLM_RATE_LIMITED, LLM_REFUSED or
 * LLM_ANSWER_INVALID; the key is in none of them.
 */
export function openClient(options: ClientOptions): Complete {
  const dialect: Dialect = { schema: 'json_schema', limit: 'max_tokens', temperature: true };
  const sleep = options.sleep ?? ((ms, signal) => wait(ms, undefined, { signal }));
  return async (request) => {
    const signal = AbortSignal.timeout(options.timeout_s * 1000);
    const endsAt = performance.now() + options.timeout_s * 1000;
    for (let attempt = 1; ; ) {
      const body = bodyOf(request, dialect);
      const answer = await ask(options, body, request, signal);
      if (!('status' in answer)) return answer;
      if (adapt(dialect, answer, request)) continue;
      const pause = answer.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      const isLate = signal.aborted || performance.now() + pause >= endsAt;
      if (!answer.isPassing || attempt >= ATTEMPTS || isLate) throw failureOf(answer, options);
      attempt++;
      // The deadline may pass while we wait; the next attempt then says so.
      await sleep(pause, signal).catch(() => undefined);
    }
  };
}

/** One HTTP request: what came back, or what went wrong, for the caller to judge. */
async function ask(
  options: ClientOptions,
  body: Body,
  request: CompletionRequest,
  signal: AbortSignal,
): Promise<Completion | Failure> {
  const { OpenAI, APIError } = await import('openai');
  const client = new OpenAI({
    baseURL: options.url,
    // Everything the package would otherwise take from environment variables is said here.
    apiKey: options.key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    ...(options.key === undefined ? { defaultHeaders: { authorization: null } } : {}),
    maxRetries: 0,
    timeout: options.timeout_s * 1000 + 1000,
    fetch: boundedFetch,
  });
  try {
    return readCompletion(await client.chat.completions.create(body, { signal }), request, new URL(options.url).host);
  } catch (error) {
    return readFailure(error, APIError, signal.aborted);
  }
}

function bodyOf(request: CompletionRequest, dialect: Dialect): Body {
  return {
    model: request.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: false,
    [dialect.limit]: request.max_tokens,
    ...(dialect.temperature ? { temperature: 0 } : {}),
    ...(request.schema === undefined ? {} : responseFormat(request.schema, dialect)),
  };
}

function responseFormat(schema: NonNullable<CompletionRequest['schema']>, dialect: Dialect): Partial<Body> {
  if (dialect.schema === 'none') return {};
  if (dialect.schema === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } };
}

/** Gives up what the server says it does not know; false when it named nothing that can be given up any more. */
function adapt(dialect: Dialect, { status, reason }: Failure, request: CompletionRequest): boolean {
  if (status !== 400 && status !== 422) return false;
  if (/response_format|json_schema|json_object/.test(reason) && request.schema && dialect.schema !== 'none') {
    dialect.schema = dialect.schema === 'json_schema' ? 'json_object' : 'none';
    return true;
  }
  if (/max_tokens/.test(reason) && dialect.limit === 'max_tokens') {
    dialect.limit = 'max_completion_tokens';
    return true;
  }
  if (/temperature/.test(reason) && dialect.temperature) {
    dialect.temperature = false;
    return true;
  }
  return false;
}
