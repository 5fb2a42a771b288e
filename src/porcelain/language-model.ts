import { CwfError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Completion, CompletionRequest, Message } from '../io/llm/completion.ts';
import { readIndex } from '../io/repo/git-index.ts';
import type { Oid, Transaction } from '../io/repo/repo.ts';
import { isApiUrl, type LlmConfig } from './config.ts';
import type { Context } from './context.ts';
import { withoutSecrets } from './secrets.ts';

/** One question that was asked and what came back. */
export interface Exchange {
  /** The sha256 of the request, as in recordings. */
  readonly id: string;
  readonly request: CompletionRequest;
  readonly answer: Completion;
}

/** The configured language model, for one command. */
export interface LanguageModel {
  readonly name: string;
  /** Asks with all secrets taken out. Throws LLM_BUDGET, and the other LLM errors of `io/llm`. */
  ask(question: Question): Promise<Exchange>;
  /** Tokens spent so far. */
  spent(): number;
}

/** What is asked: the rules, the data, and what the answer should look like. */
export interface Question {
  readonly system: string;
  readonly user: string;
  readonly schema?: CompletionRequest['schema'];
  /** Values that must not be sent, beside all that look like secrets. */
  readonly secrets?: readonly string[];
}

/**
 * The language model of `.cwfrc`. With CWF_LLM_REPLAY=<folder> every answer comes from recordings there and no server is
 * asked; with CWF_LLM_RECORD=<folder> every exchange is kept there. CWF_LLM_URL goes before `llm.url`. Throws
 * LLM_NOT_CONFIGURED, LLM_UNTRUSTED or LLM_KEY_MISSING.
 */
export async function openLanguageModel(ctx: Context): Promise<LanguageModel> {
  const { llm } = ctx.config;
  if (llm === null) throw new CwfError('LLM_NOT_CONFIGURED');
  const { exchangeId } = await import('../io/llm/recorded.ts');
  const { withBudget } = await import('../io/llm/budget.ts');
  const { complete, spent } = withBudget(await completionOf(ctx, llm), llm.budget_tokens);
  return {
    name: llm.model,
    spent,
    ask: async ({ system, user, schema, secrets }) => {
      const messages: Message[] = [
        { role: 'system', content: system },
        { role: 'user', content: withoutSecrets(user, secrets) },
      ];
      const request = { model: llm.model, messages, max_tokens: llm.max_tokens, ...(schema ? { schema } : {}) };
      return { id: exchangeId(request), request, answer: await complete(request) };
    },
  };
}

/** Notes on a commit which exchanges led to it (refs/notes/cwf/llm), in the transaction that makes the commit. */
export function noteExchanges(ctx: Context, tx: Transaction, commit: Oid, exchanges: readonly Exchange[]): void {
  const notes = ctx.repo.notes('llm');
  for (const { id, request, answer } of exchanges) {
    const fact: JsonObject = {
      actor: ctx.actor,
      time: Math.floor(ctx.now() / 1000),
      request: id,
      model: answer.model,
      messages: request.messages.map(({ role, content }) => ({ role, content })),
      answer: answer.text,
      usage: { ...answer.usage },
    };
    notes.add(tx, commit, fact);
  }
}

async function completionOf(
  ctx: Context,
  llm: LlmConfig,
): Promise<(request: CompletionRequest) => Promise<Completion>> {
  const { recording, replaying } = await import('../io/llm/recorded.ts');
  const replayed = ctx.env['CWF_LLM_REPLAY'];
  if (replayed) return replaying(replayed);
  const url = await endpointOf(ctx, llm);
  const key = llm.key_env === null ? undefined : ctx.env[llm.key_env]?.trim();
  if (llm.key_env !== null && !key)
    throw new CwfError('LLM_KEY_MISSING', { variable: llm.key_env, host: new URL(url).host });
  const { openClient } = await import('../io/llm/client.ts');
  const complete = openClient({ url, timeout_s: llm.timeout_s, ...(key === undefined ? {} : { key }) });
  const recorded = ctx.env['CWF_LLM_RECORD'];
  return recorded ? recording(complete, recorded) : complete;
}

/**
 * Where questions go. A `.cwfrc` under version control may be a stranger's, who would have workflows and the key of an
 * environment variable sent to a server of theirs: an address in it counts only where it stays on this machine, or
 * where CWF_LLM_URL, which no clone brings along, says the same.
 */
async function endpointOf(ctx: Context, llm: LlmConfig): Promise<string> {
  const own = ctx.env['CWF_LLM_URL'];
  if (own) {
    if (isApiUrl(own)) return own;
    throw new CwfError('CONFIG_INVALID', { source: 'CWF_LLM_URL', reason: 'an http or https address is needed' });
  }
  if (isLoopback(llm.url) || !(await isTracked(ctx, '.cwfrc'))) return llm.url;
  throw new CwfError('LLM_UNTRUSTED', { url: llm.url });
}

function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}

async function isTracked({ repo }: Context, file: string): Promise<boolean> {
  if (readIndex(repo.gitDir)?.has(file)) return true;
  const head = await repo.head();
  return head.oid !== undefined && (await repo.listTree((await repo.readCommit(head.oid)).tree)).has(file);
}
